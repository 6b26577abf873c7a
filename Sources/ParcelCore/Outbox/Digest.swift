// How the items of one message stand together: by whom to write to and what they wait for, the worst first, what is over
// last.

package struct DigestGroup: Sendable, Hashable {
    package enum Topic: Sendable, Hashable {
        /// What things wait for, and whom to write to about it; nil where nothing is known of that.
        case things(ContactRole?, Stage?)
        /// parceld itself and the providers.
        case service
        case over
    }

    package var topic: Topic
    /// At least one, the worst first.
    package var items: [MessageItem]
}

package func digest(_ items: [MessageItem]) -> [DigestGroup] {
    var groups: [DigestGroup] = []
    var places: [DigestGroup.Topic: Int] = [:]
    // The first of each group is its worst, so the groups come in order too.
    for item in worstFirst(items) {
        let topic = topic(item)
        if let place = places[topic] {
            groups[place].items.append(item)
        } else {
            places[topic] = groups.count
            groups.append(DigestGroup(topic: topic, items: [item]))
        }
    }
    return groups
}

/// By level, then by how long they have been silent, then as they came; what is over last.
package func worstFirst(_ items: [MessageItem]) -> [MessageItem] {
    items.map { (badness: badness($0), item: $0) }.enumerated().sorted { left, right in
        let (a, b) = (left.element.badness, right.element.badness)
        return a == b ? left.offset < right.offset : a > b
    }.map(\.element.item)
}

private func topic(_ item: MessageItem) -> DigestGroup.Topic {
    if item.isOver { return .over }
    return item.kind.isAboutService ? .service : .things(item.facts.firstContact, item.facts.stage)
}

private struct Badness: Comparable {
    let isOpen: Bool
    let level: Level
    let isAboutService: Bool
    let silence: Int

    static func < (left: Badness, right: Badness) -> Bool {
        if left.isOpen != right.isOpen { return right.isOpen }
        if left.level != right.level { return left.level < right.level }
        // While parceld itself is in trouble the rest may not be all.
        if left.isAboutService != right.isAboutService { return right.isAboutService }
        return left.silence < right.silence
    }
}

private func badness(_ item: MessageItem) -> Badness {
    Badness(
        isOpen: !item.isOver, level: item.level, isAboutService: item.kind.isAboutService,
        silence: item.facts.workingDays ?? 0)
}

extension MessageItem {
    /// It is told only that it ended.
    package var isOver: Bool { telling == .closed || telling == .wasSilent }
}
