// By which configuration the daemon works, for those who read the mirror: since when, and what keeps the file from being
// taken over as it is by now.

import Foundation
package import ParcelCore

package struct ConfigurationState: Codable, Sendable, Hashable {
    /// When the running one was read, in ms since 1970.
    private var taken: Int64
    /// When the file was refused first since then.
    private var refused: Int64?
    /// The first of its problems, each with its place.
    package private(set) var problems: [String] = []
    package private(set) var problemCount = 0

    /// As many as somebody mends in one go.
    private static let mostProblems = 20

    package init(takenAt: Timestamp) { taken = takenAt.milliseconds }

    package var takenAt: Timestamp { Timestamp(milliseconds: taken) }
    package var refusedAt: Timestamp? { refused.map(Timestamp.init(milliseconds:)) }

    package mutating func refuse(_ all: [String], at now: Timestamp) {
        refused = refused ?? now.milliseconds
        problems = Array(all.prefix(Self.mostProblems))
        problemCount = all.count
    }
}

extension Store {
    private static let configuration = "configuration"

    package func save(_ state: ConfigurationState) throws(StoreError) {
        guard let data = try? JSONEncoder().encode(state) else { return }
        _ = try save(setting: Store.configuration, String(decoding: data, as: UTF8.self))
    }

    /// Nil where no daemon has run yet, or an earlier version.
    package func configurationState() throws(StoreError) -> ConfigurationState? {
        try setting(Store.configuration).flatMap {
            try? JSONDecoder().decode(ConfigurationState.self, from: Data($0.utf8))
        }
    }
}
