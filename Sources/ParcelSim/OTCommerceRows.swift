// OT Commerce's rows as its JSON service prints them: `{}` where a text is missing, members without a value left out,
// zoneless times whose fraction has any number of digits, statuses as numbers for lines and as the shop's own texts for
// packages. People's data, marked, where the real system has it.

/// Stands in every personal field, so that a test can look for it where it must not be.
package let personalMark = "ЛИЧНОЕ-МЕТКА"
package let personalPhone = "+70000000000"

struct OTCommerceRows {
    let shop: Scenario.Shop
    let now: Int64

    private static let orderNames = [
        "10": "Ожидает оплаты", "11": "Ожидает доплаты", "20": "Оплачен", "30": "В обработке", "40": "Завершен",
        "50": "Отменен",
    ]
    private static let lineNames = [
        "Ожидает оплаты", "В обработке", "Подтверждение цены", "Заказано", "Проверка качества", "Получено на склад",
        "Упаковка", "Готов к отправке", "Отправлен", "Получен", "Возвращен к продавцу", "Невозможно поставить",
        "Отменен",
    ]

    static func lineName(_ status: String) -> String? {
        Int(status).flatMap { lineNames.indices.contains($0 - 1) ? lineNames[$0 - 1] : nil }
    }

    var orderStatuses: JSON {
        .array(
            Self.orderNames.sorted { $0.key < $1.key }.map {
                ["Id": .integer(Int($0.key) ?? 0), "Name": .text($0.value)]
            })
    }

    var lineStatuses: JSON {
        .array(Self.lineNames.enumerated().map { ["Id": .integer($0.offset + 1), "Name": .text($0.element)] })
    }

    var packageStatuses: JSON {
        .array(shop.packageStatuses.sorted { $0.key < $1.key }.map { ["Id": .text($0.key), "Name": .text($0.value)] })
    }

    /// A plain array, or the `{"Item": [...]}` form.
    func list(_ rows: [JSON], _ wrapper: String) -> JSON {
        shop.wrappedLists ? .object([JSON.Member(name: wrapper, value: .array(rows))]) : .array(rows)
    }

    // MARK: Orders

    func order(_ order: Scenario.Order) -> JSON {
        let state = order.timeline.state(at: now)
        let status = state?.status ?? "30"
        let shown = order.lines.filter { $0.timeline.state(at: now) != nil }
        return [
            "THSInfo": .nothing, "Id": .text(order.id), "StatusCode": .text(status),
            "StatusName": .text(state?.name ?? Self.orderNames[status] ?? ""), "SubstatusCode": "",
            "SubstatusName": "", "OperatorId": "5", "OperatorName": .text("Оператор-" + personalMark),
            "ItemsCount": .integer(shown.count), "GoodsAmount": money(order.goods),
            "DeliveryAmount": money(order.delivery), "TotalAmount": money(sum(order.goods, order.delivery)),
            "RemainAmount": .number("0.0"), "CurrencySign": "руб.", "CurrencyCode": "RUB",
            "CustComment": .text(personalMark), "DeliveryModeId": "12", "DeliveryModeName": "Shiptor доставка",
            "CanCancel": 0, "CanConfirmShipment": 0, "CanChangeAddress": 0, "CanRestore": 0, "CanClose": 0,
            "CanCloseCancel": 0, "CanAccept": 0, "CanPurchaseItems": .integer(status == "20" ? 1 : 0),
            "EstimatedWeight": 0, "CustId": "17", "CustName": .text("Фамилия Имя " + personalMark),
            "StatusId": .integer(Int(status) ?? 30), "Weight": money(order.weight), "DeliveryAddress": address,
            "AdditionalInfo": .text(personalMark), "LineStatusSummaries": summaries(shown),
            "ProviderTypeEnum": "Taobao", "IsTest": false, "IsPaid": .bool(status != "10"),
            "IsCancelled": .bool(status == "50"), "IsCompleted": .bool(status == "40"),
            "CreatedDateTime": time(order.created.ms, of: order.id),
        ]
    }

    private func summaries(_ lines: [Scenario.Line]) -> JSON {
        var counts: [Int: Int] = [:]
        for line in lines { counts[Int(line.timeline.state(at: now)?.status ?? "") ?? 0, default: 0] += 1 }
        let rows = counts.sorted { $0.key < $1.key }.map { status, count -> JSON in
            let name = Self.lineName(String(status)) ?? ""
            return ["Status": ["Id": .integer(status), "Name": .text(name)], "Count": .integer(count)]
        }
        return list(rows, "OrderLineStatusSummary")
    }

