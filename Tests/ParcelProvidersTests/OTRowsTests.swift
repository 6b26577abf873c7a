// OT Commerce: what its rows say. Statuses by id, packages by code and name, the log by line.

import Foundation
import ParcelCore
import ParcelProviders
import Testing

private func line(_ members: [String: Any]) throws -> Snapshot {
    let row = ["Id": "SL-7", "OrderId": "ORD-0000001907", "LineNum": 2, "StatusId": 4].merging(members) { $1 }
    return try snapshots(of: [row])[0]
}

private func snapshots(of lines: [[String: Any]]) throws -> [Snapshot] {
    let order: [String: Any] = ["Id": "ORD-0000001907", "StatusId": 30]
    let body: [String: Any] = ["ErrorCode": "Ok", "Result": ["SalesOrderInfo": order, "SalesLinesList": lines]]
    let report = try play(
        try provider("otcommerce"), Ask("order", key: "ORD-0000001907"),
        ["GetSalesOrderDetailsForOperator": [try ok(json: body)]]
    ).report()
    #expect(report.rejected.isEmpty)
    return report.snapshots.filter { $0.id.kind == .item }
}

private func order(_ members: [String: Any]) throws -> Snapshot {
    let row = ["Id": "ORD-0000001907", "StatusId": 30].merging(members) { $1 }
    let page: [String: Any] = ["ErrorCode": "Ok", "Result": ["Content": [row], "TotalCount": 1]]
    return try play(
        try provider("otcommerce"), Ask("orders"),
        [
            "GetOrderStatusList": [ok("{\"ErrorCode\":\"X\"}")], "SearchOrders": [try ok(json: page)],
            "SearchOrderLines": [ok("{\"ErrorCode\":\"Ok\",\"Result\":{}}")],
        ]
    ).report().snapshots[0]
}

private func package(
    _ members: [String: Any], _ settings: [String: SettingValue] = [:], ask: String = "packages"
) throws -> Snapshot {
    let row = ["Id": "519"].merging(members) { $1 }
    let body: [String: Any] = ["ErrorCode": "Ok", "Result": ["Content": [row]]]
    return try play(
        try provider("otcommerce", settings), Ask(ask, key: "ORD-0000001907"),
        ["GetSalesPackageList": [try ok(json: body)]]
    ).report().snapshots[0]
}

@Suite struct OTLineTests {
    @Test(
        arguments: [
            (1, .at(.payment)), (2, .at(.purchase)), (3, .at(.payment)), (4, .at(.trackAssignment)),
            (5, .at(.assembly)),
            (6, .at(.assembly)), (7, .at(.assembly)), (8, .at(.assembly)), (9, .at(.origin)),
            (10, .finished(.delivered)),
            (11, .finished(.returned)), (12, .finished(.refunded)), (13, .finished(.cancelled)), (0, .unmapped),
            (14, .unmapped), (-5, .unmapped),
        ] as [(Int, StatusMeaning)]) func `a line's status counts by its id`(_ id: Int, _ meaning: StatusMeaning) throws
    {
        let named = try line(["StatusId": id, "StatusName": "Получен"])
        #expect(named.status.progress == meaning)
        #expect(named.status.code == String(id))
        #expect(named.status.text == "Получен")
        #expect(named.status.condition == (id == 11 ? .returned : nil))
        #expect(try line(["StatusId": String(id)]).status == line(["StatusId": id]).status)
    }

