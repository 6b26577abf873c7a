// The simulated world: its time, what was asked of it, what was told to it. Shared by the servers; every access is
// locked. What the providers answer follows from its scenario and its time alone.

import Foundation

/// A message that a channel took.
package struct Received: Sendable {
    /// Simulated time of arrival.
    package var ms: Int64
    package var channel: String
    /// The sender's own name for it: the same when it is repeated.
    package var key: String
    package var text: String
    package var isRepeat = false
    package var headers: [String: String] = [:]
    /// Of a Telegram message: where it went, its buttons and a file's text.
    package var chat = ""
    package var buttons: [[SimButton]] = []
    package var document: String?
    /// How it reads after each edit, the oldest first.
    package var edits: [String] = []
    /// What people see by now.
    package var shown: String { edits.last ?? text }
}

/// One request to a provider or a channel.
package struct Asked: Sendable {
    package var ms: Int64
    package var provider: String
    package var method: String
    /// Ids of the things it was about; empty for a list.
    package var things: [String]
    /// What went wrong with it on purpose.
    package var fault: Scenario.Fault.Kind?
}

package final class World: Sendable {
    private struct State {
        var now: Int64
        var isFinished = false
        /// Time stops there until it is let go.
        var heldAt: Int64?
        var clockClients = 0
        var requests: [String: Int] = [:]
        /// By day since 1970 in Moscow, then by provider.
        var requestsOfDay: [Int: [String: Int]] = [:]
        var log: [Asked] = []
        var received: [Received] = []
        var violations: [String] = []
        var faults: [Scenario.Fault] = []
        var sessions: [String: Int64] = [:]
        var answers: [String: [UInt8]] = [:]
        var answersEpoch = 0
        var ledger = Ledger()
        var chat = Chat()
    }

    /// What is asked of Telegram beside the messages themselves.
    private static let asides: Set = ["getUpdates", "answerCallbackQuery", "editMessageText"]

    /// How much of the request log is kept; that nobody said anything is not in it.
    static let logLength = 5000

    package let scenario: Scenario
    let things: Things
    private let isRealTime: Bool
    private let lock = NSLock()
    /// Only touched while the lock is held.
    private nonisolated(unsafe) var state: State

    /// - Parameter isRealTime: Time is the host's, instead of standing still until a clock client waits.
    package init(_ scenario: Scenario, isRealTime: Bool = false) {
        self.scenario = scenario
        self.isRealTime = isRealTime
        things = Things(scenario)
        state = State(now: scenario.start.ms)
        state.faults = scenario.faults
    }

    private func with<Value>(_ body: (inout State) -> Value) -> Value {
        lock.lock()
        defer { lock.unlock() }
        return body(&state)
    }

    private func present(_ state: State) -> Int64 {
        isRealTime ? Int64(Date().timeIntervalSince1970 * 1000) : state.now
    }

    package var now: Int64 { with { present($0) } }
    package var isFinished: Bool { with { isRealTime ? present($0) >= scenario.end.ms : $0.isFinished } }
    package var received: [Received] { with { $0.received } }
    package var requests: [String: Int] { with { $0.requests } }
    package var requestsOfDay: [Int: [String: Int]] { with { $0.requestsOfDay } }
    package var requestLog: [Asked] { with { $0.log } }
    package var violations: [String] { with { $0.violations } }

    /// A fault from now on; it goes before those of the scenario.
    package func add(_ fault: Scenario.Fault) { with { $0.faults.insert(fault, at: 0) } }

    /// What the carriers have counted, at the present time.
    func counting<Value>(_ body: (inout Ledger, _ now: Int64) -> Value) -> Value {
        with { state in
            let now = present(state)
            return body(&state.ledger, now)
        }
    }

    func violate(_ text: String) { with { $0.violations.append(text) } }

    /// - Returns: Its number, from 1.
    func receive(_ message: Received) -> Int {
        with { state in
            var message = message
            message.isRepeat =
                !message.key.isEmpty
                && state.received.contains { $0.channel == message.channel && $0.key == message.key }
            state.received.append(message)
            return state.received.count
        }
    }

    /// Counts a request and finds what shall go wrong with it.
    func ask(_ provider: String, _ method: String, about things: [String]) -> Scenario.Fault? {
        with { state in
            let now = present(state)
            state.requests["\(provider) \(method)", default: 0] += 1
            state.requestsOfDay[moscowDay(now), default: [:]][provider, default: 0] += 1
            let index = state.faults.firstIndex { fault in
                guard fault.provider == provider, fault.from.ms <= now, now < fault.to.ms, fault.times != 0 else {
                    return false
                }
                guard fault.method == nil || fault.method == method else { return false }
                // One that is counted out spoils what is told, unless it says otherwise.
                guard fault.times == nil || fault.method != nil || !World.asides.contains(method) else { return false }
                // Which row is meant is looked for in the answer.
                guard let thing = fault.thing, !fault.kind.isAboutRows else { return true }
                return things.contains { isSameThing($0, thing) }
            }
            if let index, let times = state.faults[index].times { state.faults[index].times = times - 1 }
            let fault = index.map { state.faults[$0] }
            if method == "getUpdates" { return fault }
            if state.log.count >= Self.logLength { state.log.removeFirst(Self.logLength / 2) }
            state.log.append(Asked(ms: now, provider: provider, method: method, things: things, fault: fault?.kind))
            return fault
        }
    }

    // MARK: Telegram

    /// What people answered, and what they were answered.
    package var queryAnswers: [QueryAnswer] { with { $0.chat.answers } }

    /// Somebody presses a button or writes something; it waits until it is asked for.
    ///
    /// - Returns: The update's number.
    @discardableResult
    package func hear(_ said: Said) -> Int { with { $0.chat.hear(said, at: present($0), $0.received) ?? 0 } }

    /// Whatever the scenario says by now, and what was heard, from that number on: what is before it is forgotten.
    func updates(from offset: Int?) -> [JSON] {
        with { state in
            state.chat.wake(scenario.answers, at: present(state), state.received)
            return state.chat.updates(from: offset)
        }
    }

    /// - Returns: Whether there is such a query, which is answered once.
    func answer(_ query: String, _ text: String) -> Bool { with { $0.chat.answer(query, text, at: present($0)) } }

    /// - Returns: Why not.
    func edit(_ number: Int, _ text: String, _ buttons: [[SimButton]]) -> String? {
        with { state in
            guard state.received.indices.contains(number - 1), state.received[number - 1].channel == "telegram" else {
                return "message to edit not found"
            }
            let message = state.received[number - 1]
            guard message.shown != text || message.buttons != buttons else { return "message is not modified" }
            state.received[number - 1].edits.append(text)
            state.received[number - 1].buttons = buttons
            return nil
        }
    }

    // MARK: Sessions

    func openSession() -> String {
        with { state in
            let digits = String(state.sessions.count + 1)
            let id = "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
            state.sessions[id] = present(state)
            return id
        }
    }

    func isOpen(_ session: String) -> Bool {
        with { state in
            state.sessions[session].map { present(state) - $0 < scenario.otcommerce.sessionLife } ?? false
        }
    }

    // MARK: Answers that nothing has changed

    /// An answer's bytes, made once between two changes of the scenario.
    func answer(_ key: String, _ make: () -> [UInt8]) -> [UInt8] {
        let (known, epoch) = with { state -> ([UInt8]?, Int) in
            let epoch = things.changes(until: present(state))
            if epoch != state.answersEpoch {
                state.answers = [:]
                state.answersEpoch = epoch
            }
            return (state.answers[key], epoch)
        }
        if let known { return known }
        let made = make()
        with { if $0.answersEpoch == epoch { $0.answers[key] = made } }
        return made
    }

    // MARK: Time

    /// What the clock server says; it may lie, the providers' `Date` never does.
    package var told: Int64 {
        with { state in
            let now = present(state)
            return now + shift(at: now)
        }
    }

    private func shift(at now: Int64) -> Int64 {
        scenario.clock.first { $0.from.ms <= now && now < $0.to.ms }?.shift ?? 0
    }

    /// A daemon connects to the clock. From now on only the last one's words move time.
    func greet() -> Int {
        with { state in
            state.clockClients += 1
            return state.clockClients
        }
    }

    /// The daemon has nothing to do until then (in the time it was told; nil: ever).
    ///
    /// - Returns: The new time to tell, or nil at the end.
    func advance(toTold told: Int64?, client: Int) -> Int64? {
        with { state in
            guard client == state.clockClients else { return nil }
            let wanted = told.map { $0.subtractingReportingOverflow(shift(at: state.now)).partialValue } ?? Int64.max
            guard state.now < scenario.end.ms else {
                state.isFinished = true
                return nil
            }
            let edges = scenario.clock.flatMap { [$0.from.ms, $0.to.ms] }.filter { $0 > state.now }
            let last = min(scenario.end.ms, state.heldAt ?? Int64.max)
            state.now = max(state.now, min(wanted, last, edges.min() ?? Int64.max))
            return state.now + shift(at: state.now)
        }
    }

    /// Time stops at that moment, so that something can be done in the middle of a story; nil lets it go on.
    package func hold(at moment: Scenario.Moment?) { with { $0.heldAt = moment?.ms } }

    package var isHeld: Bool { with { state in state.heldAt.map { $0 <= state.now } ?? false } }

    /// Moves time by hand, where no daemon does.
    package func advance(to moment: Scenario.Moment) { with { $0.now = max($0.now, moment.ms) } }
}

extension Scenario.Fault.Kind {
    /// It spoils one row and may so be played in a list.
    var isAboutRows: Bool { [.malformed, .malformedRow, .dropRow].contains(self) }
}

/// Ids may be written with and without what a system puts before and after the number: `1907`, `ORD-000001907`.
func isSameThing(_ left: String, _ right: String) -> Bool {
    if left == right { return true }
    func number(_ text: String) -> Substring {
        let rest = text.hasPrefix("ORD-") ? text.dropFirst(4) : text[...]
        return rest.drop { $0 == "0" }
    }
    return number(left) == number(right) && !number(left).isEmpty
}
