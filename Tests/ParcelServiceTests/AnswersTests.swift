import Foundation
import GRDB
import Logging
import ParcelChannels
import ParcelCore
import Testing

@testable import ParcelService
@testable import ParcelStore

/// Telegram as a script: messages get numbers, updates wait until a later one is asked for.
private final class Chat: Sendable {
    struct State {
        var sent: [(method: String, body: String)] = []
        var updates: [(id: Int64, text: String)] = []
        /// How the next calls of a method go instead.
        var faults: [String: [Result<HTTPResponse, TransportError>]] = [:]
        /// Updates are given again, whatever was asked for.
        var isStubborn = false
    }

    let state = Locked(State())

    func send(_ request: HTTPRequest) -> Result<HTTPResponse, TransportError> {
        let method = request.url.split(separator: "/").last.map(String.init) ?? ""
        let body = String(decoding: request.body ?? [], as: UTF8.self)
        return state.withLock { state in
            state.sent.append((method, body))
            if let fault = state.faults[method]?.first {
                state.faults[method]?.removeFirst()
                return fault
            }
            guard method == "getUpdates" else {
                return ok(#"{"message_id":\#(state.sent.count)}"#)
            }
            let from = body.firstMatch(of: #/"offset":(\d+)/#).flatMap { Int64($0.1) } ?? 0
            let shown = state.updates.filter { state.isStubborn || $0.id >= from }
            return ok("[" + shown.map(\.text).joined(separator: ",") + "]")
        }
    }

    private func ok(_ result: String) -> Result<HTTPResponse, TransportError> {
        .success(HTTPResponse(status: 200, body: Array(#"{"ok":true,"result":\#(result)}"#.utf8)))
    }

    func press(_ data: String, id: Int64, user: Int = 7, name: String = "Анна", chat: String = "-100") {
        let text =
            #"{"update_id":\#(id),"callback_query":{"id":"q\#(id)","from":{"id":\#(user),"first_name":"\#(name)"},"data":"\#(data)","message":{"chat":{"id":\#(chat)}}}}"#
        state.withLock { $0.updates.append((id, text)) }
    }

    func say(_ words: String, id: Int64) {
        let text =
            #"{"update_id":\#(id),"message":{"from":{"id":7,"first_name":"Анна"},"chat":{"id":-100},"text":"\#(words)"}}"#
        state.withLock { $0.updates.append((id, text)) }
    }

    func fail(_ method: String, _ status: Int, _ body: String) {
        state.withLock {
            $0.faults[method, default: []].append(.success(HTTPResponse(status: status, body: Array(body.utf8))))
        }
    }

    /// The bodies of the calls of a method so far.
    func sent(_ method: String) -> [String] { state.withLock { $0.sent }.filter { $0.method == method }.map(\.body) }
}

private final class Lines: Sendable {
    let texts = Locked([String]())
}

private struct Recorder: LogHandler {
    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.notice
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
    func log(event: LogEvent) { lines.texts.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") } }
}

private struct Bench {
    let folder: URL
    let store: Store
    let chat = Chat()
    let lines = Lines()
    let clock: HandClock
    let around: Surroundings
    let telegram: Telegram

    init(users: [String]? = nil) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "parceld-answers-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try Store.open(folder.appending(path: "x.sqlite").path, .daemon)
        clock = HandClock(try #require(ISO8601("2026-11-02T10:00:00+03:00").instant))
        let zones = [
            "Asia/Shanghai": try readZone("Asia/Shanghai", in: "/usr/share/zoneinfo"),
            "Europe/Moscow": try readZone("Europe/Moscow", in: "/usr/share/zoneinfo"),
        ]
        let moscow = try #require(zones["Europe/Moscow"])
        let rules = try #require(Rules(settings: .standard, calendars: BuiltinCalendars.all(), zones: zones))
        let days = WorkingDays(calendars: [.plain], combine: .all, zone: moscow)
        let recipient = Recipient(
            name: "manager", language: .ru, zone: moscow, window: DeliveryWindow(opens: 0, closes: 86_400, days: days),
            channels: ["chat"])
        let (chat, lines) = (chat, lines)
        let log = Logger(label: "test") { _ in Recorder(lines: lines) }
        around = Surroundings(
            mirror: Mirror(store, log: log), rules: rules, recipients: [recipient], clock: clock, watch: ClockWatch(),
            zones: { zones[$0] }, send: { chat.send($0) }, log: log)
        var settings: [String: SettingValue] = ["token": .secret(Secret("1907:t")), "chat": .text("-100")]
        if let users { settings["users"] = .names(users) }
        let kind = try #require(channelKinds.first { $0.schema.name == "telegram" })
        telegram = try #require(kind.make("chat", SettingValues(settings)) as? Telegram)
    }

    func end() { try? FileManager.default.removeItem(at: folder) }

    /// A new listener, as after a start of the daemon.
    func listener() -> Answers {
        let chat = chat
        return Answers(telegram, around) { chat.send($0) }
    }

    /// Opens alerts of these numbers and tells them in one message.
    @discardableResult
    func tell(_ labels: String...) async throws -> [Alert] {
        let now = clock.now()
        var decision = Decision(at: now)
        for label in labels {
            var facts = AlertFacts()
            facts.thingKind = .item
            facts.label = label
            facts.workingDays = 4
            let alert = Alert(
                kind: .stall, thing: nil, key: "stall/\(label)", level: .warning, openedAt: now, facts: facts)
            decision.alertChanges.append(
                around.decided(
                    AlertChange(alert: alert, change: .opened, at: now, cause: .threshold), at: now, settledAt: nil))
        }
        try store.commit(decision)
        _ = await Dispatcher(telegram, around, .overHTTP(around.send)).tick(now: now)
        return try store.alerts(at: now, includingClosed: true)
    }

    func act(_ deed: Deed, on id: Int64, by who: String = "cli:x") throws {
        let alert = try #require(try store.alert(id))
        _ = try store.act(deed, on: [alert], by: who, at: clock.now()) {
            around.decided($0, at: clock.now(), settledAt: nil)
        }
    }

    var steps: [String] {
        get throws {
            try store.changes(of: try store.alerts(at: clock.now(), includingClosed: true).compactMap(\.rowID))
                .map { "\($0.change.rawValue) \($0.madeBy)" }
        }
    }
}

@Test func `a pressed button takes the alert on, once, whatever comes again`() async throws {
    let bench = try Bench()
    defer { bench.end() }
    let marker = Marker(bench.telegram, bench.around)
    _ = await marker.tick(now: bench.clock.now())
    try await bench.tell("1907-2")
    bench.chat.press("ack:1", id: 50)
    bench.chat.state.withLock { $0.isStubborn = true }
    for _ in 0..<3 { _ = await bench.listener().tick(now: bench.clock.now()) }
    #expect(try bench.steps == ["opened parceld", "acknowledged telegram:Анна"])
    #expect(try bench.store.alert(1)?.acknowledged?.by == "telegram:Анна")
    #expect(bench.chat.sent("answerCallbackQuery").count == 1)
    #expect(bench.chat.sent("answerCallbackQuery").first?.contains("Взято в работу: Анна") == true)
    #expect(bench.chat.sent("getUpdates").last?.contains(#""offset":51"#) == true)
    _ = await marker.tick(now: bench.clock.now())
    let edits = bench.chat.sent("editMessageText")
    #expect(edits.count == 1)
    #expect(edits.first?.contains("✋ В работе: Анна") == true)
    #expect(edits.first?.contains("ack:1") == false && edits.first?.contains("why:1") == true)
    // Again by somebody else: it is answered and changes nothing.
    bench.chat.press("ack:1", id: 51, name: "Олег")
    _ = await bench.listener().tick(now: bench.clock.now())
    #expect(bench.chat.sent("answerCallbackQuery").last?.contains("Уже в работе: Анна") == true)
    #expect(try bench.steps.count == 2)
}

@Test func `a deed that was committed before the daemon died is not done again, one that was not is`() async throws {
    let bench = try Bench()
    defer { bench.end() }
    try await bench.tell("1907-2")
    bench.chat.press("snz:1:2", id: 50)
    // Nobody hears that it was done.
    bench.chat.state.withLock { $0.faults["answerCallbackQuery"] = [.failure(.timedOut)] }
    _ = await bench.listener().tick(now: bench.clock.now())
    let until = try #require(try bench.store.alert(1)?.snoozed?.until)
    #expect(until == (try #require(ISO8601("2026-11-05T00:00:00+03:00").instant)))
    bench.clock.set(bench.clock.now() + .days(1))
    _ = await bench.listener().tick(now: bench.clock.now())
    #expect(try bench.store.alert(1)?.snoozed?.until == until)
    // The place was not stored: the same update comes again, and the deed is the same.
    try bench.store.writing { try $0.execute(sql: "DELETE FROM settings WHERE key LIKE 'telegram %'") }
    bench.clock.set(bench.clock.now() - .days(1))
    _ = await bench.listener().tick(now: bench.clock.now())
    #expect(try bench.steps == ["opened parceld", "snoozed telegram:Анна"])
}

@Test(arguments: [(["7"], 8, "-100"), (nil, 7, "-999"), (["7"], 7, "7")])
func `a stranger gets no answer and one line in the log`(users: [String]?, user: Int, chat: String) async throws {
    let bench = try Bench(users: users)
    defer { bench.end() }
    try await bench.tell("1907-2")
    let before = bench.chat.state.withLock { $0.sent.count }
    let listener = bench.listener()
    for id in 50..<55 {
        bench.chat.press("ack:1", id: Int64(id), user: user, name: "Mallory", chat: chat)
        _ = await listener.tick(now: bench.clock.now())
        bench.clock.set(bench.clock.now() + .seconds(1))
    }
    #expect(bench.chat.state.withLock { $0.sent.dropFirst(before).allSatisfy { $0.method == "getUpdates" } })
    #expect(try bench.steps == ["opened parceld"])
    let lines = bench.lines.texts.withLock { $0 }.filter { $0.contains("may not answer") }
    #expect(lines.count == 1)
    #expect(lines.first?.contains("\(user)") == true && lines.first?.contains("Mallory") == false)
    #expect(bench.chat.sent("getUpdates").last?.contains(#""offset":54"#) == true)
}

@Test func `an old or foreign button, a closed alert and one that is not there are answered, and change nothing`()
    async throws
{
    let bench = try Bench()
    defer { bench.end() }
    try await bench.tell("1907-2")
    try bench.act(.close, on: 1)
    let presses = [
        ("ack:1", "Уже закрыто"), ("snz:1:1", "Уже закрыто"), ("ack:99", "Такой тревоги нет"), ("x", "не работает"),
        ("why:99", "не работает"),
    ]
    for (place, press) in presses.enumerated() {
        bench.chat.press(press.0, id: Int64(50 + place))
        _ = await bench.listener().tick(now: bench.clock.now())
        #expect(bench.chat.sent("answerCallbackQuery").count == place + 1)
        #expect(bench.chat.sent("answerCallbackQuery").last?.contains(press.1) == true, "\(press)")
    }
    #expect(try bench.steps == ["opened parceld", "closed cli:x"])
}

@Test(arguments: [(502, "<html>Bad Gateway</html>"), (409, #"{"ok":false,"error_code":409,"description":"Conflict"}"#)])
func `an outage backs off, is logged once, and holds up no message`(status: Int, body: String) async throws {
    let bench = try Bench()
    defer { bench.end() }
    let listener = bench.listener()
    var delays: [Duration] = []
    for _ in 0..<8 {
        bench.chat.fail("getUpdates", status, body)
        let next = try #require(await listener.tick(now: bench.clock.now()))
        delays.append(next - bench.clock.now())
        bench.clock.set(next)
    }
    #expect(delays == delays.sorted())
    #expect(try #require(delays.first) >= .seconds(10) && #require(delays.last) == .minutes(10))
    #expect(bench.lines.texts.withLock { $0 }.filter { $0.contains("cannot be heard") }.count == 1)
    try await bench.tell("1907-2")
    #expect(bench.chat.sent("sendMessage").count == 1)
    bench.chat.press("ack:1", id: 50)
    _ = await listener.tick(now: bench.clock.now())
    #expect(try bench.store.alert(1)?.acknowledged != nil)
}

@Test func `after a week without updates whatever Telegram has is asked for`() async throws {
    let bench = try Bench()
    defer { bench.end() }
    try await bench.tell("1907-2")
    bench.chat.press("ack:1", id: 5000)
    _ = await bench.listener().tick(now: bench.clock.now())
    bench.clock.set(bench.clock.now() + .days(7))
    bench.chat.state.withLock { $0.updates = [] }
    // The numbers began anew.
    bench.chat.press("snz:1:1", id: 3)
    _ = await bench.listener().tick(now: bench.clock.now())
    #expect(bench.chat.sent("getUpdates").last?.contains("offset") == false)
    #expect(try bench.store.alert(1)?.snoozed != nil)
    _ = await bench.listener().tick(now: bench.clock.now())
    #expect(bench.chat.sent("getUpdates").last?.contains(#""offset":4"#) == true)
}

@Test func `commands are answered from the mirror, with buttons where something is open`() async throws {
    let bench = try Bench()
    defer { bench.end() }
    try await bench.tell("1907-2", "1907-3")
    let asked = [
        ("/stalled", "Стоит на месте: 2"), ("/status@bot", "Открыто тревог: 2"), ("/help", "/show 1907-2"),
        ("/show 4242-1", "Ничего не известно о 4242-1"), ("/show", "Напишите так"),
    ]
    for (place, command) in asked.enumerated() {
        bench.chat.say(command.0, id: Int64(50 + place))
        _ = await bench.listener().tick(now: bench.clock.now())
        #expect(bench.chat.sent("sendMessage").count == place + 2)
        #expect(bench.chat.sent("sendMessage").last?.contains(command.1) == true, "\(command)")
    }
    #expect(bench.chat.sent("sendMessage")[1].contains("ack:1"))
    // Another bot's, or no command at all.
    bench.chat.say("/weather", id: 60)
    bench.chat.say("thanks", id: 61)
    _ = await bench.listener().tick(now: bench.clock.now())
    #expect(bench.chat.sent("sendMessage").count == asked.count + 1)
    bench.chat.press("why:2", id: 62)
    bench.chat.press("let:2", id: 63)
    _ = await bench.listener().tick(now: bench.clock.now())
    #expect(bench.chat.sent("sendMessage").suffix(2).allSatisfy { $0.contains("1907-3") })
    #expect(bench.chat.sent("answerCallbackQuery").count == 2)
}

@Test func `a listener that is stopped asks no more`() async throws {
    let bench = try Bench()
    defer { bench.end() }
    let listener = bench.listener()
    await listener.stop()
    #expect(await listener.tick(now: bench.clock.now()) == nil)
    #expect(bench.chat.sent("getUpdates").isEmpty)
}

/// The host's way: a request may wait, and lanes run together.
private struct TogetherClock: ServiceClock {
    let hand: HandClock
    var runsLanesTogether: Bool { true }
    func now() -> Timestamp { hand.now() }
    func sinceBoot() -> Duration? { nil }
    func wait(until instant: Timestamp?) async {}
    func interrupt() {}
    func pause(until instant: Timestamp) async {}
}

@Test func `a request waits at Telegram, wakes nobody while nothing comes, and asks a hasty server no faster`()
    async throws
{
    let bench = try Bench()
    defer { bench.end() }
    var around = bench.around
    around.clock = TogetherClock(hand: bench.clock)
    let (chat, clock) = (bench.chat, bench.clock)
    let takes = Locked(Duration.seconds(25))
    let listener = Answers(bench.telegram, around) { request in
        clock.set(clock.now() + takes.withLock { $0 })
        return chat.send(request)
    }
    let first = await listener.tick(now: clock.now())
    #expect(first == clock.now())
    // The same instant, which is due at once.
    #expect(await listener.tick(now: clock.now()) == first)
    #expect(chat.sent("getUpdates").allSatisfy { $0.contains(#""timeout":25"#) })
    takes.withLock { $0 = .zero }
    #expect(await listener.tick(now: clock.now()) == clock.now() + .seconds(2))
    chat.press("ack:9", id: 50)
    #expect(await listener.tick(now: clock.now()) == clock.now())
}

@Test func `simulated time neither waits nor stops for answers`() async throws {
    let bench = try Bench()
    defer { bench.end() }
    try await bench.tell("1907-2")
    let listener = bench.listener()
    let now = bench.clock.now()
    #expect(await listener.tick(now: now) == nil)
    bench.chat.press("ack:1", id: 50)
    // Once at an instant.
    #expect(await listener.tick(now: now) == nil)
    #expect(bench.chat.sent("getUpdates").map { $0.contains(#""timeout":0"#) } == [true])
    bench.clock.set(now + .seconds(1))
    // Others look at once at what was done.
    #expect(await listener.tick(now: bench.clock.now()) == bench.clock.now())
    #expect(await listener.tick(now: bench.clock.now()) == nil)
    #expect(try bench.steps.count == 2)
}

@Test func `a stop ends the request in hand at once`() async throws {
    let bench = try Bench()
    defer { bench.end() }
    let (begun, ended) = (Bell(), Bell())
    let listener = Answers(bench.telegram, bench.around) { _ in
        begun.ring()
        await withTaskCancellationHandler {
            await ended.wait()
        } onCancel: {
            ended.ring()
        }
        return .failure(.cancelled)
    }
    async let next = listener.tick(now: bench.clock.now())
    await begun.wait()
    await listener.stop()
    #expect(await next == nil)
    #expect(bench.lines.texts.withLock { $0 }.isEmpty)
}

@Test func `chats of one bot have one listener, and each is answered in its own language`() async throws {
    let bench = try Bench()
    defer { bench.end() }
    let kind = try #require(channelKinds.first { $0.schema.name == "telegram" })
    let other = try #require(
        kind.make("english", SettingValues(["token": .secret(Secret("1907:t")), "chat": .text("-200")])) as? Telegram)
    var around = bench.around
    let zone = try #require(around.recipients.first?.zone)
    let window = try #require(around.recipients.first?.window)
    around.recipients.append(
        Recipient(name: "owner", language: .en, zone: zone, window: window, channels: ["english"]))
    try await bench.tell("1907-2")
    bench.chat.press("ack:1", id: 50, chat: "-200")
    bench.chat.press("ack:1", id: 51)
    bench.chat.press("ack:1", id: 52, chat: "-300")
    let chat = bench.chat
    let listener = Answers(bench.telegram, with: [other], around) { chat.send($0) }
    _ = await listener.tick(now: bench.clock.now())
    let answers = bench.chat.sent("answerCallbackQuery")
    #expect(answers.count == 2)
    #expect(answers.first?.contains("Taken on by Анна") == true && answers.last?.contains("Уже в работе") == true)
    #expect(bench.chat.sent("getUpdates").count == 1)
    #expect(bench.telegram.isSameBot(as: other))
    bench.clock.set(bench.clock.now() + .seconds(1))
    _ = await listener.tick(now: bench.clock.now())
    #expect(bench.chat.sent("getUpdates").last?.contains(#""offset":53"#) == true)
}

// MARK: Marks

@Test func `what closed is marked in the message that told it, once, and again only after a crash`() async throws {
    let bench = try Bench()
    defer { bench.end() }
    _ = await Marker(bench.telegram, bench.around).tick(now: bench.clock.now())
    try await bench.tell("1907-2", "1907-3")
    try bench.act(.close, on: 1)
    try bench.act(.acknowledge, on: 2, by: "telegram:Анна")
    let marker = Marker(bench.telegram, bench.around)
    for _ in 0..<3 { #expect(await marker.tick(now: bench.clock.now()) == nil) }
    let edits = bench.chat.sent("editMessageText")
    // Two steps, one message.
    #expect(edits.count == 1)
    #expect(edits.first?.contains("✅ <s>") == true && edits.first?.contains("✋ В работе: Анна") == true)
    #expect(edits.first?.contains("snz:1:") == false && edits.first?.contains("snz:2:1") == true)
    // Died before it was written down.
    try bench.store.writing { try $0.execute(sql: "UPDATE settings SET value = '0' WHERE key = 'marked chat'") }
    _ = await Marker(bench.telegram, bench.around).tick(now: bench.clock.now())
    #expect(bench.chat.sent("editMessageText") == [edits[0], edits[0]])
}

@Test func `marking obeys Telegram's pace, gives up what is gone, and begins with what is told from now on`()
    async throws
{
    let bench = try Bench()
    defer { bench.end() }
    try await bench.tell("old")
    try bench.act(.close, on: 1)
    let marker = Marker(bench.telegram, bench.around)
    _ = await marker.tick(now: bench.clock.now())
    #expect(bench.chat.sent("editMessageText").isEmpty)
    for label in ["1907-1", "1907-2", "1907-3"] { try await bench.tell(label) }
    for id in 2...4 { try bench.act(.close, on: Int64(id)) }
    bench.chat.fail(
        "editMessageText", 400, #"{"ok":false,"error_code":400,"description":"Bad Request: message to edit not found"}"#
    )
    bench.chat.fail(
        "editMessageText", 429, #"{"ok":false,"error_code":429,"description":"Flood","parameters":{"retry_after":20}}"#)
    let now = bench.clock.now()
    #expect(await marker.tick(now: now) == now + .seconds(20))
    #expect(await marker.tick(now: now) == now + .seconds(20))
    #expect(bench.chat.sent("editMessageText").count == 2)
    bench.clock.set(now + .seconds(20))
    #expect(await marker.tick(now: bench.clock.now()) == nil)
    let edits = bench.chat.sent("editMessageText")
    // The one that is gone is not tried again.
    #expect(edits.count == 4 && edits.filter { $0.contains("1907-1") }.count == 1)
    #expect(edits.last?.contains("1907-3") == true)
}

@Test func `a message that is still under way is marked when it has arrived`() async throws {
    let bench = try Bench()
    defer { bench.end() }
    let marker = Marker(bench.telegram, bench.around)
    _ = await marker.tick(now: bench.clock.now())
    bench.chat.fail("sendMessage", 502, "<html>")
    try await bench.tell("1907-2")
    try bench.act(.acknowledge, on: 1)
    _ = await marker.tick(now: bench.clock.now())
    #expect(bench.chat.sent("editMessageText").isEmpty)
    bench.clock.set(bench.clock.now() + .hours(1))
    _ = await Dispatcher(bench.telegram, bench.around, .overHTTP(bench.around.send)).tick(now: bench.clock.now())
    _ = await marker.tick(now: bench.clock.now())
    #expect(bench.chat.sent("editMessageText").count == 1)
}

@Test func `what gets worse in somebody's hands is told with their name`() async throws {
    let bench = try Bench()
    defer { bench.end() }
    try await bench.tell("1907-2")
    try bench.act(.acknowledge, on: 1, by: "telegram:Анна")
    let now = bench.clock.now()
    var worse = try #require(try bench.store.alert(1))
    worse.level = .critical
    let change = AlertChange(alert: worse, change: .escalated, at: now, cause: .threshold)
    var decision = Decision(at: now)
    decision.alertChanges = [bench.around.decided(change, at: now, settledAt: nil)]
    try bench.store.commit(decision)
    _ = await Dispatcher(bench.telegram, bench.around, .overHTTP(bench.around.send)).tick(now: now)
    let sent = bench.chat.sent("sendMessage")
    #expect(sent.count == 2)
    #expect(sent.last?.contains("✋ В работе: Анна") == true && sent.last?.contains("ack:1") == false)
}
