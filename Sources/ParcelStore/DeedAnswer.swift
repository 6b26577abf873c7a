// What whoever did something about alerts is answered, over the control socket and by `parcelctl --json`.

package import ParcelCore

extension Result where Success == DeedResult, Failure == DeedRefusal {
    package func json(of meant: [Alert], _ target: String) -> JSONValue {
        switch self {
        case .failure(let refusal): return .members(["error": .string("\(refusal)")])
        case .success where meant.isEmpty:
            return .members(["error": .string("\(target) has no open alert; parcelctl alerts lists them")])
        case .success(let result):
            return .members([
                "changed": .array(result.changes.map { ParcelStore.json($0.alert, $0.change) }),
                "unchanged": .array(result.unchanged.map { ParcelStore.json($0, nil) }),
            ])
        }
    }
}

private func json(_ alert: Alert, _ change: Change?) -> JSONValue {
    .members([
        "alert": .integer(alert.rowID ?? 0), "kind": .string(alert.kind.rawValue), "thing": .string(alert.facts.label),
        "thingKind": .optional(alert.facts.thingKind?.rawValue), "change": .optional(change?.rawValue),
        "acknowledgedBy": .optional(alert.acknowledged?.by), "snoozedUntil": .instant(alert.snoozed?.until),
    ])
}
