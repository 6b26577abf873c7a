// The list of providers. A new one is a file, its fixtures and a line here; what can be set about it is documented in
// config/parceld.yaml.

package import ParcelCore

package struct ProviderKind: Sendable {
    package let schema: SettingSchema
    private let makeNamed: @Sendable (ProviderID, SettingValues) -> (any Provider)?

    init(schema: SettingSchema, make: @escaping @Sendable (SettingValues) -> (any Provider)?) {
        self.init(schema: schema, named: { _, settings in make(settings) })
    }

    /// One of which there may be several, each with a name of the user's.
    init(schema: SettingSchema, named make: @escaping @Sendable (ProviderID, SettingValues) -> (any Provider)?) {
        self.schema = schema
        makeNamed = make
    }

    package var id: ProviderID { ProviderID(schema.name) }

    /// Nil where a required setting is missing; the configuration check says so before.
    package func make(_ settings: SettingValues, as name: ProviderID? = nil) -> (any Provider)? {
        makeNamed(name ?? id, settings)
    }
}

/// Another one where an answer may mean something else than before: by our tables, or by statuses of the user's.
package func readingSignature(of providers: [any Provider]) -> String {
    var print = Fingerprint()
    for (name, map) in MilestoneMap.known.sorted(by: { $0.key < $1.key }) { print.add("\(name) \(map.signature)") }
    for provider in providers.compactMap({ $0 as? Generic }).sorted(by: { $0.id < $1.id }) {
        let maps = [provider.recipe.ownStatuses, provider.recipe.vocabulary]
        print.add("\(provider.id) \(maps.map(\.signature))")
    }
    return "\(print.value)"
}

package let providerKinds: [ProviderKind] = [
    ProviderKind(schema: OTCommerce.schema) { OTCommerce($0) },
    ProviderKind(schema: LiteMF.schema) { LiteMF($0) },
    ProviderKind(schema: Shiptor.schema) { Shiptor($0) },
    ProviderKind(schema: SeventeenTrack.schema) { SeventeenTrack($0) },
    ProviderKind(schema: RussianPost.schema) { RussianPost($0) },
    ProviderKind(schema: Kuaidi100.schema) { Kuaidi100($0) },
    ProviderKind(schema: CDEK.schema) { CDEK($0) },
    ProviderKind(schema: Cainiao.schema) { Cainiao($0) },
    ProviderKind(schema: Generic.schema, named: { Generic($0, $1) }),
]
