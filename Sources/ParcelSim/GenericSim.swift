// A small carrier with a JSON interface of its own, for the provider that is described by configuration.
//
//   GET /generic/track?number=A,B&page=CURSOR      with the header `Authorization: Bearer TOKEN`
//   {"items": [{"number": "A", "status": "arrived", "status_text": "Arrived", "time": "22.04.2026 11:00",
//               "place": "Moscow", "events": [{"status": ..., "text": ..., "time": ..., "place": ...}]}],
//    "next": "CURSOR" or null}
//
// Without `number` all that are known are listed. Unknown numbers are left out. The oldest event comes first; times are
// Moscow's and say no zone. A wrong token gets 401 and {"error": "token"}, a wrong cursor 400.

import Foundation

struct GenericSim {
    let world: World
    private var settings: Scenario.Carriers.Generic { world.scenario.carriers.generic }

    func call(_ request: SimRequest) -> Call {
        let fields = form(Array(request.query.utf8))
        let wanted = fields["number"]?.split(separator: ",").map(String.init)
        return Call(
            provider: "generic", method: wanted == nil ? "list" : "track", things: wanted ?? [],
            answer: {
                guard request.headers["authorization"] == "Bearer \(settings.token)" else {
                    return failure("token", status: 401)
                }
                return answer(wanted, page: fields["page"] ?? "")
            }, refusal: { failure("token", status: 401) },
            refusals: [.quota: { failure("too many requests today", status: 429) }])
    }

    private func failure(_ reason: String, status: Int) -> Answer {
        var answer = Answer("", "") { ["error": .text(reason)] }
        answer.status = status
        return answer
    }

    private func answer(_ wanted: [String]?, page: String) -> Answer {
        // The cursor is opaque to a client, and no page number.
        guard let start = page.isEmpty ? 0 : Int(page.dropFirst()), page.isEmpty || page.first == "c", start >= 0 else {
            return failure("page", status: 400)
        }
        let now = world.now - settings.pace.lag
        let asked = wanted?.compactMap { world.things.number($0) } ?? world.things.numbers
        let known = asked.filter { !$0.events(of: .generic, at: now).isEmpty }
        return Answer("", "", rows: ["items"]) {
            let rest = known.dropFirst(start)
            let next = rest.count > settings.pageSize ? JSON.text("c\(start + settings.pageSize)") : .null
            return ["items": .array(rest.prefix(settings.pageSize).map { item($0, now) }), "next": next]
        }
    }

    private func item(_ number: Scenario.Number, _ now: Int64) -> JSON {
        let events = number.events(of: .generic, at: now)
        let last = events.last.map(event) ?? .nothing
        let head: JSON = ["number": .text(number.number)]
        return head.with("status", last["status"]).with("status_text", last["text"]).with("time", last["time"])
            .with("place", last["place"]).with("events", .array(events.map(event)))
    }

    private func event(_ event: Scenario.NumberEvent) -> JSON {
        let parts = local(event.at.ms, minutes: 180).split(separator: "T").map(String.init)
        let date = parts[0].split(separator: "-").reversed().joined(separator: ".")
        return [
            "status": .text(event.codes[.generic] ?? ""), "text": .text(event.text),
            "time": .text("\(date) \(parts[1].prefix(5))"), "place": .text(event.place),
        ]
    }
}
