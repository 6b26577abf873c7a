// The rows of OT Commerce's answers, and what their statuses mean. Line statuses are keyed by id: both 6 and 10 may
// read «Получен».

import ParcelCore

protocol OTRow: WireRow {
    static var kind: ThingKind { get }
    var snapshot: Snapshot { get }
}

struct OTProbe: Decodable {
    var Id: Loose
    var OrderId: Loose?
}

struct OTOrder: OTRow {
    struct Status: Decodable { var Id: Loose }
    struct Summary: WireRow {
        var Status: Status
        var Count: Int
        static func id(of probe: Loose) -> String? { nil }
    }

    static let kind = ThingKind.order

    var Id: String
    var StatusId: Int
    var StatusName: Loose?
    var IsCancelled: Bool?
    var IsCompleted: Bool?
    var CreatedDateTime: Loose?
    var LineStatusSummaries: Rows<Summary>?
    var DeliveryModeName: Loose?

    static func id(of probe: OTProbe) -> String? { probe.Id.filled }

    var snapshot: Snapshot {
        let progress: StatusMeaning =
            if StatusId == 50 || IsCancelled == true {
                .finished(.cancelled)
            } else if StatusId == 40 || IsCompleted == true { .finished(.delivered) } else { .unstated }
        var snapshot = Snapshot(
            id: ExternalID(.order, Id),
            status: ReportedStatus(code: String(StatusId), text: StatusName?.text ?? "", progress: progress))
        snapshot.label = orderNumber(Id)
        snapshot.display = Id
        snapshot.created = givenTime(CreatedDateTime?.text)
        snapshot.changeSignal = LineStatusSummaries?.elements.map { "\($0.Status.Id.text ?? "")x\($0.Count)" }.sorted()
            .joined(separator: " ")
        snapshot.facts = facts([.deliveryMethod: DeliveryModeName?.text])
        return snapshot
    }
}

struct OTLine: OTRow {
    static let kind = ThingKind.item

    var Id: String
    var OrderId: String
    var LineNum: Int?
    var StatusId: Int
    var StatusName: Loose?
    var IsCancelled: Bool?
    var VendPurchId: Loose?
    var VendPurchWaybill: Loose?
    var VendPurchAccountId: Loose?
    var VendNick: Loose?
    var BriefDescrTrans: Loose?
    var ItemTaobaoId: Loose?
    var Qty: Loose?
    var Weight: Loose?
    var AmountCust: Loose?
    var CurrencyCust: Loose?

    /// A line's id is only known to be one within its order.
    static func id(of probe: OTProbe) -> String? {
        guard let line = probe.Id.filled, let order = probe.OrderId?.filled else { return nil }
        return "\(order)/\(line)"
    }

    var snapshot: Snapshot {
        var snapshot = Snapshot(
            id: ExternalID(.item, "\(OrderId)/\(Id)"),
            status: ReportedStatus(
                code: String(StatusId), text: StatusName?.text ?? "", progress: progress,
                condition: StatusId == 11 ? .returned : nil))
        let number = orderNumber(OrderId)
        snapshot.label = number.map { "\($0)-\(LineNum.map(String.init) ?? Id)" }
        snapshot.order = number
        snapshot.numbers = trackNumbers(VendPurchWaybill?.text, as: .domestic)
        snapshot.amount = money(AmountCust?.text, CurrencyCust?.text)
        snapshot.facts = facts([
            .title: BriefDescrTrans?.text, .seller: VendNick?.text, .account: VendPurchAccountId?.text,
            .externalOrder: VendPurchId?.text, .externalItem: ItemTaobaoId?.text, .quantity: Qty?.text,
            .weight: Weight?.text,
        ])
        return snapshot
    }

    private var progress: StatusMeaning {
        switch StatusId {
        case 12: .finished(.refunded)
        case 13: .finished(.cancelled)
        case _ where IsCancelled == true: .finished(.cancelled)
        case 1, 3: .at(.payment)
        case 2: .at(.purchase)
        case 4: .at(.trackAssignment)
        case 5, 6, 7, 8: .at(.assembly)
        case 9: .at(.origin)
        case 10: .finished(.delivered)
        case 11: .finished(.returned)
        default: .unmapped
        }
    }
}

/// A package's status codes are the shop's own; its order comes as an empty object and is taken from the request.
struct OTPackage: WireRow {
    struct Item: WireRow {
        var OrderLineId: Loose
        static func id(of probe: Loose) -> String? { nil }
    }

