// What an endpoint of the user's says of one number: a row, read by the user's pointers.

import ParcelCore

struct GenericRow {
    /// What could not be read: the pointer, as far as it goes into the row.
    struct Mistake: Error { let field: String }

    private let node: JSONNode
    private let position: Int
    private let recipe: GenericRecipe

    init(_ node: JSONNode, number: Int, recipe: GenericRecipe) {
        self.node = node
        position = number
        self.recipe = recipe
    }

    var number: TrackNumber? {
        recipe.number.flatMap { node.at($0)?.scalar }.flatMap { $0.utf8.count <= 100 ? TrackNumber($0) : nil }
    }

    var id: String? {
        recipe.id.flatMap { node.at($0)?.scalar }.flatMap { $0.isEmpty ? nil : clipped($0, 60) }
    }

    /// Where something of this row stands in the whole answer, for a row that has no number to name it.
    func place(of pointer: JSONPointer?) -> String {
        "\(recipe.answer.list?.description ?? "")/\(position)\(pointer?.description ?? "")"
    }

    func snapshot(of number: TrackNumber) throws(Mistake) -> Snapshot {
        let own = try happening(recipe.row, in: node, at: "")
        if let pointer = recipe.row.status, own.code.isEmpty { throw Mistake(field: pointer.description) }
        guard let pointer = recipe.events else {
            // Its place has no history to stand in, so it is told with the words.
            let text = [own.text.isEmpty ? own.code : own.text, own.place].filter { !$0.isEmpty }
            var snapshot = Snapshot(
                number: number, code: own.code, text: text.joined(separator: ", "), summary: own.meaning ?? .remark,
                checkpoints: nil)
            snapshot.status.time = own.time
            return snapshot
        }
        return Snapshot(
            number: number, code: own.code, text: own.text.isEmpty ? own.code : own.text,
            summary: own.meaning ?? .remark, checkpoints: try events(pointer))
    }

    /// The oldest first, whichever way the endpoint lists them.
    private func events(_ pointer: JSONPointer) throws(Mistake) -> [Checkpoint] {
        guard let list = node.at(pointer) else {
            // With a status of its own the row says enough; without one it is no row.
            if recipe.row.status != nil { return [] }
            throw Mistake(field: pointer.description)
        }
        if list.isNull { return [] }
        guard list.kind == .array else { throw Mistake(field: pointer.description) }
        var found: [Checkpoint] = []
        for element in list.elements {
            let place = "\(pointer)/\(found.count)"
            let event = try happening(recipe.event, in: element, at: place)
            guard !event.code.isEmpty || !event.text.isEmpty else {
                throw Mistake(field: place + (recipe.event.status ?? recipe.event.text ?? pointer).description)
            }
            found.append(event)
        }
        return isNewestFirst(found) ? found.reversed() : found
    }

    private func isNewestFirst(_ events: [Checkpoint]) -> Bool {
        let falls = zip(events, events.dropFirst()).reduce(0) { sum, pair in
            guard let earlier = pair.0.time.order, let later = pair.1.time.order else { return sum }
            return sum + (earlier > later ? 1 : earlier < later ? -1 : 0)
        }
        return falls > 0
    }

    private func happening(_ pointers: HappeningPointers, in node: JSONNode, at place: String) throws(Mistake)
        -> Checkpoint
    {
        let code = try text(pointers.status, in: node, at: place, 100)
        let country = try text(pointers.country, in: node, at: place, 100).flatMap(countryCode)
        return Checkpoint(
            time: recipe.time.read(try text(pointers.time, in: node, at: place, 200)), code: code ?? "",
            text: try text(pointers.text, in: node, at: place, 500) ?? "",
            place: try text(pointers.place, in: node, at: place, 200) ?? "", country: country,
            meaning: code.map { recipe.meaning(of: $0, in: country) })
    }

    private func countryCode(_ text: String) -> String? {
        text.utf8.count == 2 && text.allSatisfy { $0.isASCII && $0.isLetter } ? text.uppercased() : nil
    }

    /// Nil where nothing stands there; what is no single value is a mistake.
    private func text(_ pointer: JSONPointer?, in node: JSONNode, at place: String, _ length: Int) throws(Mistake)
        -> String?
    {
        guard let pointer, let found = node.at(pointer), !found.isNull else { return nil }
        guard let text = found.scalar else { throw Mistake(field: place + pointer.description) }
        return text.isEmpty ? nil : clipped(text, length)
    }
}

extension GivenTime {
    /// For putting the times of one list in order; a list has them in one form.
    fileprivate var order: Int64? {
        switch self {
        case .instant(let instant, _): instant.milliseconds
        case .zoneless(let date, let second, _): (Int64(date.ordinal) * 86_400 + Int64(second)) * 1000
        case .date(let date, _): Int64(date.ordinal) * 86_400_000
        case .none, .unreadable: nil
        }
    }
}