    @Test func `every status of the vendor's list is known`() throws {
        let list = try #require(try Fixture.json("otcommerce/GetOrderLineStatusList.json") as? [String: Any])
        let rows = try #require(list["Result"] as? [[String: Any]])
        #expect(rows.count == 13)
        for row in rows { #expect(try line(["StatusId": try #require(row["Id"])]).status.progress != .unmapped) }
    }

    @Test(arguments: [(4, Ending.cancelled), (10, .cancelled), (12, .refunded), (11, .returned)])
    func `a cancelled line is finished, but a refund stays a refund`(_ status: Int, _ ending: Ending) throws {
        for flag: Any in [true, 1, "true"] {
            #expect(try line(["StatusId": status, "IsCancelled": flag]).status.progress == .finished(ending))
        }
        #expect(try line(["StatusId": 4, "IsCancelled": false]).status.progress == .at(.trackAssignment))
    }

    @Test func `a line is named by its order's number and its own`() throws {
        let named = try line([:])
        #expect(named.id == ExternalID(.item, "ORD-0000001907/SL-7"))
        #expect(named.label == "1907-2" && named.order == "1907")
        #expect(try line(["LineNum": NSNull()]).label == "1907-SL-7")
        #expect(try line(["LineNum": "3"]).label == "1907-3")
        #expect(try line(["OrderId": "SHOP-00042", "LineNum": 1]).label == "42-1")
    }

    @Test(
        arguments: [
            ("", []), ("YT0000000000001", ["YT0000000000001"]),
            ("YT0000000000001, SF1234567890", ["YT0000000000001", "SF1234567890"]),
            ("71148967930433 886665917791656645", ["71148967930433", "886665917791656645"]),
            ("7114 8967 9304 33", ["71148967930433"]), ("YT0000000000001;YT0000000000001", ["YT0000000000001"]),
            ("0", []), ("нет", []), ("-", []), ("顺丰 SF1234567890", ["SF1234567890"]),
        ] as [(String, [String])]) func `a waybill may hold several numbers`(_ text: String, _ numbers: [String]) throws
    {
        let read = try line(["VendPurchWaybill": text]).numbers
        #expect(read.map(\.number.description) == numbers)
        #expect(read.allSatisfy { $0.role == .domestic })
    }

    @Test func `the amount is exact`() throws {
        for (json, minor) in [
            ("144.67", 14_467), ("99.0", 9900), ("0.07", 7), ("1e2", 10_000), ("-5.5", -550), ("0", 0),
        ] {
            let body = """
                {"ErrorCode":"Ok","Result":{"SalesOrderInfo":{"Id":"ORD-1","StatusId":30},"SalesLinesList":[
                {"Id":"SL-1","OrderId":"ORD-1","StatusId":12,"AmountCust":\(json),"CurrencyCust":"руб."}]}}
                """
            let report = try play(
                try provider("otcommerce"), Ask("order", key: "ORD-1"), ["GetSalesOrderDetailsForOperator": [ok(body)]]
            ).report()
            #expect(report.snapshots.last?.amount == Money(minor: Int64(minor), currency: "RUB"), "\(json)")
        }
        #expect(
            try line(["AmountCust": "12.345", "CurrencyCust": "cny"]).amount == Money(minor: 1235, currency: "CNY"))
        #expect(try line(["AmountCust": "12", "CurrencyCust": "¥"]).amount == Money(minor: 1200, currency: "CNY"))
        for bad in ["", "12,5", "x", "--5", "1e400", "99999999999999999999"] {
            #expect(try line(["AmountCust": bad, "CurrencyCust": "RUB"]).amount == nil, "\(bad)")
        }
        #expect(try line(["AmountCust": 12, "CurrencyCust": "монет"]).amount == nil)
        #expect(try line(["AmountCust": 12]).amount == nil)
    }

    @Test func `what people are shown is kept, and nothing else`() throws {
        let read = try line([
            "BriefDescrTrans": "Чехол", "VendNick": "shop", "VendPurchAccountId": "acc", "VendPurchId": 1_234_567,
            "ItemTaobaoId": "623", "Qty": 2, "Weight": 0.25, "PriceCust": 99, "CurrencyCust": "RUB",
            "CustComment": "PERSONAL", "OperatorComment": "PERSONAL",
        ])
        #expect(
            read.facts == [
                .title: "Чехол", .seller: "shop", .account: "acc", .externalOrder: "1234567", .externalItem: "623",
                .quantity: "2", .weight: "0.25", .price: "99 RUB",
            ])
    }
}

@Suite struct OTOrderTests {
    @Test(
        arguments: [
            (10, .unstated), (30, .unstated), (99, .unstated), (40, .finished(.delivered)), (50, .finished(.cancelled)),
        ] as [(Int, StatusMeaning)]) func `an order states only its end`(_ id: Int, _ meaning: StatusMeaning) throws
    {
        #expect(try order(["StatusId": id]).status.progress == meaning)
        #expect(try order(["StatusId": id, "IsCancelled": true]).status.progress == .finished(.cancelled))
    }

    @Test(arguments: [("ORD-0000001907", "1907"), ("ORD-000001907", "1907"), ("SHOP-0000021", "21"), ("ORD-0", nil)])
    func `an order is labelled by its trailing number and shown as the site writes it`(
        _ id: String, _ label: String?
    ) throws {
        let read = try order(["Id": id])
        #expect(read.label == label)
        #expect(read.display == id)
        #expect(read.id.key == id)
    }

