// Any endpoint that answers JSON, by configuration: a request template, JSON Pointers, a table of statuses. It follows
// track numbers: all at once from a list, one by one, or in batches. Limits are the user's to set; gentle if left out.

import ParcelCore

struct Generic: Provider {
    let id: ProviderID
    let recipe: GenericRecipe
    let manners: Manners
    let zoneName: String?
    private let every: Duration
    private let formats: Set<String>
    private let prefixes: [String]
    private let roles: Set<TrackNumberRole>

    init?(_ id: ProviderID, _ settings: SettingValues) {
        var reading = GenericReading(settings)
        guard let recipe = reading.recipe() else { return nil }
        self.id = id
        self.recipe = recipe
        zoneName = settings.text("time.zone")
        every = settings.duration("every") ?? .minutes(60)
        formats = Set(settings.names("formats") ?? [])
        prefixes = (settings.names("prefixes") ?? []).map { $0.uppercased() }
        roles = Set((settings.names("roles") ?? []).compactMap(TrackNumberRole.init(rawValue:)))
        var manners = Manners(requestsPerSecond: 1, parallel: 1).adjusted(by: settings)
        if recipe.mode != .list { manners.minimumInterval = settings.duration("minimum_interval") ?? .minutes(60) }
        self.manners = manners
    }

    var lists: [AskPlan] { recipe.mode == .list ? [AskPlan(Ask("list"), every: every)] : [] }

    func asks(about view: KnownView) -> [AskPlan] { [] }

    func ask(byID id: ExternalID) -> Ask? { nil }

    func ask(following number: FollowedNumber) -> Ask? {
        guard recipe.mode != .list, formats.isEmpty || !formats.isDisjoint(with: number.candidates),
            prefixes.isEmpty || prefixes.contains(where: { number.number.description.hasPrefix($0) }),
            // One that no thing carries has no role to be wrong.
            roles.isEmpty || number.role.map({ roles.contains($0) }) ?? true
        else { return nil }
        return Ask("track", key: number.number.description)
    }

    func batchSize(of kind: String) -> Int { if case .batch(let size) = recipe.mode { size } else { 1 } }

    func converse(_ ask: Ask, _ opening: Opening) -> any Conversation { converse(batch: [ask], opening) }

    func converse(batch: [Ask], _ opening: Opening) -> any Conversation {
        GenericConversation(provider: self, numbers: batch.compactMap { TrackNumber($0.key) }, opening: opening)
    }
}
