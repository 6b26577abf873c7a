// How the carriers are asked, and the numbers that the tests of the simulated carriers are about.

import Foundation
import Testing

@testable import ParcelSim

let numbersStory = """
    start: "2026-04-20 09:00"
    end: "2026-06-20 09:00"
    17track: {quota: 3, first_data: 5m, sync_every: 6h}
    russianpost: {daily: 3}
    kuaidi100: {daily: 5}
    cdek: {token_life: 1h}
    cainiao: {every: 6h, batch: 2}
    generic: {page_size: 1}
    numbers:
      - number: RR100000015CN
        last_mile: "69000012345678"
        last_mile_at: "2026-04-22"
        events:
          - {at: "2026-04-19 10:00", text: Posted, place: Guangzhou, 17track: InTransit_PickedUp, russianpost: 1/0, cainiao: PU_PICKUP_SUCCESS, generic: accepted}
          - {at: "2026-04-21 10:00", text: Left & gone, place: Guangzhou, 17track: InTransit_Departure, russianpost: 10/0, cainiao: LH_DEPART, generic: departed}
          - {at: "2026-04-23 12:00+03:00", text: Arrived, place: Москва, country: RU, 17track: InTransit_Arrival, russianpost: 9/1, cainiao: LH_ARRIVE, withdrawn_at: "2026-04-25"}
      - number: SF1000000000001
        company: shunfeng
        phone: "1907"
        carrier: 190766
        undetectable: true
        events:
          - {at: "2026-04-19 10:00", text: 已揽收, place: 义乌, kuaidi100: "103", 17track: InTransit_PickedUp}
          - {at: "2026-04-20 08:00", text: 已签收, place: 广州, kuaidi100: "304"}
      - number: "1100000001"
        events:
          - {at: "2026-04-19 10:00", text: Создан, country: RU, cdek: CREATED, generic: created}
          - {at: "2026-04-19 12:00", text: Вручен, country: RU, cdek: DELIVERED, withdrawn_at: "2026-04-21"}
      - {number: "1100000002", foreign: true}
      - {number: LP00000000000404, invalid: true}
      - number: RR100000029CN
        recycled: "2026-05-01"
        registered: true
        events:
          - {at: "2026-04-19 10:00", text: Delivered, 17track: Delivered_Other, russianpost: 2/1, cdek: DELIVERED}
          - {at: "2026-05-01 10:00", text: Posted, 17track: InTransit_PickedUp, russianpost: 1/0}
      - number: RR100000032CN
        dead: "2026-05-01"
        registered: true
        events:
          - {at: "2026-04-19 10:00", text: Posted, 17track: InTransit_PickedUp}
          - {at: "2026-05-10 10:00", text: Left, 17track: InTransit_Departure}
    """

func carriers(_ extra: String = "") throws -> Running { try Running(try scenario(extra, from: numbersStory)) }

extension Running {
    func move(_ text: String) throws { world.advance(to: try moment(text)) }

    func track17(_ method: String, _ body: String, key: String? = nil) throws -> Wire {
        try post(
            "/17track/\(method)", body,
            ["Content-Type: application/json", "17token: \(key ?? world.scenario.carriers.seventeenTrack.key)"])
    }

    func track17(_ method: String, numbers: [String]) throws -> Wire {
        try track17(method, "[" + numbers.map { #"{"number":"\#($0)"}"# }.joined(separator: ",") + "]")
    }

    func soap(_ number: String, login: String = "demo-login", type: String = "application/soap+xml;charset=UTF-8")
        throws -> Wire
    {
        let password = world.scenario.carriers.russianPost.password
        return try post(
            "/russianpost/rtm34",
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope"
                xmlns:oper="http://russianpost.org/operationhistory"
                xmlns:data="http://russianpost.org/operationhistory/data"
                xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header/><soap:Body>
            <oper:getOperationHistory><data:OperationHistoryRequest><data:Barcode>\(number)</data:Barcode>
            <data:MessageType>0</data:MessageType><data:Language>RUS</data:Language></data:OperationHistoryRequest>
            <data:AuthorizationHeader soapenv:mustUnderstand="1"><data:login>\(login)</data:login>
            <data:password>\(password)</data:password></data:AuthorizationHeader></oper:getOperationHistory>
            </soap:Body></soap:Envelope>
            """, ["Content-Type: \(type)"])
    }

    func kuaidi(_ number: String, company: String, phone: String = "", sign: String? = nil) throws -> Wire {
        let settings = world.scenario.carriers.kuaidi100
        let param = #"{"com":"\#(company)","num":"\#(number)","phone":"\#(phone)","resultv2":"4"}"#
        let signature = sign ?? md5(param + settings.key + settings.customer).uppercased()
        let escaped = param.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return try post(
            "/kuaidi100/poll/query.do", "customer=\(settings.customer)&sign=\(signature)&param=\(escaped)",
            ["Content-Type: application/x-www-form-urlencoded"])
    }

    func cdekToken(password: String? = nil) throws -> Wire {
        let settings = world.scenario.carriers.cdek
        return try post(
            "/cdek/v2/oauth/token",
            "grant_type=client_credentials&client_id=\(settings.account)&client_secret=\(password ?? settings.password)",
            ["Content-Type: application/x-www-form-urlencoded"])
    }

    func cdek(_ number: String, token: String) throws -> Wire {
        try get("/cdek/v2/orders?cdek_number=\(number)", ["Authorization: Bearer \(token)"])
    }

    func cainiao(_ numbers: String) throws -> Wire {
        try get("/cainiao/global/detail.json?mailNos=\(numbers)&lang=en-US&language=en-US")
    }

    func generic(_ query: String, token: String? = nil) throws -> Wire {
        try get(
            "/generic/track?\(query)",
            ["Authorization: Bearer \(token ?? world.scenario.carriers.generic.token)"])
    }

    func get(_ path: String, _ headers: [String]) throws -> Wire {
        let lines = ["GET \(path) HTTP/1.1", "Host: sim", "Connection: close"] + headers
        return try exchange(lines.joined(separator: "\r\n") + "\r\n\r\n")
    }
}

extension Wire {
    /// A value deep inside: names of members and indices of elements.
    func at(_ path: Any...) -> Any? {
        path.reduce(Optional(json as Any)) { value, step in
            if let name = step as? String { return (value as? [String: Any])?[name] }
            guard let index = step as? Int, let list = value as? [Any], list.indices.contains(index) else { return nil }
            return list[index]
        }
    }

    func texts(_ path: Any..., member: String) -> [String] {
        let list = path.reduce(Optional(json as Any)) { value, step in
            if let name = step as? String { return (value as? [String: Any])?[name] }
            guard let index = step as? Int, let list = value as? [Any], list.indices.contains(index) else { return nil }
            return list[index]
        }
        return (list as? [[String: Any]] ?? []).compactMap { $0[member] as? String }
    }

    /// Per-item errors of 17TRACK.
    var rejections: [Int] {
        ((at("data", "rejected") as? [[String: Any]]) ?? []).compactMap {
            ($0["error"] as? [String: Any])?["code"] as? Int
        }
    }
}
