// What a configuration would do, as values: for `parceld check`, in words and as JSON. It reads the database, if there is
// one, and writes nothing.

import Foundation
package import ParcelConfig
package import ParcelCore
package import ParcelStore

package struct Plan: Sendable {
    package struct Polled: Sendable {
        package var provider: ProviderID
        package var kind: String
        /// Nil where it is not known before it is asked.
        package var host: String?
        /// How often its list is read.
        package var every: Duration?
        package var budget: Budget
        package var demand: Demand
        package var forecast: Forecast
        /// Requests of the provider's present day.
        package var spent: Int?
        package var nextPoll: Timestamp?
    }

    package struct Told: Sendable {
        package var settings: RecipientSettings
        package var windows: [Window]
        /// Where there are times of digests: the next ones.
        package var digests: [Timestamp]
    }

    package struct Database: Sendable {
        package var path: String
        /// With its log; nil where there is no file.
        package var bytes: Int?
        package var counts: Counts?
        /// Why it cannot be read.
        package var problem: String?
    }

    package let loaded: Loaded
    package let now: Timestamp
    package var providers: [Polled] = []
    package var recipients: [Told] = []
    package var database: Database
    /// Files of the user's own that are used instead of built-in texts.
    package var templates: [String] = []
    package var warnings: [Problem] = []

    package init(_ loaded: Loaded, at now: Timestamp) {
        self.loaded = loaded
        self.now = now
        database = Database(path: loaded.config.database)
        let store = openDatabase()
        let demands = (try? store?.demands(at: now)) ?? [:]
        providers = loaded.providers.map { polled($0, store, demands[$0.id] ?? Demand()) }
        recipients = zip(loaded.config.recipients, loaded.recipients).map { settings, recipient in
            Told(
                settings: settings, windows: ParcelService.windows(of: recipient, from: now, count: 3),
                digests: digests(of: recipient))
        }
        templates = TemplateFolder(loaded.config.templates).texts().keys.sorted()
        // The daemon would not start with it, or not now.
        let unread = database.problem.map { [loaded.config.problem("database", $0)] } ?? []
        warnings = loaded.config.sorted(loaded.warnings + unread + unwise(loaded, at: now, demands: demands))
    }

    /// Every file that was read, the main one first.
    package var files: [String] { [loaded.path] + loaded.config.files }

    private mutating func openDatabase() -> Store? {
        let attributes = { (path: String) in try? FileManager.default.attributesOfItem(atPath: path) }
        guard let main = attributes(database.path)?[.size] as? NSNumber else { return nil }
        database.bytes = main.intValue + ((attributes("\(database.path)-wal")?[.size] as? NSNumber)?.intValue ?? 0)
        do throws(StoreError) {
            let store = try Store.open(database.path, .reader)
            database.counts = try store.counts()
            return store
        } catch {
            database.problem = "\(error)"
            return nil
        }
    }

    private func polled(_ provider: any Provider, _ store: Store?, _ demand: Demand) -> Polled {
        let budget = Budget(of: provider)
        let zone = loaded.zones[budget.dayZone] ?? .utc
        return Polled(
            provider: provider.id,
            kind: loaded.config.providers.first { $0.name == provider.id.description }?.kind ?? "",
            host: host(asking: provider), every: provider.lists.compactMap(\.every).min(), budget: budget,
            demand: demand, forecast: forecast(demand, within: budget),
            spent: (try? store?.spent(provider.id, day: zone.date(of: now).ordinal))?.requests,
            nextPoll: database.counts?.nextAsk[provider.id])
    }

    /// The host that its first request would go to.
    private func host(asking provider: any Provider) -> String? {
        let ask = provider.lists.first?.ask ?? Ask("track", key: "RR300006015CN")
        var conversation = provider.converse(ask, Opening(now: now, session: nil))
        switch try? conversation.next(nil) {
        case .send(let request), .write(let request, _): return ParcelService.host(of: request.url)
        case .done, nil: return nil
        }
    }

    private func digests(of recipient: Recipient) -> [Timestamp] {
        guard !recipient.digestTimes.isEmpty else { return [] }
        var (found, from) = ([Timestamp](), now)
        while found.count < 3 {
            let next = recipient.window.next(from: from, at: recipient.digestTimes)
            guard recipient.window.days.isWorking(recipient.zone.date(of: next)).working else { break }
            found.append(next)
            from = next + .milliseconds(1)
        }
        return found
    }
}
