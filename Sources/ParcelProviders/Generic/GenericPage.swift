// One answer of an endpoint of the user's: whether it is one at all, and its rows.

import ParcelCore

struct GenericPage {
    let root: JSONNode
    private(set) var rows: [GenericRow] = []
    /// What the endpoint says where it does not know the number.
    private(set) var code = ""
    private(set) var reason = ""

    private static let nothing: JSONDocument? = try? JSONDocument(Array("[]".utf8))

    /// - Parameter isForNumbers: Whether it was asked for numbers, so that it may say that it does not know them.
    init(_ answer: HTTPResponse, _ recipe: GenericRecipe, isForNumbers: Bool, now: Timestamp) throws(PollError) {
        let first = answer.body.first { $0 > 32 }
        let isPage = first == UInt8(ascii: "<")
        if isForNumbers, answer.status == 404, !isPage, let nothing = Self.nothing {
            root = ((try? JSONDocument(answer.body)) ?? nothing).root
            (code, reason) = ("404", GenericPage.error(root, recipe)?.words ?? "")
            return
        }
        // A web page comes from something in between, which knows nothing of our keys; so does an empty 403.
        if !isPage, answer.status == 401 || (answer.status == 403 && first != nil) {
            let said = (try? JSONDocument(answer.body)).flatMap { GenericPage.error($0.root, recipe) }
            throw .authentication(reason: "status \(answer.status)" + (said.map { ": \($0.sentence)" } ?? ""))
        }
        try requireOK(answer, now: now)
        do throws(JSONMistake) { root = try JSONDocument(answer.body).root } catch {
            throw .notData(reason: whatItIs(answer.body))
        }
        guard try isAnswer(recipe, isForNumbers) else { return }
        rows = try listed(recipe).enumerated().map { GenericRow($1, number: $0, recipe: recipe) }
    }

    /// Whether there are rows to look at.
    private mutating func isAnswer(_ recipe: GenericRecipe, _ isForNumbers: Bool) throws(PollError) -> Bool {
        let said = GenericPage.error(root, recipe)
        guard let pointer = recipe.answer.success else {
            if let said { throw .refused(reason: said.sentence) }
            return true
        }
        guard let found = root.at(pointer)?.scalar else { throw .notData(reason: "JSON without \(pointer)") }
        if recipe.answer.successIs.contains(found.lowercased()) { return true }
        if isForNumbers, recipe.answer.notFoundIs.contains(found.lowercased()) {
            (code, reason) = (clipped(found, 60), said?.words ?? "")
            return false
        }
        let words = toldWords(found, hiding: recipe.hidden)
        let shown = errorCode(found) ?? (words.isEmpty ? "something else" : words)
        throw .refused(reason: said.map { "\($0.sentence) (\(pointer) is \(shown))" } ?? "\(pointer) is \(shown)")
    }

    private struct Said {
        /// Nil where nothing of them is kept.
        let words: String?
        let sentence: String

        init(_ sentence: String) { (words, self.sentence) = (sentence, sentence) }
        init(_ text: String, hiding secrets: [Secret?]) {
            (words, sentence) = (toldIfKept(text, hiding: secrets), told(text, hiding: secrets))
        }
    }

    /// What stands where the reason of an error does; nil where nothing does that says anything.
    private static func error(_ root: JSONNode, _ recipe: GenericRecipe) -> Said? {
        guard let pointer = recipe.answer.error, let node = root.at(pointer) else { return nil }
        switch node.kind {
        case .null: return nil
        case .array: return node.elements.first { _ in true } == nil ? nil : Said("there are errors at \(pointer)")
        case .object: return node.members.first { _ in true } == nil ? nil : Said("there are errors at \(pointer)")
        case .bool: return node.bool == true ? Said("\(pointer) is true") : nil
        case .string, .number:
            let text = node.scalar ?? ""
            // Many write an empty text or 0 where there is no error.
            return text.isEmpty || text == "0" ? nil : Said(text, hiding: recipe.hidden)
        }
    }

    private func listed(_ recipe: GenericRecipe) throws(PollError) -> [JSONNode] {
        let pointer = recipe.answer.list
        guard let node = pointer.map({ root.at($0) }) ?? root else { throw .malformed(field: name(pointer)) }
        switch node.kind {
        case .array: return Array(node.elements)
        case .object where recipe.mode == .one: return [node]
        // Many write null where a list is empty.
        case .null where pointer?.steps.isEmpty == false: return []
        default: throw .malformed(field: name(pointer))
        }
    }

    private func name(_ pointer: JSONPointer?) -> String {
        pointer.map { $0.description.isEmpty ? "the answer" : $0.description } ?? "the answer"
    }
}

extension JSONNode {
    /// What stands there; nil where nothing does.
    func at(_ pointer: JSONPointer) -> JSONNode? {
        var node = self
        for step in pointer.steps {
            guard let inner = node.child(step) else { return nil }
            node = inner
        }
        return node
    }

    /// A member by its name, an element by its number.
    func child(_ step: String) -> JSONNode? {
        switch kind {
        case .object: return self[step]
        case .array:
            guard step == "0" || (step.first != "0" && step.utf8.allSatisfy { (48...57).contains($0) }),
                let number = Int(step)
            else { return nil }
            var elements = elements
            for _ in 0..<number where elements.next() == nil { return nil }
            return elements.next()
        default: return nil
        }
    }
}
