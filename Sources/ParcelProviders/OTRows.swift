// The rows of OT Commerce's answers, and what their statuses mean. Line statuses are keyed by id: both 6 and 10 may
// read «Получен». Only the members named here are decoded: people's names, addresses, phones and passports stay where
// they are.

import ParcelCore

protocol OTRow: WireRow {
    static var kind: ThingKind { get }
    var snapshot: Snapshot { get }
}

struct OTProbe: Decodable {
    var Id: Name
    var OrderId: Loose?
}

struct OTOrder: OTRow {
    struct Summary: Decodable {
        struct Status: Decodable { var Id: Name }
        var Status: Status
        var Count: Whole
    }

    static let kind = ThingKind.order

    var Id: Name
    var StatusId: Whole
    var StatusName: Loose?
    var IsCancelled: Flag?
    var IsCompleted: Flag?
    var CreatedDateTime: Loose?
    var LineStatusSummaries: List<Summary>?
    var DeliveryModeName: Loose?

    static func id(of probe: OTProbe) -> String? { probe.Id.text }

    var snapshot: Snapshot {
        let progress: StatusMeaning =
            if StatusId.value == 50 || IsCancelled?.isSet == true {
                .finished(.cancelled)
            } else if StatusId.value == 40 || IsCompleted?.isSet == true { .finished(.delivered) } else { .unstated }
        var snapshot = Snapshot(
            id: ExternalID(.order, Id.text),
            status: ReportedStatus(
                code: String(StatusId.value), text: clipped(StatusName?.text ?? "", 500), progress: progress))
        snapshot.label = orderNumber(ofShop: Id.text)
        snapshot.display = Id.text
        snapshot.created = givenTime(CreatedDateTime?.text)
        snapshot.changeSignal = LineStatusSummaries?.elements.map { "\($0.Status.Id.text)x\($0.Count.value)" }.sorted()
            .joined(separator: " ")
        snapshot.facts = facts([.deliveryMethod: DeliveryModeName?.text])
        return snapshot
    }
}

struct OTLine: OTRow {
    static let kind = ThingKind.item

    var Id: Name
    var OrderId: Name
    var LineNum: Number?
    var StatusId: Whole
    var StatusName: Loose?
    var IsCancelled: Flag?
    var VendPurchId: Loose?
    var VendPurchWaybill: Loose?
    var VendPurchAccountId: Loose?
    var VendNick: Loose?
    var BriefDescrTrans: Loose?
    var ItemTaobaoId: Loose?
    var Qty: Number?
    var Weight: Number?
    var PriceCust: Number?
    var AmountCust: Number?
    var CurrencyCust: Loose?

    static func id(of probe: OTProbe) -> String? {
        probe.OrderId?.filled.map { OTKey(order: $0, own: probe.Id.text).text }
    }

    var key: String { OTKey(order: OrderId.text, own: Id.text).text }

    /// `1907-2`; by the line's own id where it has no number.
    var label: String? {
        orderNumber(ofShop: OrderId.text).map { "\($0)-\(LineNum?.whole.map(String.init) ?? Id.text)" }
    }

    var snapshot: Snapshot {
        var snapshot = Snapshot(
            id: ExternalID(.item, key),
            status: ReportedStatus(
                code: String(StatusId.value), text: clipped(StatusName?.text ?? "", 500), progress: progress,
                condition: StatusId.value == 11 ? .returned : nil))
        snapshot.label = label
        snapshot.order = orderNumber(ofShop: OrderId.text)
        snapshot.numbers = trackNumbers(VendPurchWaybill?.text, as: .domestic)
        snapshot.amount = money(AmountCust?.text, CurrencyCust?.text)
        let price = PriceCust?.text.map { [$0, CurrencyCust?.filled ?? ""].filter { !$0.isEmpty } }
        snapshot.facts = facts([
            .title: BriefDescrTrans?.text, .seller: VendNick?.text, .account: VendPurchAccountId?.text,
            .externalOrder: VendPurchId?.text, .externalItem: ItemTaobaoId?.text, .quantity: Qty?.text,
            .weight: weight(Weight?.text, nil), .price: price?.joined(separator: " "),
        ])
        return snapshot
    }

