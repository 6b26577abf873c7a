// What a story expects and what it got, and what a rule without calendars would have made of it.

import Foundation

/// Moscow's calendar date of an instant, `2017-10-09`.
package func moscowDate(_ ms: Int64) -> String { String(wall(ms, offsetHours: 3).prefix(10)) }

package struct StoryVerdict: Sendable {
    package var missing: [String] = []
    package var unexpected: [String] = []
    package var isRight: Bool { missing.isEmpty && unexpected.isEmpty }
}

/// Compares the messages that were accepted with the expected ones, one by one. A repeat under the same key is one.
package func judge(_ received: [Received], against expected: [Scenario.Expectation], language: String) -> StoryVerdict {
    var seen: Set<String> = []
    var items: [(date: String, text: String)] = []
    for message in received where message.key.isEmpty || seen.insert(message.channel + message.key).inserted {
        for text in message.text.components(separatedBy: "\n\n") { items.append((moscowDate(message.ms), text)) }
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

/// One thing's visible changes, from all that a scenario says of it.
package struct Trail: Sendable {
    package var thing: String
    package var changes: [(ms: Int64, text: String)]
    /// It is over after the last change.
    package var isFinished: Bool
}

extension Scenario {
    /// Items and parcels of the shop, with every change that anybody can see.
    package var trails: [Trail] {
        var trails: [Trail] = []
        for order in orders ?? [] {
            let number = order.id.split(separator: "-").last.map { $0.drop { $0 == "0" } } ?? ""
            for line in order.lines {
                let changes = line.timeline.map { ($0.at.ms, $0.name ?? $0.track ?? "") }
                let last = line.timeline.last { $0.status != nil }?.status ?? ""
                trails.append(
                    Trail(
                        thing: "\(number)-\(line.num ?? 0)", changes: changes,
                        isFinished: ["10", "11", "12", "13"].contains(last)))
            }
            for package in order.packages ?? [] {
                var changes = package.timeline.map {
                    ($0.at.ms, [$0.name, $0.track].compactMap(\.self).joined(separator: ", "))
                }
                let moving = (shiptor?.packages ?? []).first { String($0.id) == package.external }
                changes += (moving?.checkpoints ?? []).map {
                    ($0.at.ms, [$0.text, $0.place].compactMap(\.self).joined(separator: ", "))
                }
                trails.append(Trail(thing: package.id, changes: changes.sorted { $0.0 < $1.0 }, isFinished: true))
            }
        }
        return trails
    }

    /// How often a rule of "so many days without a change" would have warned: weekends, holidays, siblings and outages
    /// mean nothing to it.
    package func plainAlerts(days: Int) -> [(thing: String, from: Int64, to: Int64)] {
        var alerts: [(thing: String, from: Int64, to: Int64)] = []
        for trail in trails {
            var times = trail.changes.map(\.ms).filter { $0 <= end.ms }
            if !trail.isFinished { times.append(end.ms) }
            for (earlier, later) in zip(times, times.dropFirst())
            where later > start.ms && later - max(earlier, start.ms) > Int64(days) * 86_400_000 {
                alerts.append((trail.thing, max(earlier, start.ms), later))
            }
        }
        return alerts
    }
}