    @Test func `the summary of its lines is a signal that has no order`() throws {
        func summary(_ pairs: [(Any, Any)]) -> [String: Any] {
            ["LineStatusSummaries": pairs.map { ["Status": ["Id": $0.0], "Count": $0.1] }]
        }
        let one = try order(summary([(4, 1), (6, 2)])).changeSignal
        #expect(one == (try order(summary([("6", "2"), (4, 1)])).changeSignal))
        #expect(one != (try order(summary([(4, 2), (6, 1)])).changeSignal))
        #expect(try order([:]).changeSignal == nil)
    }

    @Test(arguments: [
        ("2021-08-20T15:15:15.291", 54_915), ("2021-08-20T15:15:15", 54_915), ("2021-08-20T15:15:15.2", 54_915),
        ("2021-08-20T15:15:15.2912345", 54_915),
    ]) func `its date has no zone`(_ text: String, _ second: Int) throws {
        let day = try #require(LocalDate(year: 2021, month: 8, day: 20))
        #expect(try order(["CreatedDateTime": text]).created == .zoneless(day, secondOfDay: second, text: text))
    }

    @Test func `no date, an unreadable one and one with an offset stay what they are`() throws {
        let day = try #require(LocalDate(year: 2021, month: 8, day: 20))
        #expect(try order(["CreatedDateTime": "2021-08-20"]).created == .date(day, text: "2021-08-20"))
        for nothing: Any in ["", "null", NSNull(), [String: Any]()] {
            #expect(try order(["CreatedDateTime": nothing]).created == .none)
        }
        for bad in ["20.08.2021", "2021-02-30", "2021-08-20T25:00:00", "yesterday", "2021-08-20T15:15:15 MSK"] {
            #expect(try order(["CreatedDateTime": bad]).created == .unreadable(text: bad))
        }
        let long = String(repeating: "9", count: 5000)
        #expect(try order(["CreatedDateTime": long]).created == .unreadable(text: String(long.prefix(64))))
        let zoned = "2021-08-20T15:15:15+03:00"
        #expect(
            try order(["CreatedDateTime": zoned]).created == .instant(Timestamp(seconds: 1_629_461_715), text: zoned))
    }
}

@Suite struct OTPackageTests {
    @Test(
        arguments: [
            ("a", "Экспортировано в систему службы доставки", .at(.handover)), ("a", "Отправлено", .at(.origin)),
            ("a", "ОТПРАВЛЕН", .at(.origin)), ("a", "Доставлено", .finished(.delivered)),
            ("a", "Получена покупателем", .finished(.delivered)), ("a", "Вручено получателю", .finished(.delivered)),
            ("15", "Что угодно", .finished(.delivered)), ("a", "Отменён", .finished(.cancelled)),
            ("a", "Удалена", .finished(.removed)), ("a", "Получено на склад", .unmapped),
            ("a", "Доставлено в пункт выдачи", .unmapped), ("a", "Отправлено на возврат", .unmapped),
            ("a", "Отмена запрошена", .unmapped), ("a", "", .unmapped), ("a", "Упакована", .unmapped),
            ("a", "Отправлено в Россию", .at(.origin)), ("a", "Не доставлено", .unmapped),
        ] as [(String, String, StatusMeaning)])
    func `without a configured code only a plain name counts`(
        _ code: String, _ name: String, _ meaning: StatusMeaning
    ) throws {
        #expect(try package(["StatusCode": code, "StatusName": name]).status.progress == meaning)
    }

    @Test func `a configured code wins over name and number`() throws {
        let map = SettingValue.map(["7": "handover", "8": "sent", "15": "handover", "9": "delivered", "x": "cancelled"])
        for (code, meaning) in [
            ("7", .at(.handover)), ("8", .at(.origin)), ("15", .at(.handover)), ("9", .finished(.delivered)),
            ("x", .finished(.cancelled)),
        ] as [(String, StatusMeaning)] {
            let read = try package(["StatusCode": code, "StatusName": "Отменён"], ["package_statuses": map])
            #expect(read.status.progress == meaning)
        }
    }

