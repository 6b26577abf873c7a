// Where people are told in the tests: channels that only remember what they were sent, recipients that a test chooses, a
// real store, and all stages over the same surroundings.

import Foundation
import GRDB
import Logging
import ParcelChannels
import ParcelCore
import Testing

@testable import ParcelService
@testable import ParcelStore

final class Bureau: Sendable {
    struct Post: Sendable, Equatable {
        var channel: String
        var key: String
        var body: String
    }

    let folder: URL
    let store: Store
    let clock: HandClock
    let watch = ClockWatch()
    /// What the channels took, in order.
    let posts = Locked([Post]())
    /// What a channel answers, asked before it takes anything.
    let status = Locked<@Sendable (Post) -> Int>({ _ in 200 })
    /// What the providers answer.
    let answer = Locked<@Sendable (HTTPRequest) -> HTTPResponse>({ _ in HTTPResponse(status: 503, body: []) })
    private let zones: [String: Zone]

    init(_ start: Timestamp) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "parceld-bureau-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try Store.open(folder.appending(path: "x.sqlite").path, .daemon)
        clock = HandClock(start)
        zones = [
            "Asia/Shanghai": try readZone("Asia/Shanghai", in: "/usr/share/zoneinfo"),
            "Europe/Moscow": try readZone("Europe/Moscow", in: "/usr/share/zoneinfo"),
        ]
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// `anna: office, mail`, by day or around the clock.
    static func recipient(_ text: String, hours: Range<Int> = 0..<24) throws -> Recipient {
        let parts = text.split(separator: ":").map { $0.trimmingCharacters(in: .whitespaces) }
        let channels = try #require(parts.last).split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        let window = DeliveryWindow(
            opens: hours.lowerBound * 3600, closes: hours.upperBound * 3600,
            days: WorkingDays(calendars: [.plain], combine: .all, zone: .utc))
        return Recipient(name: parts[0], language: .en, zone: .utc, window: window, channels: channels)
    }

    /// - Parameter china: In place of the built-in calendar.
    func around(
        _ recipients: [Recipient], over store: Store? = nil, china: WorkCalendar? = nil
    ) throws -> Surroundings {
        var calendars = try BuiltinCalendars.all()
        if let china { calendars["cn"] = china }
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let (zones, answer) = (zones, answer)
        return Surroundings(
            mirror: Mirror(store ?? self.store, log: log),
            rules: try #require(Rules(settings: .standard, calendars: calendars, zones: zones)),
            recipients: recipients, clock: clock, watch: watch, zones: { zones[$0] },
            send: { request in .success(answer.withLock { $0 }(request)) }, log: log)
    }

    /// A channel's dispatcher, which posts to `http://127.0.0.1/<name>`.
    func dispatcher(_ name: String, _ around: Surroundings, kind: String = "webhook") throws -> Dispatcher {
        let made = try #require(channelKinds.first { $0.schema.name == kind })
        let settings = SettingValues([
            "url": .text("http://127.0.0.1/\(name)"), "token": .secret(Secret("t")), "chat": .text("1"),
        ])
        let channel = try #require(made.make(name, settings))
        return Dispatcher(
            channel, around, .overHTTP { [weak self] in self?.take($0, for: name) ?? .failure(.timedOut) })
    }

    func evaluator(
        _ around: Surroundings, providers: Set<ProviderID> = ["shiptor"], calendars: [WorkCalendar] = []
    ) -> Evaluator {
        Evaluator(
            around, providers: providers, routing: Routing(providers: []), downAfter: .hours(1), calendars: calendars)
    }

    private func take(_ request: HTTPRequest, for channel: String) -> Result<HTTPResponse, TransportError> {
        let key = request.headers.first { $0.name == "Idempotency-Key" }?.value ?? ""
        let post = Post(channel: channel, key: key, body: String(decoding: request.body ?? [], as: UTF8.self))
        let status = status.withLock { $0 }(post)
        if status == 200 { posts.withLock { $0.append(post) } }
        return .success(HTTPResponse(status: status, body: Array(#"{"ok":true,"result":{"message_id":7}}"#.utf8)))
    }

    /// What was told by now, as `office opened database`, each item of a post by itself.
    var told: [String] {
        posts.withLock { $0 }.flatMap { post -> [String] in
            let items = post.body.components(separatedBy: #"{"telling":""#).dropFirst()
            return items.map { item in
                let telling = item.prefix { $0 != "\"" }
                let kind = item.components(separatedBy: #""kind":""#).dropFirst().first?.prefix { $0 != "\"" } ?? ""
                return "\(post.channel) \(telling) \(kind)"
            }
        }
    }

    /// An alert about a provider opens, for everybody who is to be told.
    @discardableResult
    func open(
        _ kind: AlertKind = .providerDown, _ provider: ProviderID, _ around: Surroundings, at now: Timestamp,
        on store: Store? = nil
    ) throws -> Int64 {
        var facts = AlertFacts()
        facts.provider = provider
        let alert = Alert(
            kind: kind, thing: nil, key: "\(kind.rawValue)/\(provider)", level: .critical, openedAt: now, facts: facts)
        return try commit(AlertChange(alert: alert, change: .opened, at: now, cause: .reported), around, store)
    }

    func close(_ provider: ProviderID, _ around: Surroundings, at now: Timestamp) throws {
        var alert = try #require(try store.openServiceAlerts().first { $0.facts.provider == provider })
        alert.closedAt = now
        alert.facts.cause = .recovered
        try commit(AlertChange(alert: alert, change: .closed, at: now, cause: .recovered), around, nil)
    }

    @discardableResult
    private func commit(_ change: AlertChange, _ around: Surroundings, _ other: Store?) throws -> Int64 {
        var decision = Decision(at: change.at)
        decision.alertChanges = [around.decided(change, at: change.at, settledAt: nil)]
        let store = other ?? self.store
        try store.commit(decision)
        return try store.openServiceAlerts().last?.rowID ?? 0
    }

    /// How many pages the file may still grow; nil: without end.
    func limit(_ pages: Int?) throws {
        try store.database.writeWithoutTransaction { db in
            let most = try pages.map { try (Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0) + $0 } ?? 1_000_000
            try db.execute(sql: "PRAGMA max_page_count = \(most)")
        }
    }
}