    private var address: JSON {
        [
            "Id": "44", "Familyname": .text("Фамилия-" + personalMark), "Name": .text("Имя-" + personalMark),
            "Patername": .text("Отчество-" + personalMark), "CountryCode": "RU", "Country": "Россия",
            "City": .text("Город-" + personalMark), "Address": .text("Улица-" + personalMark),
            "Phone": .text(personalPhone), "PostalCode": "000000", "RegionName": .text("Область-" + personalMark),
            "RegistrationAddress": .text("Прописка-" + personalMark),
            "PassportNumber": .text("Паспорт-" + personalMark),
            "INN": .text("ИНН-" + personalMark),
        ]
    }

    // MARK: Lines

    /// - Parameter isWhole: As in an order's details; a search leaves some members out and has others.
    func line(_ line: Scenario.Line, _ order: Scenario.Order, isWhole: Bool) -> JSON? {
        guard let state = line.timeline.state(at: now) else { return nil }
        let status = state.status ?? "0"
        let name = state.name ?? Self.lineName(status) ?? ""
        var row: JSON = [
            "Id": .text(line.id), "OrderId": .text(order.id), "ConfigText": .text(line.config),
            "Qty": .integer(line.qty), "NewPriceCust": money(line.amount), "PriceCust": money(line.amount),
            "AmountCust": money(line.amount), "CurrencyCust": "RUB", "CurrencyInternal": "CNY",
            "BriefDescrTrans": .text(line.title), "VendNick": .text(line.seller), "VendId": .text(line.seller),
            "CustComment": .text(personalMark), "OperatorComment": .text(personalMark),
            "StatusCode": .integer(Int(status) ?? 0), "StatusId": .integer(Int(status) ?? 0), "StatusName": .text(name),
            "VendPurchId": .text(line.externalOrder ?? ""), "VendPurchWaybill": .text(state.track ?? ""),
            "AvailableStatusList": [], "QtyOrig": .text(String(line.qty)), "PriceWithoutDelivery": .text(line.amount),
        ]
        if let number = line.num { row = row.with("LineNum", .integer(number)) }
        if let account = line.account { row = row.with("VendPurchAccountId", .text(account)) }
        if let weight = line.weight { row = row.with("Weight", money(weight)) }
        if let item = line.item {
            row = row.with("ItemId", .text(item)).with("ItemTaobaoId", .text(item))
                .with("ItemExternalURL", .text("https://item.taobao.com/item.htm?id=" + item))
        }
        guard isWhole else {
            return row.with("PriceInternal", .number("0.0")).with("AmountInternal", .number("0.0")).with("VendURL", "")
        }
        if let ordered = line.timeline.first(where: { $0.status == "4" && $0.at.ms <= now }) {
            row = row.with("OrderedDateTime", time(ordered.at.ms, of: line.id))
        }
        return row.with("CanMoveToPackage", .bool(status == "6")).with("CanBePurchased", .bool(status == "2"))
            .with("CanBeReviewed", false).with("CanBeClosed", false).with("ProviderType", "Taobao")
            .with("IsPaid", .bool(status != "1")).with("IsCancelled", .bool(status == "13"))
            .with("IsCompleted", .bool(status == "10"))
    }

    // MARK: Packages

