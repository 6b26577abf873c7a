// How a provider takes a JSON answer apart with JSONDocument: what must be there, what may be null, and the name of what
// could not be read.

import ParcelCore

/// A member that is missing, or a value of another type than it has to be.
struct JSONMismatch: Error {
    let node: JSONNode
    /// The name of the member that `node` lacks; nil where it is `node` itself that is wrong.
    var missing: String?

    /// `track_info.tracking`, as seen from `row` where one is given.
    func path(from row: JSONNode? = nil) -> String {
        let steps = [node.path(from: row), missing ?? ""].filter { !$0.isEmpty }
        return steps.isEmpty ? (row == nil ? "the answer" : "the row") : clipped(steps.joined(separator: "."), 100)
    }
}

extension JSONNode {
    private func member(_ name: String, _ kind: Kind) throws(JSONMismatch) -> JSONNode? {
        guard let member = self[name] else { throw JSONMismatch(node: self, missing: name) }
        if member.isNull { return nil }
        guard member.kind == kind else { throw JSONMismatch(node: member) }
        return member
    }

    /// The object of that name, which must be there; nil where it is null.
    func object(_ name: String) throws(JSONMismatch) -> JSONNode? { try member(name, .object) }

    /// The list of that name, which must be there; nil where it is null.
    func list(_ name: String) throws(JSONMismatch) -> JSONElements? { try member(name, .array)?.elements }

    /// Text, or a number or truth value as text; nil where it is missing, null or empty.
    func text(_ name: String) throws(JSONMismatch) -> String? {
        switch held(name) {
        case .nothing: return nil
        case .text(let text): return text.isEmpty ? nil : text
        case .container: throw JSONMismatch(node: self[name] ?? self)
        }
    }

    /// The text of the first of two members that has one.
    func text(_ name: String, or other: String) throws(JSONMismatch) -> String? {
        if let text = try text(name) { return text }
        return try text(other)
    }

    func requireObject() throws(JSONMismatch) {
        guard kind == .object else { throw JSONMismatch(node: self) }
    }
}

/// What is no JSON at all is a transport failure.
func document(_ body: [UInt8]) throws(PollError) -> JSONNode {
    do throws(JSONMistake) {
        return try JSONDocument(body).root
    } catch {
        switch error.reason {
        case .endsEarly, .syntax: throw .notData(reason: whatItIs(body))
        case .notUTF8, .tooDeep, .tooLong: throw .notData(reason: "the answer \(error)")
        }
    }
}
