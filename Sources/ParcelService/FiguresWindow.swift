// Where the figures are shown now, and whose: a reload may move the one and always changes the other.

import ParcelConfig
import ParcelCore
import ParcelStore

final class FiguresWindow: Sendable {
    private struct Shown {
        var source: MetricsSource
        var address: LocalAddress?
        var server: MetricsServer?
    }

    private let store: Store
    private let clock: any ServiceClock
    private let shown: Locked<Shown>

    init(_ store: Store, _ clock: any ServiceClock, _ source: MetricsSource) {
        self.store = store
        self.clock = clock
        shown = Locked(Shown(source: source))
    }

    /// What listens where the crew's configuration wants it; nil where nothing new is needed. Nobody is answered
    /// otherwise than before until it is shown.
    func opened(for crew: Crew) throws(StartError) -> MetricsServer? {
        guard let address = crew.loaded.config.metrics?.listen, address != shown.withLock({ $0.address }) else {
            return nil
        }
        let (store, clock, shown) = (store, clock, shown)
        return try MetricsServer(address) {
            let source = shown.withLock { $0.source }
            return Result { () throws(StoreError) in try source.families(store, at: clock.now()) }
                .mapError { StartError(description: "\($0)", status: 74) }
        }
    }

    /// - Parameter server: What `opened` gave for this crew.
    func show(_ server: MetricsServer?, of crew: Crew) {
        let address = crew.loaded.config.metrics?.listen
        let former = shown.withLock { shown -> MetricsServer? in
            let former = address == shown.address ? nil : shown.server
            shown = Shown(
                source: crew.metrics, address: address, server: address == shown.address ? shown.server : server)
            return former
        }
        former?.close()
    }

    func close() { shown.withLock { $0.server }?.close() }
}
