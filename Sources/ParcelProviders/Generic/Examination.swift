// What each pointer of a user's endpoint found in one answer, so that whoever writes the pointers sees what they hit.

package import ParcelCore

/// What one pointer found, or where it led off.
package struct Finding: Sendable, Hashable {
    package enum Content: Sendable, Hashable {
        case value(String)
        case list(Int)
        /// With the names of its members.
        case object([String])
        case null
    }

    /// The setting, `row.status`; `event.time` of the first event.
    package var key: String
    package var pointer: String
    package var found: Content?
    /// How far the pointer leads, and what stands there instead; nil where it found something.
    package var stopped: Stop?
    /// What a status means.
    package var meaning: CodeMeaning?
    package var time: GivenTime?

    package struct Stop: Sendable, Hashable {
        package var at: String
        package var content: Content
    }
}

package struct Examination: Sendable {
    /// Nil where the answer is no JSON.
    package var whole: [Finding]?
    package var rowCount = 0
    /// Those of the numbers that were asked about come first.
    package var rows: [(position: Int, findings: [Finding])] = []
    /// What the answer comes to: of a list, its first page.
    package var report: Result<Report, PollError>
}

/// Nil for a provider that has no pointers.
///
/// - Parameter rows: How many of the rows are looked into.
package func examine(
    _ answer: HTTPResponse, of provider: any Provider, asked asks: [Ask], now: Timestamp, rows: Int
) -> Examination? {
    guard let provider = provider as? Generic else { return nil }
    let recipe = provider.recipe
    var examination = Examination(report: provider.firstReport(answer, asks, now))
    guard let root = try? JSONDocument(answer.body).root else { return examination }
    examination.whole = recipe.wholeFindings(in: root)
    guard let list = recipe.answer.list.map({ root.at($0) }) ?? root else { return examination }
    let isOneRow = list.kind == .object && recipe.mode == .one
    let found = (isOneRow ? [list] : Array(list.elements)).enumerated().map { (position: $0, node: $1) }
    examination.rowCount = found.count
    let keys = Set(asks.map(\.key))
    let isAskedFor = { (row: JSONNode) in
        recipe.number.flatMap { row.at($0)?.scalar }.flatMap { TrackNumber($0) }.map { keys.contains($0.description) }
            ?? false
    }
    let ordered = found.filter { isAskedFor($0.node) } + found.filter { !isAskedFor($0.node) }
    examination.rows = ordered.prefix(rows).map { ($0.position, recipe.rowFindings(in: $0.node)) }
    return examination
}

extension Generic {
    fileprivate func firstReport(_ answer: HTTPResponse, _ asks: [Ask], _ now: Timestamp) -> Result<Report, PollError> {
        var conversation = GenericConversation(
            provider: self, numbers: asks.compactMap { TrackNumber($0.key) }, opening: Opening(now: now, session: nil),
            pageLimit: 1)
        do throws(PollError) {
            _ = try conversation.next(nil)
            guard case .done(let report) = try conversation.next(answer) else { return .success(Report()) }
            return .success(report)
        } catch { return .failure(error) }
    }
}

extension GenericRecipe {
    fileprivate func wholeFindings(in root: JSONNode) -> [Finding] {
        [
            finding("answer.list", answer.list, in: root), finding("answer.success", answer.success, in: root),
            finding("answer.error", answer.error, in: root), finding("answer.next", answer.next, in: root),
        ].compactMap(\.self)
    }

    fileprivate func rowFindings(in row: JSONNode) -> [Finding] {
        let own = [finding("row.id", id, in: row), finding("row.number", number, in: row)].compactMap(\.self)
        let happening = findings("row", self.row, in: row)
        guard let events else { return own + happening }
        let list = [finding("row.events", events, in: row)].compactMap(\.self)
        guard let first = row.at(events)?.elements.first(where: { _ in true }) else { return own + happening + list }
        return own + happening + list + findings("event", event, in: first)
    }

    private func findings(_ section: String, _ pointers: HappeningPointers, in node: JSONNode) -> [Finding] {
        let country = pointers.country.flatMap { node.at($0)?.scalar }
        var found: [Finding] = []
        if var status = finding("\(section).status", pointers.status, in: node) {
            status.meaning = status.value.map { meaning(of: $0, in: country) }
            found.append(status)
        }
        if let text = finding("\(section).text", pointers.text, in: node) { found.append(text) }
        if var time = finding("\(section).time", pointers.time, in: node) {
            time.time = time.value.map { self.time.read($0) }
            found.append(time)
        }
        return found
            + [
                finding("\(section).place", pointers.place, in: node),
                finding("\(section).country", pointers.country, in: node),
            ]
            .compactMap(\.self)
    }

    private func finding(_ key: String, _ pointer: JSONPointer?, in node: JSONNode) -> Finding? {
        guard let pointer else { return nil }
        var found = Finding(key: key, pointer: pointer.description)
        var node = node
        for (index, step) in pointer.steps.enumerated() {
            guard let inner = node.child(step) else {
                let way = pointer.steps.prefix(index).map { "/\($0)" }.joined()
                found.stopped = Finding.Stop(at: way, content: content(of: node))
                return found
            }
            node = inner
        }
        found.found = content(of: node)
        return found
    }

    private func content(of node: JSONNode) -> Finding.Content {
        switch node.kind {
        case .array: .list(node.elements.reduce(0) { count, _ in count + 1 })
        case .object: .object(node.members.prefix(40).map { clipped($0.name.string ?? "", 40) })
        case .null: .null
        // An endpoint may repeat what it was sent.
        case .string, .number, .bool: .value(clipped(withoutSecrets(node.scalar ?? "", hidden), 200))
        }
    }
}

extension Finding {
    package var value: String? { if case .value(let text)? = found { text } else { nil } }
}
