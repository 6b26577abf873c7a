import ParcelCore
import Testing

@testable import ParcelStore

struct OutboxTests {
    /// Two items with an open alert each, told to two recipients: rows 1 and 2 of the first alert, 3 and 4 of the second.
    private func bench(notBefore: Timestamp = noon) throws -> Bench {
        let bench = try Bench()
        let things: [Thing] = [.make(-1, .item, "1-1"), .make(-2, .item, "1-2")]
        let changes = things.map { thing in
            var facts = AlertFacts()
            facts.label = thing.label
            let alert = Alert(kind: .stall, thing: thing.id, key: "k", level: .warning, openedAt: noon, facts: facts)
            let change = AlertChange(alert: alert, change: .opened, at: noon, cause: .threshold)
            return DecidedChange(
                change: change,
                rows: ["anna", "boris"].map {
                    OutboxRow(change, recipient: $0, channel: "telegram", notBefore: notBefore)
                })
        }
        try bench.store.commit(.saving(Family(things: things), changes: changes))
        return bench
    }

    /// The second step of the first alert.
    private func close(_ bench: Bench, notBefore: Timestamp) throws {
        let id = try #require(try bench.store.find("1-1").first?.id)
        var alert = try #require(try bench.store.alerts(about: [id]).first)
        alert.closedAt = noon + .hours(1)
        let change = AlertChange(alert: alert, change: .closed, at: noon + .hours(1), cause: .moved)
        var decision = Decision(at: noon + .hours(1))
        decision.alertChanges = [
            DecidedChange(
                change: change, rows: [OutboxRow(change, recipient: "anna", channel: "telegram", notBefore: notBefore)])
        ]
        try bench.store.commit(decision)
    }

    private func due(_ bench: Bench, at: Timestamp, channel: String = "telegram") throws -> [String: [Int64]] {
        try bench.store.dueRows(channel, at: at).mapValues { $0.compactMap(\.rowID) }
    }

    @Test func `rows are due from their time on, by recipient and channel`() throws {
        let bench = try bench(notBefore: noon + .hours(9))
        #expect(try due(bench, at: noon + .hours(8)) == [:])
        #expect(try bench.store.nextDelivery("telegram") == noon + .hours(9))
        #expect(try due(bench, at: noon + .hours(9)) == ["anna": [1, 3], "boris": [2, 4]])
        #expect(try due(bench, at: noon + .hours(9), channel: "webhook") == [:])
        #expect(try bench.store.nextDelivery("webhook") == nil)
    }

    @Test func `what is due takes the earlier steps of its alert along`() throws {
        // Held back for the overview, but it closes before that: one line, not a message and later another.
        let bench = try bench(notBefore: noon + .hours(9))
        try close(bench, notBefore: noon + .hours(2))
        #expect(try due(bench, at: noon + .hours(2)) == ["anna": [1, 5]])
    }

    @Test func `a later step waits for its own time`() throws {
        let bench = try bench()
        try close(bench, notBefore: noon + .hours(9))
        #expect(try due(bench, at: noon) == ["anna": [1, 3], "boris": [2, 4]])
    }

    @Test func `a message takes its rows once`() throws {
        let bench = try bench()
        func write(_ rows: [Int64], _ recipient: String, key: String) throws {
            try bench.store.createMessage(
                for: recipient, channel: "telegram", dedupKey: key, parts: ["один", "два \"\\\n"], rows: rows, at: noon)
        }
        try write([1, 3], "anna", key: "a")
        #expect(try due(bench, at: noon) == ["boris": [2, 4]])
        // The same rows, the same key, another recipient's rows: refused, and nothing is left of the attempt.
        #expect(throws: StoreError.self) { try write([1, 3], "anna", key: "b") }
        #expect(throws: StoreError.self) { try write([2, 4], "boris", key: "a") }
        #expect(throws: StoreError.self) { try write([2, 4], "anna", key: "c") }
        #expect(try bench.store.messages().map(\.dedupKey) == ["a"])
        #expect(try due(bench, at: noon) == ["boris": [2, 4]])
        #expect(try bench.store.messages().first?.parts == ["один", "два \"\\\n"])
    }

    @Test func `what the channel said is kept, and nothing overtakes an unfinished message`() throws {
        let bench = try bench()
        try bench.store.createMessage(
            for: "anna", channel: "telegram", dedupKey: "a", parts: ["1", "2"], rows: [1], at: noon)
        var message = try #require(try bench.store.dueMessages("telegram", at: noon).first)
        // Row 3 is due, but it would be told before the message that is still under way.
        #expect(try due(bench, at: noon) == ["boris": [2, 4]])

        message.partsDone = 1
        message.attempts = 2
        message.lastError = "timed out"
        message.nextAttemptAt = noon + .minutes(5)
        try bench.store.record(message)
        #expect(try bench.store.dueMessages("telegram", at: noon + .minutes(4)) == [])
        #expect(try bench.store.nextDelivery("telegram") == noon)  // boris' rows
        #expect(try bench.store.dueMessages("telegram", at: noon + .minutes(5)) == [message])
        #expect(try bench.store.refusedChannels(at: noon).isEmpty)

        message.refusedAt = noon + .minutes(5)
        message.lastError = "403: bot was blocked by the user"
        try bench.store.record(message)
        #expect(try bench.store.refusedChannels(at: noon).map(\.channel) == ["telegram"])
        #expect(try bench.store.refusedChannels(at: noon).map(\.reason) == ["403: bot was blocked by the user"])
        #expect(try bench.store.counts().waitingMessages == 1)

        message.partsDone = 2
        message.deliveredAt = noon + .hours(1)
        try bench.store.record(message)
        #expect(try bench.store.refusedChannels(at: noon).isEmpty)
        #expect(try bench.store.dueMessages("telegram", at: noon + .days(9)) == [])
        #expect(try bench.store.messages() == [message])
        #expect(try due(bench, at: noon) == ["anna": [3], "boris": [2, 4]])
        #expect(try bench.store.counts().waitingRows == 3)
    }

