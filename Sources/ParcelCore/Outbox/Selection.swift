// Which alerts a recipient wants to be told of, and what it means to be told of a change by somebody who was not told of
// those before it.

/// Kinds of alerts as a configuration names them: a kind, a condition such as `lost`, or `service` for all that is about
/// parceld itself and the providers.
package struct KindSet: Sendable, Hashable {
    package var kinds: Set<AlertKind> = []
    package var conditions: Set<Condition> = []

    package init() {}

    static let service = "service"

    package static let names =
        [service] + AlertKind.allCases.map(\.rawValue) + Condition.allCases.map(\.rawValue)

    /// - Parameter names: Others than those of `names` are passed over.
    package init(_ names: [String]) {
        for name in names {
            if name == KindSet.service { kinds.formUnion(AlertKind.allCases.filter(\.isAboutService)) }
            if let kind = AlertKind(rawValue: name) { kinds.insert(kind) }
            if let condition = Condition(rawValue: name) { conditions.insert(condition) }
        }
    }

    package var isEmpty: Bool { kinds.isEmpty && conditions.isEmpty }

    package func contains(_ alert: Alert) -> Bool {
        kinds.contains(alert.kind) || alert.facts.condition.map { conditions.contains($0) } == true
    }
}

/// A filter of alerts; a nil part filters nothing.
package struct AlertFilter: Sendable, Hashable {
    /// Whom the alert says to write to first.
    package var contacts: Set<ContactRole>?
    package var stages: Set<Stage>?
    /// Which the alert is about, or which decides about its thing.
    package var providers: Set<ProviderID>?
    package var kinds: KindSet?

    package init(
        contacts: Set<ContactRole>? = nil, stages: Set<Stage>? = nil, providers: Set<ProviderID>? = nil,
        kinds: KindSet? = nil
    ) {
        self.contacts = contacts
        self.stages = stages
        self.providers = providers
        self.kinds = kinds
    }

    /// For each part whether the alert is in it; nil where there is no such part, or where the alert has none of that
    /// sort: a refund has no stage, and what is not known of it hides nothing.
    fileprivate func answers(_ alert: Alert) -> [Bool] {
        let facts = alert.facts
        func answer<Value: Hashable>(_ wanted: Set<Value>?, _ value: Value?) -> Bool? {
            guard let wanted, let value else { return nil }
            return wanted.contains(value)
        }
        return [
            answer(contacts, facts.firstContact), answer(stages, facts.stage),
            answer(providers, facts.provider ?? facts.decider), kinds.map { $0.contains(alert) },
        ].compactMap(\.self)
    }
}

/// What a recipient wants to be told of.
package struct Selection: Sendable, Hashable {
    package var minimumLevel: Level
    /// Only what is in each of its parts.
    package var only: AlertFilter
    /// Not what is in any of its parts.
    package var except: AlertFilter

    package init(
        minimumLevel: Level = .warning, only: AlertFilter = AlertFilter(), except: AlertFilter = AlertFilter()
    ) {
        self.minimumLevel = minimumLevel
        self.only = only
        self.except = except
    }

    /// Everything.
    package static let all = Selection()

    package func wants(_ alert: Alert) -> Bool { admits(alert) && alert.level >= minimumLevel }

    /// Whatever its level.
    package func admits(_ alert: Alert) -> Bool {
        only.answers(alert).allSatisfy { $0 } && !except.answers(alert).contains(true)
    }
}

/// Who is told of an alert at its present level. What nobody's choice lets through goes to the first, so that nothing is
/// lost; only a silence that those who would be told of it want to hear of once it is critical waits until it is.
package func audience(of alert: Alert, among recipients: [Recipient]) -> [Recipient] {
    let wanting = recipients.filter { $0.selection.wants(alert) }
    guard wanting.isEmpty else { return wanting }
    if alert.kind.isSilence, recipients.contains(where: { $0.selection.admits(alert) }) { return [] }
    return recipients.first.map { [$0] } ?? []
}

/// Kinds of alerts of which some pass none of the selections, whatever their level.
package func kindsLeft(by selections: [Selection], _ rules: RuleSettings, _ providers: [ProviderID]) -> [AlertKind] {
    AlertKind.allCases.filter { kind in
        let stages: [Stage?] = kind.isAboutService ? [nil] : Stage.allCases.map { $0 }
        let conditions: [Condition?] = kind == .condition ? Condition.allCases.map { $0 } : [nil]
        return stages.contains { stage in
            providers.contains { provider in
                conditions.contains { condition in
                    var facts = AlertFacts()
                    facts.stage = stage
                    facts.contact = stage.flatMap { rules.stages[$0]?.contacts.first }
                    facts.decider = provider
                    facts.condition = condition
                    let alert = Alert(
                        kind: kind, thing: nil, key: "", level: .critical, openedAt: .distantPast, facts: facts)
                    return !selections.contains { $0.admits(alert) }
                }
            }
        }
    }
}

extension Change {
    /// How a recipient is told of it through a channel, who was told there of the alert's earlier changes; nil: not at
    /// all.
    ///
    /// - Parameter last: The last that they were or will be told of; nil for none.
    package func told(after last: Change?) -> Change? {
        switch (self, last) {
        // Who did not hear of the opening need not hear of the end.
        case (.closed, nil), (.closed, .closed), (.lowered, nil), (.lowered, .closed): nil
        // It is new to them, whatever it is to others.
        case (.escalated, nil), (.reminded, nil), (.reopened, nil): .opened
        case (.escalated, .closed), (.reminded, .closed): .reopened
        default: self
        }
    }
}

extension AlertFacts {
    /// Whom it says to write to first; nil where nobody is named.
    package var firstContact: ContactRole? { contact ?? contacts?.first?.role }
}
