// What a story expects and what it got, and what of it anybody could see.

import Foundation

package struct StoryVerdict: Sendable {
    package var missing: [String] = []
    package var unexpected: [String] = []
    package var isRight: Bool { missing.isEmpty && unexpected.isEmpty }
}

extension Received {
    /// It answers what somebody pressed or wrote. Such a message has no key, since nothing repeats it.
    package var isReply: Bool { channel == "telegram" && key.isEmpty }

    /// The texts of the things that it is about. What is over takes a line and needs no empty one around it.
    package var items: [String] {
        // The heading of a group is no thing.
        text.components(separatedBy: "\n\n").filter { !$0.hasPrefix("▪️") }.flatMap { paragraph in
            paragraph.split(separator: "\n").reduce(into: [String]()) { items, line in
                if items.isEmpty || line.hasPrefix("✅") {
                    items.append(String(line))
                } else {
                    items[items.count - 1] += "\n" + line
                }
            }
        }
    }
}

/// Compares the messages that were accepted with the expected ones, one by one. A repeat under the same key is one; what
/// answers a person is no alert.
package func judge(_ received: [Received], against expected: [Scenario.Expectation], language: String) -> StoryVerdict {
    var seen: Set<String> = []
    var items: [(date: String, text: String)] = []
    for message in received where !message.isReply {
        guard message.key.isEmpty || seen.insert(message.channel + message.key).inserted else { continue }
        for text in message.items { items.append((moscowDate(message.ms), text)) }
    }
    var verdict = StoryVerdict()
    for wish in expected {
        let parts = (language == "ru" ? wish.ru : wish.en) ?? []
        if let index = items.firstIndex(where: { item in
            item.date == wish.date && parts.allSatisfy { item.text.contains($0) }
        }) {
            items.remove(at: index)
        } else {
            verdict.missing.append("\(wish.date)  \(wish.thing): \(wish.kind) \(parts)")
        }
    }
    verdict.unexpected = items.map { "\($0.date)  \($0.text.split(separator: "\n").first ?? "")" }
    return verdict
}

/// One item or parcel with every change that the shop's people can see.
package struct Trail: Sendable {
    package struct Change: Sendable {
        package var ms: Int64
        package var status: String?
        package var track: String?
        package var checkpoint: String?
        /// It is shown no longer.
        package var isGone = false
    }

    package var thing: String
    package var isParcel: Bool
    package var changes: [Change]
    /// It is over after the last change.
    package var isFinished: Bool
}

extension Scenario {
    package var trails: [Trail] {
        orders.flatMap { order in
            order.lines.map { line in
                let last = line.timeline.last { $0.status != nil }?.status ?? ""
                return Trail(
                    thing: "\(order.number)-\(line.num.map { String($0) } ?? line.id)", isParcel: false,
                    changes: line.timeline.compactMap { change($0) { OTCommerceRows.lineName($0) } },
                    isFinished: ["10", "11", "12", "13"].contains(last) || line.timeline.last?.isGone == true)
            } + order.packages.map(trail)
        }
    }

    private func trail(_ package: Package) -> Trail {
        var changes = package.timeline.compactMap { change($0) { otcommerce.packageStatuses[$0] } }
        let moving = shiptor.packages.first { String($0.id) == package.external }
        changes += (package.checkpoints + (moving?.checkpoints ?? [])).map {
            Trail.Change(ms: $0.at.ms, checkpoint: [$0.text, $0.place].filter { !$0.isEmpty }.joined(separator: ", "))
        }
        let last = package.timeline.last { $0.status != nil }
        let name = last?.name ?? last?.status.flatMap { otcommerce.packageStatuses[$0] } ?? ""
        return Trail(
            thing: package.id, isParcel: true, changes: changes.sorted { $0.ms < $1.ms },
            isFinished: name == "Доставлено" || package.timeline.last?.isGone == true)
    }

    /// Nil where a step changes nothing that is looked at.
    private func change(_ step: Step, _ name: (String) -> String?) -> Trail.Change? {
        let status = step.name ?? step.status.flatMap { name($0) ?? $0 }
        let track = step.track.flatMap { $0.isEmpty ? nil : $0 }
        guard status != nil || track != nil || step.isGone else { return nil }
        return Trail.Change(ms: step.at.ms, status: status, track: track, isGone: step.isGone)
    }
}
