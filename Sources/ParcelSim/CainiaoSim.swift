// Cainiao's own page as JSON: several numbers a request, an entry for each in the order asked, the newest event first,
// instants in milliseconds. It is nobody's contract: who asks too often gets its block page, with status 200.

import Foundation

struct CainiaoSim {
    let world: World
    private var settings: Scenario.Carriers.Cainiao { world.scenario.carriers.cainiao }

    func call(_ request: SimRequest) -> Call {
        let asked = form(Array(request.query.utf8))["mailNos"] ?? ""
        let numbers = asked.split(separator: ",").map(String.init)
        let isTooBig = world.isTooBig(.cainiao, numbers.count, limit: settings.batch)
        // All are noted, so every one is asked about.
        let isTooSoon = numbers.map { world.isTooSoon(.cainiao, $0, interval: settings.every) }.contains(true)
        return Call(
            provider: "cainiao", method: "detail", things: numbers,
            answer: { isTooBig || isTooSoon ? blocked() : answer(numbers) }, refusal: blocked,
            refusals: [.block: blocked, .quota: blocked])
    }

    private func blocked() -> Answer {
        Answer("", "") {
            [
                "rgv587_flag": "sm",
                "url": "https://global.cainiao.com/_____tmd_____/punish?x5secdata=DEMO&x5step=1",
            ]
        }
    }

    private func answer(_ numbers: [String]) -> Answer {
        guard !numbers.isEmpty else {
            return Answer("", "") { ["success": false, "errorCode": "PARAM_ERROR", "errorMsg": "mailNos is empty"] }
        }
        let now = world.now - settings.pace.lag
        return Answer("", "", rows: ["module"]) {
            ["success": true, "module": .array(numbers.map { entry($0, now) })]
        }
    }

    private func entry(_ text: String, _ now: Int64) -> JSON {
        let known = world.things.number(text)
        let events = known?.events(of: .cainiao, at: now) ?? []
        guard let known, let last = events.last else {
            return ["mailNo": .text(text), "mailNoSource": "EXTERNAL", "detailList": []]
        }
        var row: JSON = [
            "mailNo": .text(text), "mailNoSource": "EXTERNAL", "status": .text(status(last)),
            "statusDesc": .text(last.text), "originCountry": "CN", "destCountry": "RU", "mailType": "ORDER",
            "mailTypeDesc": "Order", "daysNumber": .text("\((now - events[0].at.ms) / 86_400_000)\tday(s)"),
        ]
        if let number = known.lastMile(at: now) {
            let isCDEK = known.lastCarrier == 100_030
            let (name, code) = isCDEK ? ("CDEK", "CDEK") : ("Russian Post", "RUPOST")
            row = row.with("realMailNo", .text("\(name) \(number)")).with("copyRealMailNo", .text(number))
                .with("destCpInfo", ["cpName": .text(name), "cpCode": .text(code), "phone": "8-800-000-00-00"])
        }
        return row.with("latestTrace", trace(last)).with("detailList", .array(events.reversed().map(trace)))
    }

    private func status(_ event: Scenario.NumberEvent) -> String {
        let code = event.codes[.cainiao] ?? ""
        if code.contains("SIGNED") { return "delivered" }
        return code.hasPrefix("CC_") ? "CLEAR_CUSTOMS" : code.hasPrefix("GTMS_") ? "DELIVERING" : "transport"
    }

    private func trace(_ event: Scenario.NumberEvent) -> JSON {
        let zone = event.zoneMinutes
        return [
            "time": .integer(Int(event.at.ms)), "timeStr": .text(event.wallTime.replacing("T", with: " ")),
            "timeZone": .text("GMT\(zone < 0 ? "-" : "+")\(abs(zone) / 60)"), "desc": .text(event.text),
            "standerdDesc": .text(event.text), "actionCode": .text(event.codes[.cainiao] ?? ""),
            "group": ["nodeCode": .text(node(event)), "nodeDesc": ""],
        ]
    }

    private func node(_ event: Scenario.NumberEvent) -> String {
        let code = event.codes[.cainiao] ?? ""
        let groups = [
            ("CC_EX", "EX_CLEARING_CUSTOMS"), ("CC_", "IM_CLEARING_CUSTOMS"), ("LH_", "LH_PROCESSING"),
            ("GTMS_SIGNED", "SIGNED"), ("GTMS_", "GTMS_DELIVERING"), ("SC_", "SC_PROCESSING"),
        ]
        return "AE_GROUP_" + (groups.first { code.hasPrefix($0.0) }?.1 ?? "CW_PROCESSING")
    }
}
