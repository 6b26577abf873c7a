// The list of providers. A new one is a file, its fixtures and a line here.

package import ParcelCore

package struct ProviderKind: Sendable {
    package let schema: SettingSchema
    /// Nil where a required setting is missing; the configuration check says so before.
    package let make: @Sendable (SettingValues) -> (any Provider)?

    package var id: ProviderID { ProviderID(schema.name) }
}

package let providerKinds: [ProviderKind] = [
    ProviderKind(schema: OTCommerce.schema) { OTCommerce($0) },
    ProviderKind(schema: LiteMF.schema) { LiteMF($0) },
    ProviderKind(schema: Shiptor.schema) { Shiptor($0) },
    ProviderKind(schema: SeventeenTrack.schema) { SeventeenTrack($0) },
    ProviderKind(schema: RussianPost.schema) { RussianPost($0) },
    ProviderKind(schema: CDEK.schema) { CDEK($0) },
    ProviderKind(schema: Kuaidi100.schema) { Kuaidi100($0) },
    ProviderKind(schema: Cainiao.schema) { Cainiao($0) },
]