    private var progress: StatusMeaning {
        switch StatusId.value {
        case 11: .finished(.returned)
        case 12: .finished(.refunded)
        case 13: .finished(.cancelled)
        case _ where IsCancelled?.isSet == true: .finished(.cancelled)
        case 1, 3: .at(.payment)
        case 2: .at(.purchase)
        case 4: .at(.trackAssignment)
        case 5, 6, 7, 8: .at(.assembly)
        case 9: .at(.origin)
        case 10: .finished(.delivered)
        default: .unmapped
        }
    }
}

/// A package's status codes are the shop's own; its order comes as an empty object and is taken from the request.
struct OTPackage: WireRow {
    struct Item: Decodable { var OrderLineId: Name }

    var Id: Name
    var StatusId: Loose?
    var StatusCode: Loose?
    var StatusName: Loose?
    var DeliveryTrackingNum: Loose?
    var ExternalPackageId: Loose?
    var CreationDate: Loose?
    var DeliveryModeName: Loose?
    var Weight: Number?
    var Items: List<Item>?

    static func id(of probe: OTProbe) -> String? { probe.Id.text }

    func snapshot(order: String, _ provider: OTCommerce) -> Snapshot {
        let code = clipped(StatusCode?.filled ?? StatusId?.filled ?? "", 100)
        let name = clipped(StatusName?.text ?? "", 500)
        let progress = packageProgress(code: code, name: name, provider.packageStatuses)
        var snapshot = Snapshot(
            id: ExternalID(.parcel, OTKey(order: order, own: Id.text).text),
            status: ReportedStatus(code: code, text: name, progress: progress))
        snapshot.label = Id.text
        if let external = ExternalPackageId?.filled, external != "0" {
            snapshot.sameAs = ForeignID(provider.deliverySystem, ExternalID(.parcel, external))
        }
        snapshot.order = orderNumber(ofShop: order)
        snapshot.created = givenTime(CreationDate?.text)
        snapshot.numbers = trackNumbers(DeliveryTrackingNum?.text)
        snapshot.contents = (Items?.elements ?? []).map {
            .external(ExternalID(.item, OTKey(order: order, own: $0.OrderLineId.text).text))
        }
        snapshot.facts = facts([.deliveryMethod: DeliveryModeName?.text, .weight: weight(Weight?.text, nil)])
        // Its checkpoints come by another call, so this one could not have shown the last of them.
        if case .at(let stage) = progress, stage.isUnderWay { snapshot.confirms = false }
        return snapshot
    }
}

/// By the configured code; else by the names that the shop's guide knows, and only where they say it plainly:
/// «Получено на склад» is no delivery.
func packageProgress(code: String, name: String, _ configured: [String: String]) -> StatusMeaning {
    switch configured[code] {
    case "handover": return .at(.handover)
    case "sent": return .at(.origin)
    case "delivered": return .finished(.delivered)
    case "cancelled": return .finished(.cancelled)
    default: break
    }
    // Two of the vendor's themes mark 15 as finished.
    if code == "15" { return .finished(.delivered) }
    let words = name.lowercased().map { $0 == "ё" ? "е" : $0 }.split { !$0.isLetter }.map { String($0) }
    guard let first = words.first else { return .unmapped }
    let rest = words.dropFirst()
    func says(_ stem: String) -> Bool { [stem, stem + "о", stem + "а", stem + "ы"].contains(first) }
    let isToBuyer = rest.allSatisfy {
        ["получателю", "получателем", "покупателю", "покупателем", "клиенту", "клиентом"].contains($0)
    }

    if says("экспортирован") { return .at(.handover) }
    if says("отправлен"), !rest.contains(where: { $0.hasPrefix("возвра") || $0 == "обратно" || $0 == "склад" }) {
        return .at(.origin)
    }
    if isToBuyer, says("доставлен") || says("получен") || says("вручен") { return .finished(.delivered) }
    if rest.isEmpty, says("отменен") { return .finished(.cancelled) }
    if rest.isEmpty, says("удален") { return .finished(.removed) }
    return .unmapped
}