    @Test func `a package belongs to the order it was listed for`() throws {
        let read = try package([
            "OrderId": [String: Any](), "ExternalPackageId": "97304", "DeliveryTrackingNum": "LP1930191011",
            "CreationDate": "2021-09-01T09:30:00", "Items": [["OrderLineId": "SL-1"], ["OrderLineId": "SL-2"]],
        ])
        #expect(read.id.key == "ORD-0000001907/519" && read.label == "519" && read.order == "1907")
        #expect(
            read.contents == [
                .external(ExternalID(.item, "ORD-0000001907/SL-1")),
                .external(ExternalID(.item, "ORD-0000001907/SL-2")),
            ])
        #expect(read.sameAs == ForeignID("shiptor", ExternalID(.parcel, "97304")))
        #expect(read.created.text == "2021-09-01T09:30:00")
        #expect(
            try package(["ExternalPackageId": 97_304], ["delivery_system": .text("litemf")]).sameAs
                == ForeignID("litemf", ExternalID(.parcel, "97304")))
        for nothing: Any in ["", "0", 0, NSNull(), [String: Any]()] {
            #expect(try package(["ExternalPackageId": nothing]).sameAs == nil)
        }
    }

    @Test(arguments: [
        ("LP1930191011", TrackNumberRole.forwarder), ("RP314918", .forwarder), ("RB123456785CN", .international),
        ("80080012345678", .lastMile),
    ]) func `a number's role follows its format`(_ number: String, _ role: TrackNumberRole) throws {
        #expect(try package(["DeliveryTrackingNum": number]).numbers.map(\.role) == [role])
    }

    @Test func `under way only the answer with checkpoints confirms, and both show the same parcel`() throws {
        let key = "ORD-0000001907/519"
        let list = try play(
            try provider("otcommerce"), Ask("packages", key: "ORD-0000001907"),
            ["GetSalesPackageList": [try fixture("otcommerce/GetSalesPackageList.json")]]
        ).report().snapshots[0]
        let tracked = try play(
            try provider("otcommerce"), Ask("tracking", key: key),
            [
                "GetPackage": [try fixture("otcommerce/GetPackage.json")],
                "GetPackageTrackingForOperator": [try fixture("otcommerce/GetPackageTrackingForOperator.json")],
            ]
        ).report().snapshots[0]
        let single = try play(
            try provider("otcommerce"), Ask("package", key: key),
            ["GetPackage": [try fixture("otcommerce/GetPackage.json")]]
        ).report().snapshots[0]
        #expect(!list.confirms && !single.confirms && tracked.confirms)
        #expect(list.checkpoints == nil && single.checkpoints == nil)
        #expect(tracked.checkpoints?.map(\.text) == ["Принято перевозчиком", "Прибыло"])
        #expect(tracked.checkpoints?.first?.time.text == "2021-09-03T08:00:00")
        // The same but for what only the one carries: else every other poll would look like a movement.
        #expect(list.digest == tracked.digest && list.digest == single.digest)
        #expect(try package(["StatusName": "Экспортировано"]).confirms)
        #expect(try package(["StatusName": "?"]).confirms)
    }

    @Test func `a package without tracking has no checkpoints`() throws {
        let report = try play(
            try provider("otcommerce"), Ask("tracking", key: "ORD-1/519"),
            [
                "GetPackage": [try fixture("otcommerce/GetPackage.json")],
                "GetPackageTrackingForOperator": [try fixture("otcommerce/error.NotFound.json")],
            ]
        ).report()
        #expect(report.snapshots[0].checkpoints?.isEmpty == true)
        #expect(report.snapshots[0].confirms)
        #expect(report.notFound.isEmpty)
    }

    @Test func `a package whose contents cannot be read is refused, not emptied`() throws {
        let body: [String: Any] = [
            "ErrorCode": "Ok", "Result": ["Content": [["Id": "519", "Items": [["OrderLineId": [1]]]]]],
        ]
        let report = try play(
            try provider("otcommerce"), Ask("packages", key: "ORD-1"), ["GetSalesPackageList": [try ok(json: body)]]
        ).report()
        #expect(report.snapshots.isEmpty)
        #expect(report.rejected == [Rejected(id: ExternalID(.parcel, "ORD-1/519"), field: "Items[0].OrderLineId")])
    }
}

@Suite struct OTLogTests {
    private func past(_ entries: [[String: Any]]) throws -> [PastStatus] {
        try play(
            try provider("otcommerce"), Ask("log", key: "ORD-0000001907"),
            [
                "GetSalesOrderDetailsForOperator": [try fixture("otcommerce/GetSalesOrderDetailsForOperator.json")],
                "GetSalesProcessLog": [try ok(json: ["ErrorCode": "Ok", "Result": entries])],
            ]
        ).report().past
    }

