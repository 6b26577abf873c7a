// How OT Commerce is asked: a session first, then the steps of each ask. Answers are read in OTWire.swift.

import ParcelCore

struct OTConversation: Conversation {
    private enum Step {
        case login, statuses
        case orders(from: Int)
        case lines(from: Int)
        case details, packages, package, tracking, log
    }

    private let provider: OTCommerce
    private let ask: Ask
    private let opening: Opening
    private var session: Secret?
    private var hasLoggedIn = false
    private var step: Step
    /// Where to go on after a login.
    private var resume: Step
    private var report = Report()
    /// Of the vendor's documentation; used where the site does not tell its own.
    private var activeStatuses = ["10", "11", "20", "30", "31", "32", "36", "37", "38", "39"]
    private var pass = ListPass()
    /// The lines that an order's log may name.
    private var lines: [OTLine] = []

    init(provider: OTCommerce, ask: Ask, opening: Opening) {
        self.provider = provider
        self.ask = ask
        self.opening = opening
        session = opening.session
        resume =
            switch ask.kind {
            case "packages": .packages
            case "package", "tracking": .package
            case "order", "log": .details
            default: .statuses
            }
        step = opening.session == nil ? .login : resume
    }

    mutating func next(_ answer: HTTPResponse?) throws(PollError) -> Turn {
        guard let answer else { return .send(request()) }
        try requireOK(answer, now: opening.now)
        do throws(OTFailure) {
            return try take(answer.body)
        } catch {
            return try recover(from: error)
        }
    }

    /// Some failures only mean that there is nothing of that kind.
    private mutating func recover(from failure: OTFailure) throws(PollError) -> Turn {
        switch (failure, step) {
        case (.sessionExpired, .login): break
        case (.sessionExpired, _) where !hasLoggedIn:
            // A session's life is not documented: log in again, once in a conversation.
            resume = step
            step = .login
            return .send(request())
        case (.notFound, .details) where ask.kind == "order":
            // What is not there has no items either.
            report.notFound = [ExternalID(.order, ask.key)]
            report.complete = [.items(ofOrder: ExternalID(.order, ask.key))]
            return done()
        case (.notFound, .package):
            report.notFound = [ExternalID(.parcel, ask.key)]
            return done()
        case (.notFound, .tracking):
            confirm(with: [])
            return done()
        case (.notFound, .log), (.notFound, .details), (.notFound, .packages): return done()
        case (.refused, .statuses), (.notFound, .statuses):
            step = .orders(from: 0)
            return .send(request())
        default: break
        }
        let isLogin = if case .login = step { true } else { false }
        throw failure.meaning(
            atLogin: isLogin, hiding: [provider.instanceKey, provider.secret, provider.password, session])
    }

    private mutating func done() -> Turn {
        report.session = session
        return .done(report)
    }

    private mutating func take(_ body: [UInt8]) throws(OTFailure) -> Turn {
        switch step {
        case .login:
            session = try OTWire.session(body)
            hasLoggedIn = true
            step = resume
        case .statuses:
            let ids = try OTWire.orderStatuses(body).filter { !["40", "50", "-1"].contains($0) }
            if !ids.isEmpty { activeStatuses = ids }
            step = .orders(from: 0)
        case .orders(let offset):
            if let next = advance(try OTWire.orders(body), from: offset, of: .order) {
                step = .orders(from: next)
            } else {
                step = .lines(from: 0)
            }
        case .lines(let offset):
            guard let next = advance(try OTWire.lines(body), from: offset, of: .item) else { return done() }
            step = .lines(from: next)
        case .details:
            let details = try OTWire.details(body)
            guard ask.kind == "log" else { return try settle(details) }
            lines = details.lines
            if lines.isEmpty { return done() }
            step = .log
        case .packages:
            keep(try OTWire.packages(body, order: ask.key, provider))
            return done()
        case .package:
            keep(try OTWire.package(body, OTKey(ask.key), provider))
            guard ask.kind == "tracking", !report.snapshots.isEmpty else { return done() }
            step = .tracking
        case .tracking:
            confirm(with: try OTWire.checkpoints(body))
            return done()
        case .log:
            report.past = try OTWire.past(body, order: ask.key, lines)
            return done()
        }
        return .send(request())
    }

    /// One order with its lines, asked for by its id.
    private mutating func settle(_ details: OTWire.Details) throws(OTFailure) -> Turn {
        guard details.id == nil || details.id == ask.key else {
            throw .other(.malformed(field: "Result.SalesOrderInfo.Id"))
        }
        for row in details.rows { keep(row) }
        // An answer without any line is no proof that all of them are gone.
        if details.isWhole { report.complete = [.items(ofOrder: ExternalID(.order, ask.key))] }
        return done()
    }

    private mutating func keep(_ packages: OTWire.Page) {
        for row in packages.rows { keep(row) }
        if packages.isWhole { report.complete = [.parcels(ofOrder: ExternalID(.order, ask.key))] }
    }

    /// The package and its checkpoints together would have shown any movement.
    private mutating func confirm(with checkpoints: [Checkpoint]) {
        report.snapshots[0].checkpoints = checkpoints
        report.snapshots[0].confirms = true
    }

    private mutating func keep(_ row: OTWire.Read) {
        switch row {
        case .snapshot(let snapshot): report.snapshots.append(snapshot)
        case .rejected(let rejected): report.rejected.append(rejected)
        }
    }

    /// Takes a page. Nil when the list has been read to its end.
    private mutating func advance(_ page: OTWire.Page, from offset: Int, of kind: ThingKind) -> Int? {
        pass.begin(total: page.isWhole ? page.total : nil)
        for row in page.rows where pass.insert(row.key) || row.key == nil { keep(row) }
        if !pass.isAtEnd { return offset + page.rows.count }
        if pass.isComplete { report.complete.append(.all(kind, filtered: true)) }
        pass = ListPass()
        return nil
    }

    private func request() -> HTTPRequest {
        var session = session
        let call: (method: String, parameters: [String: String])
        switch step {
        case .login:
            session = nil
            call = (
                "AuthenticateInstanceOperator",
                ["userLogin": provider.login, "userPassword": provider.password.revealed]
            )
        case .statuses: call = ("GetOrderStatusList", [:])
        case .orders(let offset): call = ("SearchOrders", frame(offset, orderFilter))
        case .lines(let offset):
            let filter = "<OrderLineSearchParameters>\(orderFilter)</OrderLineSearchParameters>"
            call = ("SearchOrderLines", frame(offset, filter))
        case .details:
            call = ("GetSalesOrderDetailsForOperator", ["salesId": ask.key, "filter": "", "queryType": "0"])
        case .packages: call = ("GetSalesPackageList", ["salesId": ask.key])
        case .package: call = ("GetPackage", ["packageId": OTKey(ask.key).own])
        case .tracking: call = ("GetPackageTrackingForOperator", ["packageId": OTKey(ask.key).own])
        case .log: call = ("GetSalesProcessLog", ["salesId": ask.key])
        }
        return provider.request(call.method, call.parameters, session: session, now: opening.now)
    }

    private var orderFilter: String {
        let ids = activeStatuses.map { "<Id>\(xmlEscaped($0))</Id>" }.joined()
        return "<OrderSearchParameters><StatusIdList>\(ids)</StatusIdList><OrderBy>CreationDate:DESC</OrderBy>"
            + "</OrderSearchParameters>"
    }

    private func frame(_ offset: Int, _ filter: String) -> [String: String] {
        ["xmlSearchParameters": filter, "framePosition": String(offset), "frameSize": String(provider.frame)]
    }
}
