// What a test or a person may ask of the simulator itself, as JSON: the state, the requests, the messages, the limits
// that were passed, the numbers; and a fault to add while it runs.

struct ControlPages {
    let world: World

    func reply(to request: SimRequest, _ parts: [String]) -> SimReply {
        let player = FaultPlayer(world: world)
        switch (request.method, parts.dropFirst().joined(separator: "/")) {
        case ("GET", "state"): return player.json(state.bytes)
        case ("GET", "requests"): return player.json(requests.bytes)
        case ("GET", "limits"): return player.json(limits.bytes)
        case ("GET", "numbers"): return player.json(JSON.array(world.things.numbers.map { .text($0.number) }).bytes)
        case ("GET", "messages"): return player.json(messages.bytes)
        case ("POST", "fault"):
            do throws(ScenarioError) {
                world.add(try Scenario.fault(text: String(decoding: request.body, as: UTF8.self)))
                return player.json(JSON.object([]).bytes)
            } catch {
                let problems = JSON.array(error.problems.map { .text($0) })
                return player.json(JSON.object([JSON.Member(name: "problems", value: problems)]).bytes, status: 400)
            }
        default: return player.json([], status: 404)
        }
    }

    private func counts() -> JSON {
        .object(
            world.requests.sorted { $0.key < $1.key }.map { JSON.Member(name: $0.key, value: .integer($0.value)) })
    }

    private var state: JSON {
        [
            "now": .integer(Int(world.now)), "finished": .bool(world.isFinished), "requests": counts(),
            "messages": .integer(world.received.count), "violations": .array(world.violations.map { .text($0) }),
        ]
    }

    private var requests: JSON {
        let log = world.requestLog.map { asked -> JSON in
            var row: JSON = [
                "ms": .integer(Int(asked.ms)), "provider": .text(asked.provider), "method": .text(asked.method),
                "things": .array(asked.things.map { .text($0) }),
            ]
            if let fault = asked.fault { row = row.with("fault", .text(fault.rawValue)) }
            return row
        }
        return ["counts": counts(), "log": .array(log)]
    }

    /// What was passed, and how often each provider was asked on each of Moscow's days.
    private var limits: JSON {
        let days = world.requestsOfDay.sorted { $0.key < $1.key }.map { day, counts -> JSON in
            let members = counts.sorted { $0.key < $1.key }.map {
                JSON.Member(name: $0.key, value: .integer($0.value))
            }
            return ["day": .text(moscowDate(Int64(day) * 86_400_000)), "requests": .object(members)]
        }
        return [
            "violations": .array(world.violations.map { .text($0) }), "days": .array(days),
            "registered": .integer(world.counting { ledger, _ in ledger.registrations.count }),
        ]
    }

    private var messages: JSON {
        .array(
            world.received.map { message in
                [
                    "ms": .integer(Int(message.ms)), "channel": .text(message.channel), "key": .text(message.key),
                    "repeat": .bool(message.isRepeat), "text": .text(message.text),
                    "headers": .object(
                        message.headers.sorted { $0.key < $1.key }.map {
                            JSON.Member(name: $0.key, value: .text($0.value))
                        }),
                ]
            })
    }
}
