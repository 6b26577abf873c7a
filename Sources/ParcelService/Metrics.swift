// Which figures are shown, and what they are called: docs/monitoring/README.md lists the same. How they are written down
// is the core's.

package import ParcelCore
package import ParcelStore

/// What the figures are about, beside what is stored.
package struct MetricsSource: Sendable {
    package var providers: [any Provider]
    package var calendars: [WorkCalendar]
    package var channels: [String]
    package var startedAt: Timestamp
    package var version: String
    package var around: Surroundings

    package func families(_ store: Store, at now: Timestamp) throws(StoreError) -> [MetricFamily] {
        let figures = try store.figures(at: now)
        var spent: [ProviderID: Int] = [:]
        for provider in providers where provider.manners.requestsPerDay != nil {
            spent[provider.id] = try store.spent(provider.id, day: around.day(of: provider, at: now)).requests
        }
        return about(service: figures, now) + about(mirror: figures) + about(providers: figures, spent, now)
            + about(channels: figures, now)
    }

    private func about(service figures: Figures, _ now: Timestamp) -> [MetricFamily] {
        let today = Zone.utc.date(of: now)
        return [
            gauge("build_info", "Always 1; which version runs.", [([.init("version", version)], 1)]),
            gauge("start_timestamp_seconds", "When it was started, in seconds since 1970.", [([], seconds(startedAt))]),
            gauge(
                "clock_believed", "Whether the host's clock is believed; while it is not, nothing is decided.",
                [([], around.watch.problem == nil ? 1 : 0)]),
            gauge("database_bytes", "Size of the database.", [([], Double(figures.sizes.database))]),
            gauge("database_log_bytes", "Size of its write-ahead log.", [([], Double(figures.sizes.log))]),
            gauge(
                "calendar_coverage_seconds",
                "How long there are data yet, in whole days from today; 0 where they ended.",
                calendars.compactMap { calendar in
                    calendar.coverageEnd.map {
                        ([.init("calendar", calendar.id)], Double(max(0, $0.ordinal - today.ordinal) * 86_400))
                    }
                }),
        ]
    }

    private func about(mirror figures: Figures) -> [MetricFamily] {
        [
            gauge(
                "things", "Unfinished things by what they wait for.",
                figures.things.map {
                    ([.init("kind", $0.kind.rawValue), .init("stage", $0.stage?.rawValue ?? "none")], Double($0.count))
                }),
            gauge(
                "things_finished", "Things that are delivered, refunded, cancelled or removed.",
                figures.finished.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                    ([.init("kind", $0.key.rawValue)], Double($0.value))
                }),
            gauge(
                "alerts_open", "Open alerts.",
                figures.alerts.map {
                    ([.init("kind", $0.kind.rawValue), .init("level", $0.level.rawValue)], Double($0.count))
                }),
        ]
    }

    private func about(providers figures: Figures, _ spent: [ProviderID: Int], _ now: Timestamp) -> [MetricFamily] {
        let counts = around.meters.counts
        func each(_ value: (any Provider, ProviderHealth) -> Double?) -> [([MetricFamily.Label], Double)] {
            providers.compactMap { provider in
                let health =
                    figures.health.first { $0.provider == provider.id } ?? ProviderHealth(provider: provider.id)
                return value(provider, health).map { ([.init("provider", provider.id.description)], $0) }
            }
        }
        return [
            gauge(
                "provider_up", "Whether its last answer was one.",
                each { $1.lastSuccessAt == nil ? nil : $1.failingSince == nil ? 1 : 0 }),
            gauge(
                "provider_last_success_timestamp_seconds", "When it last answered, in seconds since 1970.",
                each { $1.lastSuccessAt.map(seconds) }),
            counter("polls", "Polls by what came of them, since the start.", tally(counts.polls, "provider")),
            MetricFamily(
                "parceld_request_duration_seconds", .histogram, "From a request to its answer.",
                counts.latency.sorted { $0.key < $1.key }.map {
                    .init([.init("provider", $0.key.description)], .histogram($0.value))
                }),
            counter(
                "requests", "Requests that the ledger holds.",
                each { provider, _ in Double(figures.requests[provider.id] ?? 0) }),
            gauge(
                "requests_today", "Requests of the provider's present day.",
                each { provider, _ in spent[provider.id].map(Double.init) }),
            gauge(
                "requests_daily_limit", "Requests that it allows a day.",
                each { provider, _ in provider.manners.requestsPerDay.map(Double.init) }),
            gauge(
                "asks_due", "Asks that are due now.",
                each { provider, _ in Double(figures.due[provider.id]?.count ?? 0) }),
            gauge(
                "due_lag_seconds", "How long the first of them is due.",
                each { provider, _ in figures.due[provider.id].map { seconds(now) - seconds($0.since) } ?? 0 }),
        ]
    }

    private func about(channels figures: Figures, _ now: Timestamp) -> [MetricFamily] {
        func each(_ value: (Figures.Waiting?) -> Double) -> [([MetricFamily.Label], Double)] {
            let names = channels + figures.waiting.map(\.channel).filter { !channels.contains($0) }
            return names.map { name in
                ([.init("channel", name)], value(figures.waiting.first { $0.channel == name }))
            }
        }
        return [
            counter(
                "deliveries", "Attempts to send by what came of them, since the start.",
                tally(around.meters.counts.deliveries, "channel")),
            gauge("messages_undelivered", "Messages that it has not taken.", each { Double($0?.messages ?? 0) }),
            gauge(
                "outbox_age_seconds", "How long the first that could go out waits.",
                each { waiting in waiting?.since.map { max(0, seconds(now) - seconds($0)) } ?? 0 }),
        ]
    }
}

extension MetricsSource {
    package init(_ loaded: Loaded, _ around: Surroundings, startedAt: Timestamp, version: String) {
        providers = loaded.providers
        calendars = loaded.calendars
        channels = loaded.channels.map(\.name)
        self.startedAt = startedAt
        self.version = version
        self.around = around
    }
}

private func seconds(_ instant: Timestamp) -> Double { Double(instant.milliseconds) / 1000 }

private func gauge(_ name: String, _ help: String, _ samples: [([MetricFamily.Label], Double)]) -> MetricFamily {
    MetricFamily("parceld_" + name, .gauge, help, samples.map { .init($0.0, .number($0.1)) })
}

private func counter(_ name: String, _ help: String, _ samples: [([MetricFamily.Label], Double)]) -> MetricFamily {
    MetricFamily("parceld_" + name, .counter, help, samples.map { .init($0.0, .number($0.1)) })
}

private func tally(_ counts: [Meters.Key: Int], _ label: String) -> [([MetricFamily.Label], Double)] {
    counts.sorted { ($0.key.name, $0.key.outcome) < ($1.key.name, $1.key.outcome) }
        .map { ([.init(label, $0.key.name), .init("outcome", $0.key.outcome)], Double($0.value)) }
}