    @Test func `entries that name a line and its status date it`() throws {
        let report = try play(
            try provider("otcommerce"), Ask("log", key: "ORD-0000001907"),
            [
                "GetSalesOrderDetailsForOperator": [try fixture("otcommerce/GetSalesOrderDetailsForOperator.json")],
                "GetSalesProcessLog": [try fixture("otcommerce/GetSalesProcessLog.json")],
            ]
        ).report()
        let first = ExternalID(.item, "ORD-0000001907/SL-000001")
        let second = ExternalID(.item, "ORD-0000001907/SL-000002")
        let day = try #require(LocalDate(year: 2021, month: 8, day: 21))
        #expect(
            report.past == [
                PastStatus(
                    id: first, code: "4", text: "Заказан",
                    time: .zoneless(day, secondOfDay: 33_300, text: "2021-08-21T09:15:00")),
                PastStatus(
                    id: first, code: "6", text: "Получен на склад",
                    time: .zoneless(day.adding(days: 2), secondOfDay: 63_612, text: "2021-08-23T17:40:12")),
                PastStatus(
                    id: second, code: "4", text: "Заказан", time: .date(day.adding(days: 1), text: "2021-08-22")),
            ])
        // An order's log says nothing of what is there now.
        #expect(report.snapshots.isEmpty && report.complete.isEmpty)
    }

    @Test(
        arguments: [
            (["FieldName": "строка SL-000002"], 1), (["NewValue": "№ 1907 - 2"], 1),
            (["NewValue": "товар 1907-2 заказан"], 1),
            (["PrevValue": "001907-2"], 1), (["SalesLineId": "SL-000002"], 1), (["LineNum": "2"], 1),
            (["NewValue": "11907-2"], 0), (["NewValue": "1907-22"], 0), (["NewValue": "1907-3"], 0),
            (["NewValue": "2"], 0),
            (["FieldName": "SL-0000021"], 0), (["OperatorName": "SL-000002"], 0), ([:], 0),
            (["NewValue": "1907-1 и 1907-2"], 2),
        ] as [([String: String], Int)]) func `a line is named by its id or its label, and by nothing less`(
            _ members: [String: String], _ count: Int
        ) throws
    {
        var entry: [String: Any] = members
        entry["NewStatus"] = ["Id": 4, "Name": "Заказан"]
        entry["LogDate"] = "2021-08-21"
        #expect(try past([entry]).count == count)
        entry["NewStatus"] = nil
        #expect(try past([entry]).isEmpty)
    }

    @Test(
        arguments: [
            ("2021-08-21T00:00:00", "03:02:01", "2021-08-21T03:02:01"),
            ("2021-08-21", "3:02:01", "2021-08-21T03:02:01"),
            ("2021-08-21T00:00:00", "", "2021-08-21"), ("2021-08-21T03:02:01", "", "2021-08-21T03:02:01"),
            ("21.08.2021", "", "21.08.2021"), ("", "", nil),
        ] as [(String, String, String?)]) func `its day and its time of day stand apart`(
            _ day: String, _ clock: String, _ text: String?
        ) throws
    {
        let entry: [String: Any] = [
            "FieldName": "SL-000001", "NewStatus": ["Id": 4], "LogDate": day, "LogTime": clock,
        ]
        #expect(try past([entry]).first?.time.text == text)
    }

    @Test func `a log that is not there, or an order without lines, says nothing`() throws {
        let shop = try provider("otcommerce")
        let details = try fixture("otcommerce/GetSalesOrderDetailsForOperator.json")
        let none = try play(
            shop, Ask("log", key: "ORD-0000001907"),
            [
                "GetSalesOrderDetailsForOperator": [details],
                "GetSalesProcessLog": [try fixture("otcommerce/error.NotFound.json")],
            ])
        #expect(try none.report().past.isEmpty)
        let gone = try play(
            shop, Ask("log", key: "ORD-0000001907"),
            ["GetSalesOrderDetailsForOperator": [try fixture("otcommerce/error.NotFound.json")]])
        let report = try gone.report()
        #expect(report.past.isEmpty && report.notFound.isEmpty && report.complete.isEmpty)
    }
}
