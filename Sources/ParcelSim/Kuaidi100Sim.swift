// Kuaidi100's real-time query: one number and its courier a request, signed with MD5 over the very text that was sent,
// the newest event first, times without a zone. Every failure comes with status 200; a number that is asked for more
// often than every half hour is locked.

import Foundation

struct Kuaidi100Sim {
    let world: World
    private var settings: Scenario.Carriers.Kuaidi100 { world.scenario.carriers.kuaidi100 }

    func query(_ request: SimRequest) -> Call {
        let fields = form(request.body)
        let text = fields["param"] ?? ""
        let parameters = (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any] ?? [:]
        let number = parameters["num"] as? String ?? ""
        let isTooMuch = world.isTooMuch(.kuaidi100, of: "requests", daily: settings.daily, zone: settings.zoneMinutes)
        let isTooSoon = !number.isEmpty && world.isTooSoon(.kuaidi100, number, interval: settings.every)
        return Call(
            provider: "kuaidi100", method: "query", things: [number],
            answer: {
                let signature = md5(text + settings.key + settings.customer).uppercased()
                guard fields["customer"] == settings.customer, fields["sign"] == signature else { return unsigned() }
                if isTooMuch { return spent() }
                // No code is documented for it, only that it happens.
                if isTooSoon { return failure(502, "查询过于频繁，单号已被锁定") }
                return answer(number, parameters)
            }, refusal: unsigned, refusals: [.quota: spent], malformed: { $0.changingBody(scrambled) })
    }

    private func unsigned() -> Answer { failure(503, "验证签名失败") }
    private func spent() -> Answer { failure(601, "KEY已过期") }

    private func failure(_ code: Int, _ message: String) -> Answer {
        Answer("", "") { ["result": false, "returnCode": .text(String(code)), "message": .text(message)] }
    }

    private func answer(_ number: String, _ parameters: [String: Any]) -> Answer {
        let company = parameters["com"] as? String ?? ""
        let known = world.things.number(number)
        guard (6...32).contains(number.count), !company.isEmpty, known?.isInvalid != true else {
            return failure(400, "提交的数据不完整或者贵公司没授权")
        }
        let digits = (parameters["phone"] as? String).map { String($0.suffix(4)) }
        let needsPhone = ["shunfeng", "shunfengkuaiyun", "zhongtong"].contains(company)
        if let phone = known?.phone, needsPhone, digits != phone { return failure(408, "快递公司参数异常：电话号码校验未通过") }
        let events = known?.events(of: .kuaidi100, at: world.now - settings.pace.lag) ?? []
        // Another courier's number is not found.
        guard let last = events.last, known?.company == nil || known?.company == company else {
            return failure(500, "查询无结果，请隔段时间再查")
        }
        return Answer("", "") {
            let code = last.codes[.kuaidi100] ?? "0"
            return [
                "message": "ok", "nu": .text(number), "ischeck": .text(state(code) == "3" ? "1" : "0"),
                "com": .text(company), "status": "200", "state": .text(state(code)), "condition": "00",
                "isLoop": false,
                "routeInfo": ["from": region(events.first ?? last), "cur": region(last), "to": .null],
                "data": .array(events.reversed().map(row)),
            ]
        }
    }

    /// The basic state of an advanced code: `3` of `304`.
    private func state(_ code: String) -> String {
        switch code.count {
        case 3: String(code.prefix(1))
        case 4: "0"
        default: code
        }
    }

    private func region(_ event: Scenario.NumberEvent) -> JSON {
        ["number": "CN440000000000", "name": .text(event.place)]
    }

    private func row(_ event: Scenario.NumberEvent) -> JSON {
        let time = event.wallTime.replacing("T", with: " ")
        return [
            "time": .text(time), "ftime": .text(time), "context": .text(event.text), "status": .text(event.text),
            "statusCode": .text(event.codes[.kuaidi100] ?? ""), "areaCode": "CN440000000000",
            "areaName": .text(event.place), "areaCenter": "113.26,23.16", "areaPinYin": "",
            "location": .text(event.place),
        ]
    }

    /// Which couriers a number may belong to.
    func recognise(_ request: SimRequest) -> Call {
        let fields = form(Array(request.query.utf8))
        let number = fields["num"] ?? ""
        let refusal = { failure(701, "key缺失") }
        return Call(
            provider: "kuaidi100", method: "auto", things: [number],
            answer: {
                guard fields["key"] == settings.key else { return refusal() }
                guard let company = world.things.number(number)?.company else { return failure(201, "单号不正确") }
                return Answer("", "") {
                    [["lengthPre": .integer(number.count), "comCode": .text(company), "name": .text(company)]]
                }
            }, refusal: refusal, refusals: [.quota: spent], malformed: { $0.changingBody(scrambled) })
    }
}