    var Id: Loose
    var OrderId: Loose?
    var StatusId: Loose?
    var StatusCode: Loose?
    var StatusName: Loose?
    var DeliveryTrackingNum: Loose?
    var ExternalPackageId: Loose?
    var CreationDate: Loose?
    var DeliveryModeName: Loose?
    var Weight: Loose?
    var Items: Rows<Item>?

    static func id(of probe: OTProbe) -> String? { probe.Id.filled }

    func snapshot(order: String?, _ provider: OTCommerce) -> Snapshot {
        let id = Id.filled ?? ""
        let code = StatusCode?.filled ?? StatusId?.filled ?? ""
        let progress = meaning(code, provider.packageStatuses)
        var snapshot = Snapshot(
            id: ExternalID(.parcel, id),
            status: ReportedStatus(code: code, text: StatusName?.text ?? "", progress: progress))
        snapshot.label = id
        if let external = ExternalPackageId?.filled, external != "0" {
            snapshot.sameAs = ForeignID(provider.deliverySystem, ExternalID(.parcel, external))
        }
        let known = order ?? OrderId?.filled
        snapshot.order = orderNumber(known)
        snapshot.created = givenTime(CreationDate?.text)
        snapshot.numbers = trackNumbers(DeliveryTrackingNum?.text)
        if let known {
            snapshot.contents = (Items?.elements ?? []).compactMap(\.OrderLineId.filled).map {
                .external(ExternalID(.item, "\(known)/\($0)"))
            }
        }
        snapshot.facts = facts([.deliveryMethod: DeliveryModeName?.text, .weight: Weight?.text])
        // Its checkpoints come by another call, so this one could not have shown the last of them.
        if case .at(let stage) = progress, stage.isUnderWay { snapshot.confirms = false }
        return snapshot
    }

    private func meaning(_ code: String, _ configured: [String: String]) -> StatusMeaning {
        switch configured[code] {
        case "handover": return .at(.handover)
        case "sent": return .at(.origin)
        case "delivered": return .finished(.delivered)
        case "cancelled": return .finished(.cancelled)
        default: break
        }
        // Else by the names that the shop's guide knows; two of the vendor's themes mark 15 as finished.
        let name = (StatusName?.text ?? "").lowercased()
        if name.hasPrefix("экспортировано") { return .at(.handover) }
        if name.hasPrefix("отправлен") { return .at(.origin) }
        if code == "15" || name.hasPrefix("доставлен") || name.hasPrefix("получен") || name.hasPrefix("вручен") {
            return .finished(.delivered)
        }
        if name.hasPrefix("отменен") || name.hasPrefix("отменён") || name.hasPrefix("удален") {
            return .finished(.cancelled)
        }
        return .unmapped
    }
}

struct OTLogEntry: WireRow {
    struct Status: Decodable {
        var Id: Loose?
        var Name: Loose?
    }

    private let texts: [String]
    private let date: String
    private let time: String
    private let status: Status?

    static func id(of probe: Loose) -> String? { nil }

    /// Which member names the line is not documented: any text of the entry may.
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: AnyKey.self)
        // People are named in the log too; those members are not looked at.
        let names = ["FieldName", "PrevValue", "NewValue", "SalesLineId", "OrderLineId", "LineId", "LineNum"]
        texts = names.compactMap { try? container.decode(Loose.self, forKey: AnyKey(stringValue: $0)).filled }
        date = (try? container.decode(Loose.self, forKey: AnyKey(stringValue: "LogDate")).text) ?? ""
        time = (try? container.decode(Loose.self, forKey: AnyKey(stringValue: "LogTime")).text) ?? ""
        status = try? container.decode(Status.self, forKey: AnyKey(stringValue: "NewStatus"))
    }

    func past(order: String) -> PastStatus? {
        guard let code = status?.Id?.filled else { return nil }
        let line = texts.lazy.flatMap { $0.split { " ,;:№#()".contains($0) } }.first { $0.hasPrefix("SL-") }
        guard let line else { return nil }
        let day = date.prefix(10)
        let clock = time.contains("T") ? time.split(separator: "T").last.map(String.init) ?? "" : time
        return PastStatus(
            id: ExternalID(.item, "\(order)/\(line)"), code: code, text: status?.Name?.text ?? "",
            time: givenTime(clock.isEmpty ? date : "\(day)T\(clock)"))
    }
}
