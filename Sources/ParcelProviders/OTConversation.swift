// How OT Commerce is asked: a session first, then the steps of each ask. Answers are read in OTWire.swift.

import ParcelCore

struct OTConversation: Conversation {
    private enum Step {
        case login
        case statuses
        case orders(from: Int)
        case lines(from: Int)
        case details
        case packages
        case package
        case tracking
        case log
    }

    private let provider: OTCommerce
    private let ask: Ask
    private let opening: Opening
    private var session: Secret?
    private var hasLoggedIn = false
    private var step: Step
    private var report = Report()
    private var statusFilter = ["10", "11", "20", "30", "31", "32", "36", "37", "38", "39"]
    private var seen: Set<ExternalID> = []
    private var rowCount = 0
    private var firstTotal: Int?
    private var isComplete = true

    init(provider: OTCommerce, ask: Ask, opening: Opening) {
        self.provider = provider
        self.ask = ask
        self.opening = opening
        session = opening.session
        step =
            switch ask.kind {
            case "packages": .packages
            case "package", "tracking": .package
            case "order": .details
            case "log": .log
            default: .statuses
            }
        resume = step
        if session == nil { step = .login }
    }

    /// Where to go on after a login.
    private var resume: Step

    mutating func next(_ answer: HTTPResponse?) throws(PollError) -> Turn {
        guard let answer else { return .send(request()) }
        try requireOK(answer, now: opening.now)
        do throws(OTFailure) {
            return try take(answer)
        } catch {
            // The session's life is not documented: log in again, once in a conversation.
            if case .sessionExpired = error, !hasLoggedIn {
                resume = step
                step = .login
                return .send(request())
            }
            return try recover(from: error)
        }
    }

    /// Some failures only mean that there is nothing of that kind.
    private mutating func recover(from failure: OTFailure) throws(PollError) -> Turn {
        switch (failure, step) {
        case (.notFound, .details):
            report.notFound = [ExternalID(.order, ask.key)]
            return done()
        case (.notFound, .package):
            report.notFound = [ExternalID(.parcel, ask.key)]
            return done()
        case (.notFound, .tracking), (.notFound, .log), (.notFound, .packages): return done()
        case (.refused, .statuses):
            step = .orders(from: 0)
            return .send(request())
        default: throw failure.meaning
        }
    }

    private mutating func done() -> Turn {
        report.session = session
        return .done(report)
    }

    private mutating func take(_ answer: HTTPResponse) throws(OTFailure) -> Turn {
        switch step {
        case .login:
            session = try OTWire.session(answer.body)
            hasLoggedIn = true
            step = resume
        case .statuses:
            let ids = try OTWire.orderStatuses(answer.body).filter { !["40", "50", "-1"].contains($0) }
            if !ids.isEmpty { statusFilter = ids }
            step = .orders(from: 0)
        case .orders(let offset):
            let page = try OTWire.orders(answer.body)
            if let next = advance(page.total, page.rows, from: offset) {
                step = .orders(from: next)
            } else {
                closeList(.order)
                step = .lines(from: 0)
            }
        case .lines(let offset):
            let page = try OTWire.lines(answer.body)
            if let next = advance(page.total, page.rows, from: offset) {
                step = .lines(from: next)
            } else {
                closeList(.item)
                return done()
            }
        case .details:
            let rows = try OTWire.details(answer.body)
            for row in rows { keep(row) }
            if isComplete { report.complete = [.items(ofOrder: ExternalID(.order, ask.key))] }
            return done()
        case .packages:
            for row in try OTWire.packages(answer.body, order: ask.key, provider) { keep(row) }
            report.complete = [.parcels(ofOrder: ExternalID(.order, ask.key))]
            return done()
        case .package:
            for row in try OTWire.package(answer.body, provider) { keep(row) }
            guard ask.kind == "tracking", !report.snapshots.isEmpty else { return done() }
            step = .tracking
            report.snapshots[0].checkpoints = []
            report.snapshots[0].confirms = true
        case .tracking:
            report.snapshots[0].checkpoints = try OTWire.checkpoints(answer.body)
            return done()
        case .log:
            report.past = try OTWire.past(answer.body, order: ask.key)
            return done()
        }
        return .send(request())
    }

    private mutating func keep(_ row: OTWire.Read) {
        switch row {
        case .snapshot(let snapshot): if seen.insert(snapshot.id).inserted { report.snapshots.append(snapshot) }
        case .rejected(let rejected):
            report.rejected.append(rejected)
            isComplete = isComplete && rejected.id != nil
        }
    }

    /// Takes a page. Nil when the list has been read to its end.
    private mutating func advance(_ total: Int, _ rows: [OTWire.Read], from offset: Int) -> Int? {
        // Rows that come or go between two pages shift the others: then the pass proves nothing about absence.
        if let firstTotal, firstTotal != total { isComplete = false }
        firstTotal = firstTotal ?? total
        for row in rows { keep(row) }
        rowCount += rows.count
        if rows.isEmpty || rowCount >= total { return nil }
        return offset + rows.count
    }

    private mutating func closeList(_ kind: ThingKind) {
        let known = seen.count { $0.kind == kind } + report.rejected.count { $0.id?.kind == kind }
        if isComplete, known >= firstTotal ?? 0 { report.complete.append(.all(kind, filtered: true)) }
        firstTotal = nil
        rowCount = 0
        isComplete = true
    }

    private func request() -> HTTPRequest {
        let call: (method: String, parameters: [String: String]) =
            switch step {
            case .login:
                (
                    "AuthenticateInstanceOperator",
                    ["userLogin": provider.login, "userPassword": provider.password.revealed]
                )
            case .statuses: ("GetOrderStatusList", [:])
            case .orders(let offset): ("SearchOrders", frame(offset, orderFilter))
            case .lines(let offset):
                (
                    "SearchOrderLines",
                    frame(offset, "<OrderLineSearchParameters>\(orderFilter)</OrderLineSearchParameters>")
                )
            case .details:
                ("GetSalesOrderDetailsForOperator", ["salesId": orderID, "filter": "", "queryType": "0"])
            case .packages: ("GetSalesPackageList", ["salesId": orderID])
            case .package: ("GetPackage", ["packageId": ask.key])
            case .tracking: ("GetPackageTrackingForOperator", ["packageId": ask.key])
            case .log: ("GetSalesProcessLog", ["salesId": orderID])
            }
        let isLogin = if case .login = step { true } else { false }
        return provider.request(
            call.method, call.parameters, session: isLogin ? nil : session, now: opening.now)
    }

    /// The order's id as the API gave it; the key of an ask about an order.
    private var orderID: String { ask.key }

    private var orderFilter: String {
        let ids = statusFilter.map { "<Id>\(xmlEscaped($0))</Id>" }.joined()
        return "<OrderSearchParameters><StatusIdList>\(ids)</StatusIdList><OrderBy>CreationDate:DESC</OrderBy>"
            + "</OrderSearchParameters>"
    }

    private func frame(_ offset: Int, _ filter: String) -> [String: String] {
        ["xmlSearchParameters": filter, "framePosition": String(offset), "frameSize": String(provider.frame)]
    }
}
