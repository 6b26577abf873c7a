// How OT Commerce's answers read: the envelope, and which rows each call gives. The rows are in OTRows.swift.

import ParcelCore

/// What the envelope says.
enum OTFailure: Error {
    case sessionExpired
    case notFound(Said)
    case accessDenied(Said)
    case clock
    case refused(code: String, Said)
    case other(PollError)

    struct Said {
        /// With the second code behind it, where there is one.
        var code: String
        var words: String
    }

    /// - Parameter atLogin: A login that is denied in a documented way needs a person, not another try in a minute.
    func meaning(atLogin: Bool, hiding secrets: [Secret?]) -> PollError {
        switch self {
        case .sessionExpired: .unreachable(reason: "the session ends as soon as it begins")
        case .clock: .clock(reason: "the shop says that our clock is wrong")
        case .accessDenied(let said): .authentication(reason: told(said.words, code: said.code, hiding: secrets))
        case .notFound(let said) where atLogin:
            .authentication(reason: told(said.words, code: said.code, hiding: secrets))
        case .refused("ValidationError", let said) where atLogin:
            .authentication(reason: told(said.words, code: said.code, hiding: secrets))
        case .notFound(let said), .refused(_, let said):
            .refused(reason: told(said.words, code: said.code, hiding: secrets))
        case .other(let error): error
        }
    }
}

enum OTWire {
    enum Read {
        case snapshot(Snapshot)
        case rejected(Rejected)

        var key: String? {
            switch self {
            case .snapshot(let snapshot): snapshot.id.key
            case .rejected(let rejected): rejected.id?.key
            }
        }
    }

    struct Page {
        var rows: [Read]
        var total: Int?
        var isWhole: Bool
    }

    struct Details {
        /// Nil where the order itself could not be read.
        var id: String?
        var rows: [Read]
        var lines: [OTLine]
        var isWhole: Bool
    }

    private struct Payload<Result: Decodable>: Decodable { var Result: Result }

    private struct PageContent<Element: OTRow>: Decodable {
        var Content: Rows<Element>?
        var TotalCount: Whole?
    }

    /// Read in one go, the error before the payload.
    private struct Answer<Value: Decodable>: Decodable {
        private enum Keys: String, CodingKey { case ErrorCode, ErrorDescription, SubErrorCode }

