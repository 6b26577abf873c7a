// The service in one line of words, as `systemctl status` shows it. Sent when it changes, at most every few seconds;
// nobody is woken for it.

import ParcelChannels
import ParcelCore
import ParcelStore

actor StatusLine {
    private static let pause = Swift.Duration.seconds(3)

    private let mirror: Mirror
    private let clock: any ServiceClock
    private let notifier: SystemdNotifier
    private let (changes, source) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    private var providers: [ProviderID] = []
    private var reader = Reader(.en, .utc)
    private var configuration: ConfigurationState?
    private var shown = ""

    init(mirror: Mirror, clock: any ServiceClock, notifier: SystemdNotifier) {
        self.mirror = mirror
        self.clock = clock
        self.notifier = notifier
    }

    /// Something may read otherwise now.
    nonisolated func note() { source.yield() }

    /// By what the service runs from now on.
    func take(_ loaded: Loaded) {
        providers = loaded.providers.map(\.id)
        // The journal's language; the clock of those who are told.
        reader = Reader(.en, loaded.recipients.first?.zone ?? .utc)
    }

    func take(_ configuration: ConfigurationState) { self.configuration = configuration }

    /// The line as it is now, which is then no news any more.
    func current() async -> String {
        shown = await text() ?? shown
        return shown
    }

    /// Until the task is cancelled.
    func run() async {
        guard notifier.isHeard else { return }
        for await _ in changes {
            if let text = await text(), text != shown {
                shown = text
                notifier.status(text)
            }
            try? await Task.sleep(for: StatusLine.pause)
        }
    }

    private func text() async -> String? {
        let now = clock.now()
        let found = try? await mirror { store throws(StoreError) in
            (try store.counts(), try store.health(), try store.alerts(at: now, includingClosed: false).count)
        }
        guard let (counts, health, open) = found else { return nil }
        let things = counts.watched.values.reduce(0, +) + counts.trackNumbers
        var parts = [
            [counted(providers.count, "provider"), counted(things, "thing"), "\(grouped(open)) open"]
                .joined(separator: ", ")
        ]
        if let next = providers.compactMap({ counts.nextAsk[$0] }).min() {
            parts.append(next <= now ? "polling" : "next poll at \(clockTime(next, now))")
        }
        if let failing = failing(health, now) { parts.append(failing) }
        if let refused = configuration.flatMap({ refusal($0, now) }) { parts.insert(refused, at: 0) }
        return parts.joined(separator: "; ")
    }

    private func failing(_ health: [ProviderHealth], _ now: Timestamp) -> String? {
        let down = health.filter { $0.failingSince != nil && providers.contains($0.provider) }
            .sorted { ($0.failingSince ?? now, $0.provider) < ($1.failingSince ?? now, $1.provider) }
        guard let first = down.first, let since = first.failingSince else { return nil }
        let others = down.count > 1 ? " and \(down.count - 1) more" : ""
        let isRefused = down.allSatisfy { $0.authFailedAt != nil }
        let verb =
            down.count > 1
            ? isRefused ? "refuse the login" : "do not answer"
            : isRefused ? "refuses the login" : "does not answer"
        return "\(reader.name(first.provider))\(others) \(verb) since \(clockTime(since, now))"
    }

    private func refusal(_ state: ConfigurationState, _ now: Timestamp) -> String? {
        guard let since = state.refusedAt else { return nil }
        return "the configuration file has \(counted(state.problemCount, "mistake")) since \(clockTime(since, now)), "
            + "running the one of \(clockTime(state.takenAt, now))"
    }

    /// `14:20`; of another day `24 Nov 14:20`.
    private func clockTime(_ instant: Timestamp, _ now: Timestamp) -> String {
        let (local, today) = (reader.zone.local(instant), reader.zone.local(now).date)
        let time = String(clockText(local.secondOfDay).prefix(5))
        return local.date == today ? time : "\(reader.dayAndMonth(local.date)) \(time)"
    }
}

private func counted(_ count: Int, _ noun: String) -> String {
    "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")"
}

/// `1,203`
private func grouped(_ count: Int) -> String {
    var text = ""
    for (place, digit) in String(count).reversed().enumerated() {
        if place > 0, place % 3 == 0 { text.append(",") }
        text.append(digit)
    }
    return String(text.reversed())
}