    func package(_ package: Scenario.Package, of order: Scenario.Order) -> JSON? {
        guard package.created.ms <= now, let state = package.timeline.state(at: now) else { return nil }
        let status = state.status ?? ""
        var row: JSON = [
            "Id": .text(package.id), "OrderId": .nothing, "StatusId": .text(status), "StatusCode": .text(status),
            "StatusName": .text(state.name ?? shop.packageStatuses[status] ?? ""),
            "PriceInternal": money(package.price),
            "Price": money(package.price), "PriceCurrencyCode": "RUB", "DeliveryTrackingNum": .text(state.track ?? ""),
            "Weight": money(package.weight), "ManualPrice": 0, "DeliveryModeId": "12",
            "DeliveryModeName": "Shiptor доставка", "DeliveryContactLastname": .text("Фамилия-" + personalMark),
            "DeliveryContactFirstname": .text("Имя-" + personalMark),
            "DeliveryContactMiddlename": .text("Отчество-" + personalMark),
            "DeliveryContactPhone": .text(personalPhone), "DeliveryCountry": "Россия", "DeliveryCountryCode": "RU",
            "DeliveryPostalCode": "000000", "DeliveryCity": .text("Город-" + personalMark),
            "DeliveryAddress": .text("Улица-" + personalMark), "PassportNumber": .text("Паспорт-" + personalMark),
            "AdditionalInfo": .text(personalMark), "Size": ["Length": 20, "Height": 10, "Width": 15], "CanDelete": 0,
            "CanUpdate": 0, "CanChangeStatus": true, "CanPrintPackageReceipt": true,
            "CanExportToExternalDeliverySystem": false, "CreationDate": time(package.created.ms, of: package.id),
        ]
        if let external = package.external { row = row.with("ExternalPackageId", .text(external)) }
        let items = (state.lines ?? package.lines).map { id -> JSON in
            let line = order.lines.first { $0.id == id }
            return [
                "OrderLineId": .text(id), "ItemId": .text(line?.item ?? ""), "Quantity": .integer(line?.qty ?? 1),
                "AmountInternal": .number("10.0"), "Weight": money(line?.weight), "WeightNet": money(line?.weight),
                "CustomDescription": .text(line?.title ?? ""), "CustomDescriptionInEnglish": "Goods",
            ]
        }
        return row.with("Items", list(items, "PackageItem"))
    }

    func checkpoints(of package: Scenario.Package) -> JSON {
        let events = package.checkpoints.filter { $0.at.ms <= now }.map { event -> JSON in
            [
                "Time": time(event.at.ms, of: package.id), "Status": .text(event.text), "Location": .text(event.place),
            ]
        }
        return [
            "ExternalTrackingUrl": "https://postal.ninja/ru",
            "PackageTrackingCheckpoints": ["Content": list(events, "Item")],
        ]
    }

    // MARK: The log

    /// Status changes of lines, with their times; empty unless the scenario's shop keeps one.
    func log(of order: Scenario.Order) -> JSON {
        guard shop.processLog else { return [] }
        var entries: [(ms: Int64, row: JSON)] = []
        for line in order.lines {
            var before = ""
            for step in line.timeline where step.at.ms <= now {
                guard let status = step.status, status != before else { continue }
                let stamp = local(step.at.ms, minutes: shop.zoneMinutes)
                entries.append((step.at.ms, entry(line, from: before, to: status, stamp)))
                before = status
            }
        }
        return .array(entries.sorted { $0.ms < $1.ms }.map(\.row))
    }

    private func entry(_ line: Scenario.Line, from before: String, to after: String, _ stamp: String) -> JSON {
        func status(_ id: String) -> JSON {
            id.isEmpty ? .nothing : ["Id": .integer(Int(id) ?? 0), "Name": .text(Self.lineName(id) ?? "")]
        }
        return [
            "LogDate": .text(String(stamp.prefix(10))), "LogTime": .text(String(stamp.suffix(8))),
            "FieldName": "StatusId", "SalesLineId": .text(line.id), "PrevValue": .text(before),
            "NewValue": .text(after),
            "OldStatus": status(before), "NewStatus": status(after), "OperatorName": .text("Оператор-" + personalMark),
            "CustName": .text("Фамилия Имя " + personalMark),
        ]
    }

    // MARK: Values

    private func money(_ text: String?) -> JSON { .number(text.map { $0.contains(".") ? $0 : $0 + ".0" } ?? "0.0") }

    private func sum(_ left: String?, _ right: String?) -> String {
        func hundredths(_ text: String?) -> Int {
            let parts = (text ?? "0").split(separator: ".")
            let fraction = parts.count > 1 ? Int((parts[1] + "00").prefix(2)) ?? 0 : 0
            return (Int(parts.first ?? "0") ?? 0) * 100 + fraction
        }
        let total = hundredths(left) + hundredths(right)
        return "\(total / 100).\(two(total % 100))"
    }

    /// Without a zone; the fraction has from none to seven digits, always the same ones for the same thing.
    private func time(_ ms: Int64, of name: String) -> JSON {
        let seed = name.utf8.reduce(UInt32(7)) { $0 &* 31 &+ UInt32($1) }
        let digits = String((seed % 9_999_999 + 10_000_000) | 1).suffix(7).prefix(Int(seed / 7 % 8))
        // Its trailing zeros are cut.
        let fraction = String(digits.reversed().drop { $0 == "0" }.reversed())
        return .text(local(ms, minutes: shop.zoneMinutes) + (fraction.isEmpty ? "" : "." + fraction))
    }
}