    @Test func `only what waits for nobody else says when to wake`() throws {
        let bench = try bench(notBefore: noon + .hours(2))
        try bench.store.createMessage(
            for: "anna", channel: "telegram", dedupKey: "a", parts: ["1"], rows: [1], at: noon)
        try bench.store.createMessage(
            for: "boris", channel: "telegram", dedupKey: "b", parts: ["1"], rows: [2, 4], at: noon)
        for var message in try bench.store.messages() {
            message.nextAttemptAt = noon + .hours(5)
            try bench.store.record(message)
        }
        // Row 3 would be due before that, but anna's message is still under way.
        #expect(try bench.store.nextDelivery("telegram") == noon + .hours(5))
    }

    @Test func `an alert's past is what its recipient took of it through the channel, oldest first`() throws {
        let bench = try bench()
        func tell(_ rows: [Int64], _ recipient: String, key: String, delivered: Bool = true) throws {
            try bench.store.createMessage(
                for: recipient, channel: "telegram", dedupKey: key, parts: [key + "1", key + "2"], rows: rows, at: noon)
            var message = try #require(try bench.store.messages().last)
            message.references = ["7\"", nil]
            message.partsDone = 2
            if delivered { message.deliveredAt = noon }
            try bench.store.record(message)
            #expect(try bench.store.messages().last == message)
        }
        func keys(_ recipient: String, _ channel: String = "telegram") throws -> [Int64: [String]] {
            try bench.store.pasts(of: [1, 2], recipient: recipient, channel: channel)
                .mapValues { $0.messages.map(\.dedupKey) }
        }
        #expect(try keys("anna") == [1: [], 2: []])
        try tell([1, 3], "anna", key: "a")
        try close(bench, notBefore: noon)
        try tell([5], "anna", key: "b")
        try tell([2], "boris", key: "c", delivered: false)
        #expect(try keys("anna") == [1: ["a", "b"], 2: ["a"]])
        #expect(try keys("boris") == [1: [], 2: []])
        #expect(try keys("anna", "webhook") == [1: [], 2: []])
        let past = try #require(try bench.store.pasts(of: [1], recipient: "anna", channel: "telegram")[1])
        #expect(past.openedAt == noon)
        #expect(
            past.messages.first?.parts == [.init(text: "a1", reference: "7\""), .init(text: "a2", reference: nil)])
    }

    /// Another step of the first alert for these recipients.
    private func step(_ bench: Bench, _ change: Change, _ level: Level, for recipients: [String]) throws {
        let id = try #require(try bench.store.find("1-1").first?.id)
        var alert = try #require(try bench.store.alerts(about: [id]).first)
        alert.level = level
        alert.closedAt = change == .closed ? noon : nil
        let change = AlertChange(alert: alert, change: change, at: noon, cause: .moved)
        var decision = Decision(at: noon)
        decision.alertChanges = [
            DecidedChange(
                change: change,
                rows: recipients.map { OutboxRow(change, recipient: $0, channel: "telegram", notBefore: noon) })
        ]
        try bench.store.commit(decision)
    }

    @Test func `who was not told of the opening is not told of the end, and what gets worse is opened for them`() throws
    {
        let bench = try bench()
        func told(_ recipient: String) throws -> [String] {
            try bench.store.dueRows("telegram", at: noon)[recipient, default: []].filter { $0.alert == 1 }
                .map { "\($0.change.rawValue) \($0.level.rawValue)" }
        }
        try step(bench, .closed, .warning, for: ["anna", "boris", "clara"])
        #expect(try told("clara") == [])
        try step(bench, .reopened, .warning, for: ["anna"])
        try step(bench, .escalated, .critical, for: ["anna", "boris", "clara"])
        try step(bench, .closed, .critical, for: ["anna", "boris", "clara", "dora"])
        #expect(
            try told("anna") == [
                "opened warning", "closed warning", "reopened warning", "escalated critical", "closed critical",
            ])
        // He believed that it was over.
        #expect(try told("boris") == ["opened warning", "closed warning", "reopened critical", "closed critical"])
        #expect(try told("clara") == ["opened critical", "closed critical"])
        #expect(try told("dora") == [])
    }
}
