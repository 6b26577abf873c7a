// How OT Commerce's answers read. Only the members named here are decoded: people's names, addresses, phones and
// passports stay where they are.

import ParcelCore

/// What the envelope says.
enum OTFailure: Error {
    case sessionExpired
    case notFound
    case refused(String)
    case other(PollError)

    var meaning: PollError {
        switch self {
        case .sessionExpired: .authentication(reason: "the session ends as soon as it begins")
        case .notFound: .refused(reason: "NotFound")
        case .refused(let reason): .refused(reason: reason)
        case .other(let error): error
        }
    }
}

enum OTWire {
    enum Read {
        case snapshot(Snapshot)
        case rejected(Rejected)
    }

    private struct Envelope: Decodable {
        var ErrorCode: String
        var ErrorDescription: Loose?
        var SubErrorCode: Loose?
    }

    private struct Answer<Result: Decodable>: Decodable { var Result: Result }

    private static func read<Value: Decodable>(_ type: Value.Type, _ body: [UInt8]) throws(OTFailure) -> Value {
        do throws(PollError) {
            let envelope = try decode(Envelope.self, from: body)
            if let failure = failure(envelope) { throw failure.asPollError }
            return try decode(type, from: body)
        } catch {
            if case .refused(let reason) = error {
                if reason == "SessionExpired" { throw .sessionExpired }
                if reason == "NotFound" { throw .notFound }
                throw .refused(reason)
            }
            throw .other(error)
        }
    }

    private struct Failure {
        let asPollError: PollError
    }

    /// Nil for "Ok" and for "BatchError", which is partly done and still usable.
    private static func failure(_ envelope: Envelope) -> Failure? {
        let sub = envelope.SubErrorCode?.filled
        let reason = [envelope.ErrorCode, sub, envelope.ErrorDescription?.filled].compactMap(\.self).joined(
            separator: ", ")
        switch envelope.ErrorCode {
        case "Ok", "BatchError": return nil
        case "SessionExpired", "NotFound": return Failure(asPollError: .refused(reason: envelope.ErrorCode))
        case "AccessDenied" where sub == "InvalidTimestamp":
            return Failure(asPollError: .clock(reason: "the shop says that our clock is wrong"))
        case "AccessDenied", "InstanceKeyBan": return Failure(asPollError: .authentication(reason: reason))
        default: return Failure(asPollError: .refused(reason: reason))
        }
    }

    static func session(_ body: [UInt8]) throws(OTFailure) -> Secret {
        struct Wrapper: Decodable { var Value: Loose }
        struct Login: Decodable {
            var text: String?

            private enum Keys: String, CodingKey { case SessionId, Result }

            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: Keys.self)
                let key: Keys = container.contains(.SessionId) ? .SessionId : .Result
                if let wrapper = try? container.decode(Wrapper.self, forKey: key) {
                    text = wrapper.Value.filled
                } else {
                    text = try container.decode(Loose.self, forKey: key).filled
                }
            }
        }
        do throws(OTFailure) {
            guard let id = try read(Login.self, body).text else { throw .other(.malformed(field: "SessionId")) }
            return Secret(id)
        } catch {
            // A login that is refused for whatever reason needs a person, not another try in a minute.
            if case .refused(let reason) = error { throw .other(.authentication(reason: reason)) }
            if case .notFound = error { throw .other(.authentication(reason: "there is no such operator")) }
            throw error
        }
    }

    static func orderStatuses(_ body: [UInt8]) throws(OTFailure) -> [String] {
        struct Status: WireRow {
            var Id: Loose
            static func id(of probe: Loose) -> String? { nil }
        }
        return try read(Answer<Rows<Status>>.self, body).Result.elements.compactMap(\.Id.filled)
    }

    struct Page<Element: WireRow>: Decodable {
        var Content: Rows<Element>?
        var TotalCount: Int?
    }

    static func orders(_ body: [UInt8]) throws(OTFailure) -> (rows: [Read], total: Int) {
        try page(OTOrder.self, body) { ($0.snapshot, $0.Id) }
    }

    static func lines(_ body: [UInt8]) throws(OTFailure) -> (rows: [Read], total: Int) {
        try page(OTLine.self, body) { ($0.snapshot, $0.Id) }
    }

    private static func page<Element: OTRow>(
        _ type: Element.Type, _ body: [UInt8], _ make: (Element) -> (Snapshot, String)
    ) throws(OTFailure) -> (rows: [Read], total: Int) {
        let page = try read(Answer<Page<Element>>.self, body).Result
        let rows = reads(page.Content?.rows ?? [])
        return (rows, page.TotalCount ?? rows.count)
    }

    private static func reads<Element: OTRow>(_ rows: [Row<Element>]) -> [Read] {
        rows.map { row in
            if let snapshot = row.element?.snapshot { return .snapshot(snapshot) }
            return .rejected(Rejected(id: row.id.map { ExternalID(Element.kind, $0) }, field: row.field))
        }
    }

    static func details(_ body: [UInt8]) throws(OTFailure) -> [Read] {
        struct Details: Decodable {
            var SalesOrderInfo: Row<OTOrder>
            var SalesLinesList: Rows<OTLine>?
        }
        let details = try read(Answer<Details>.self, body).Result
        return reads([details.SalesOrderInfo]) + reads(details.SalesLinesList?.rows ?? [])
    }

    static func packages(_ body: [UInt8], order: String, _ provider: OTCommerce) throws(OTFailure) -> [Read] {
        struct Content: Decodable { var Content: Rows<OTPackage>? }
        let content = try read(Answer<Content>.self, body).Result
        return packageReads(content.Content?.rows ?? [], order: order, provider)
    }

    static func package(_ body: [UInt8], _ provider: OTCommerce) throws(OTFailure) -> [Read] {
        packageReads([try read(Answer<Row<OTPackage>>.self, body).Result], order: nil, provider)
    }

    private static func packageReads(_ rows: [Row<OTPackage>], order: String?, _ provider: OTCommerce) -> [Read] {
        rows.map { row in
            if let package = row.element { return .snapshot(package.snapshot(order: order, provider)) }
            return .rejected(Rejected(id: row.id.map { ExternalID(.parcel, $0) }, field: row.field))
        }
    }

    static func checkpoints(_ body: [UInt8]) throws(OTFailure) -> [Checkpoint] {
        struct Happening: WireRow {
            var Time: Loose?
            var Status: Loose?
            var Location: Loose?
            static func id(of probe: Loose) -> String? { nil }
        }
        struct List: Decodable { var Content: Rows<Happening>? }
        struct Tracking: Decodable { var PackageTrackingCheckpoints: List? }
        let list = try read(Answer<Tracking>.self, body).Result.PackageTrackingCheckpoints?.Content
        return (list?.elements ?? []).map {
            Checkpoint(time: givenTime($0.Time?.text), text: $0.Status?.text ?? "", place: $0.Location?.text ?? "")
        }
    }

    /// The order's log. Only entries that name a line and a status say something of a thing.
    static func past(_ body: [UInt8], order: String) throws(OTFailure) -> [PastStatus] {
        try read(Answer<Rows<OTLogEntry>>.self, body).Result.elements.compactMap { $0.past(order: order) }
    }
}