        let failure: OTFailure?
        let isWhole: Bool
        let value: Value?

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Keys.self)
            guard container.contains(.ErrorCode) else { throw ForeignAnswer() }
            let code = try container.decode(String.self, forKey: .ErrorCode)
            // "BatchError" is partly done: usable, and no proof of what is absent.
            isWhole = code == "Ok"
            if isWhole || code == "BatchError" {
                failure = nil
                value = try Value(from: decoder)
                return
            }
            let sub = try container.decodeIfPresent(Loose.self, forKey: .SubErrorCode)?.filled
            let description = try container.decodeIfPresent(Loose.self, forKey: .ErrorDescription)?.filled
            let codes = [code, sub].compactMap { $0.flatMap(errorCode) }
            let said = OTFailure.Said(code: codes.joined(separator: "/"), words: description ?? "")
            value = nil
            switch code {
            case "SessionExpired": failure = .sessionExpired
            case "NotFound": failure = .notFound(said)
            case "AccessDenied" where sub == "InvalidTimestamp": failure = .clock
            case "AccessDenied", "InstanceKeyBan": failure = .accessDenied(said)
            default: failure = .refused(code: code, said)
            }
        }
    }

    private static func read<Value: Decodable>(
        _ type: Value.Type, _ body: [UInt8]
    ) throws(OTFailure) -> (value: Value, isWhole: Bool) {
        let answer: Answer<Value>
        do throws(PollError) {
            answer = try decode(Answer<Value>.self, from: body)
        } catch {
            throw .other(error)
        }
        if let failure = answer.failure { throw failure }
        guard let value = answer.value else { throw .other(.malformed(field: "Result")) }
        return (value, answer.isWhole)
    }

    /// The id of a session comes wrapped or bare, under a name of its own.
    static func session(_ body: [UInt8]) throws(OTFailure) -> Secret {
        struct Wrapper: Decodable { var Value: Name }
        struct Login: Decodable {
            private enum Keys: String, CodingKey { case SessionId, Result }

            let id: String

            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: Keys.self)
                let key: Keys = container.contains(.Result) && !container.contains(.SessionId) ? .Result : .SessionId
                if let bare = try? container.decode(String.self, forKey: key), !bare.isEmpty {
                    id = bare
                } else {
                    id = try container.decode(Wrapper.self, forKey: key).Value.text
                }
            }
        }
        return Secret(try read(Login.self, body).value.id)
    }

    static func orderStatuses(_ body: [UInt8]) throws(OTFailure) -> [String] {
        struct Status: Decodable { var Id: Name }
        return try read(Payload<List<Status>>.self, body).value.Result.elements.map(\.Id.text)
    }

    static func orders(_ body: [UInt8]) throws(OTFailure) -> Page { try page(OTOrder.self, body) }

    static func lines(_ body: [UInt8]) throws(OTFailure) -> Page { try page(OTLine.self, body) }

    private static func page<Element: OTRow>(_ type: Element.Type, _ body: [UInt8]) throws(OTFailure) -> Page {
        let (payload, isWhole) = try read(Payload<PageContent<Element>>.self, body)
        var page = Page(rows: [], total: payload.Result.TotalCount?.value, isWhole: isWhole)
        for row in payload.Result.Content?.elements ?? [] { page.rows.append(read(row)) }
        return page
    }

    private static func read<Element: OTRow>(_ row: Row<Element>) -> Read {
        if let snapshot = row.element?.snapshot { return .snapshot(snapshot) }
        return .rejected(Rejected(id: row.id.map { ExternalID(Element.kind, $0) }, field: row.field))
    }

    static func details(_ body: [UInt8]) throws(OTFailure) -> Details {
        struct Content: Decodable {
            var SalesOrderInfo: Row<OTOrder>
            var SalesLinesList: Rows<OTLine>?
        }
        let (payload, isWhole) = try read(Payload<Content>.self, body)
        let (order, lines) = (payload.Result.SalesOrderInfo, payload.Result.SalesLinesList)
        return Details(
            id: order.element?.Id.text ?? order.id, rows: [read(order)] + (lines?.elements ?? []).map(read),
            lines: (lines?.elements ?? []).compactMap(\.element), isWhole: isWhole && lines?.elements.isEmpty == false)
    }

    static func packages(_ body: [UInt8], order: String, _ provider: OTCommerce) throws(OTFailure) -> Page {
        struct Content: Decodable { var Content: Rows<OTPackage>? }
        let (payload, isWhole) = try read(Payload<Content>.self, body)
        let rows = (payload.Result.Content?.elements ?? []).map { read($0, order, provider) }
        return Page(rows: rows, total: nil, isWhole: isWhole)
    }

    static func package(_ body: [UInt8], _ key: OTKey, _ provider: OTCommerce) throws(OTFailure) -> Read {
        let row = try read(Payload<Row<OTPackage>>.self, body).value.Result
        guard let element = row.element else {
            return .rejected(Rejected(id: ExternalID(.parcel, key.text), field: row.field))
        }
        guard element.Id.text == key.own else { throw .other(.malformed(field: "Result.Id")) }
        return .snapshot(element.snapshot(order: key.order, provider))
    }

    private static func read(_ row: Row<OTPackage>, _ order: String, _ provider: OTCommerce) -> Read {
        if let package = row.element { return .snapshot(package.snapshot(order: order, provider)) }
        let id = row.id.map { ExternalID(.parcel, OTKey(order: order, own: $0).text) }
        return .rejected(Rejected(id: id, field: row.field))
    }

    static func checkpoints(_ body: [UInt8]) throws(OTFailure) -> [Checkpoint] {
        struct Happening: Decodable {
            var Time: Loose?
            var Status: Loose?
            var Location: Loose?
        }
        struct Rows: Decodable { var Content: List<Happening>? }
        struct Tracking: Decodable { var PackageTrackingCheckpoints: Rows? }
        let tracking = try read(Payload<Tracking>.self, body).value.Result
        return (tracking.PackageTrackingCheckpoints?.Content?.elements ?? []).map {
            Checkpoint(
                time: givenTime($0.Time?.text), text: clipped($0.Status?.text ?? "", 500),
                place: clipped($0.Location?.text ?? "", 500))
        }
    }

    /// The order's log. Only entries that name a line and a status say something of a thing; a bad entry says nothing.
    static func past(_ body: [UInt8], order: String, _ lines: [OTLine]) throws(OTFailure) -> [PastStatus] {
        let entries = try read(Payload<Rows<OTLogEntry>>.self, body).value.Result.elements
        return entries.compactMap(\.element).flatMap { $0.past(of: lines) }
    }
}
