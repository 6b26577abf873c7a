// Reads JSON (RFC 8259) in one pass into a flat row of nodes, from which a provider takes what it mirrors and nothing
// else. JSONDecoder reads some 20 MB a second, too slow for ten thousand numbers a pass; this reads what is skipped at
// the speed of looking at it, and makes a String only of what is asked for.
//
// Strict: the whole text must be JSON in valid UTF-8 and no deeper than 512. Lenient where the grammar is: of two
// members of one name the first counts (as with JSONDecoder), and half a surrogate pair reads as U+FFFD, so that one
// text that was cut in the wrong place does not cost the whole answer.

/// Nothing is written after it was made, so it may be read from anywhere.
package final class JSONDocument: @unchecked Sendable {
    package static let deepest = 512

    fileprivate let bytes: [UInt8]
    /// Each container is followed by all that it holds; an object holds names and values in turn.
    fileprivate let nodes: NodeRow

    package init(_ bytes: [UInt8]) throws(JSONMistake) {
        // Offsets are kept in 32 bits. No answer that is accepted comes near.
        guard bytes.count < Int(UInt32.max) else { throw JSONMistake(.tooLong, at: Int(UInt32.max)) }
        self.bytes = bytes
        let read: Result<NodeRow, JSONMistake> = bytes.withUnsafeBufferPointer { text in
            var scanner = JSONScanner(text)
            do throws(JSONMistake) {
                try scanner.scanDocument()
                return .success(scanner.nodes)
            } catch {
                scanner.nodes.deallocate()
                return .failure(error)
            }
        }
        nodes = try read.get()
    }

    deinit { nodes.deallocate() }

    package var root: JSONNode { JSONNode(document: self, index: 0) }

    fileprivate func text(of node: FlatNode) -> String {
        bytes.withUnsafeBufferPointer { text in
            let slice = UnsafeBufferPointer(rebasing: text[Int(node.start)..<Int(node.end)])
            return node.hasEscapes ? unescaped(slice) : String(decoding: slice, as: UTF8.self)
        }
    }

    fileprivate func isText(_ node: FlatNode, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
        bytes.withUnsafeBufferPointer { isText(node, name, in: $0) }
    }

    private func isText(
        _ node: FlatNode, _ name: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        guard !node.hasEscapes else { return self.text(of: node).utf8.elementsEqual(name) }
        guard Int(node.end - node.start) == name.count else { return false }
        // From the end: names of one object tend to begin alike.
        var index = name.count - 1
        while index >= 0, text[Int(node.start) + index] == name[index] { index -= 1 }
        return index < 0
    }

    /// The index of the value of an object's first member of that name; nil where there is none, and of everything that
    /// is no object.
    fileprivate func member(_ name: String, of index: Int) -> Int? {
        let object = nodes[index]
        guard object.kind == .object else { return nil }
        var name = name
        return name.withUTF8 { name in
            bytes.withUnsafeBufferPointer { text in
                var at = index + 1
                while at < Int(object.next) {
                    if isText(nodes[at], name, in: text) { return at + 1 }
                    at = Int(nodes[at + 1].next)
                }
                return nil
            }
        }
    }
}

/// One value of a document.
package struct JSONNode: Sendable {
    package enum Kind: UInt8, Sendable { case null, bool, number, string, array, object }

    fileprivate let document: JSONDocument
    fileprivate let index: Int

    fileprivate var flat: FlatNode { document.nodes[index] }

    package var kind: Kind { flat.kind }
    package var isNull: Bool { kind == .null }

    /// The text of a string; nil for anything else.
    package var string: String? { kind == .string ? document.text(of: flat) : nil }

    /// What a string holds or how a number or a truth value is written, `12.50`; nil for null, arrays and objects.
    package var scalar: String? {
        switch kind {
        case .string, .number, .bool: document.text(of: flat)
        case .null, .array, .object: nil
        }
    }

    /// A number that is written without fraction and exponent and fits; nil for anything else.
    package var integer: Int64? {
        let flat = flat
        guard flat.kind == .number else { return nil }
        var rest = document.bytes[Int(flat.start)..<Int(flat.end)]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest = rest.dropFirst() }
        var value: Int64 = 0
        for byte in rest {
            guard (48...57).contains(byte) else { return nil }
            let (tens, isTooLong) = value.multipliedReportingOverflow(by: 10)
            let digit = Int64(byte - 48)
            let (sum, isTooLarge) = tens.addingReportingOverflow(isNegative ? -digit : digit)
            guard !isTooLong, !isTooLarge else { return nil }
            value = sum
        }
        return value
    }

    package var bool: Bool? {
        kind == .bool ? document.bytes[Int(flat.start)] == UInt8(ascii: "t") : nil
    }

    /// Whether it is the string `text`, without making a String of it.
    package func isString(_ text: String) -> Bool {
        var text = text
        return kind == .string && text.withUTF8 { document.isText(flat, $0) }
    }

    /// The member of that name; nil where there is none, and of everything that is no object.
    package subscript(name: String) -> JSONNode? {
        document.member(name, of: index).map { JSONNode(document: document, index: $0) }
    }

    /// What a member holds as text, like `scalar`.
    package enum Held: Sendable { case nothing, text(String), container }

    /// Of the member of that name; nothing where it is missing or null. Makes no node of it: most of what is read is text.
    package func held(_ name: String) -> Held {
        guard let index = document.member(name, of: index) else { return .nothing }
        let flat = document.nodes[index]
        return switch flat.kind {
        case .null: .nothing
        case .string, .number, .bool: .text(document.text(of: flat))
        case .array, .object: .container
        }
    }

    /// In the order of writing; none where it is no array.
    package var elements: JSONElements {
        JSONElements(document: document, at: index + 1, end: kind == .array ? Int(flat.next) : 0)
    }

    /// In the order of writing, those of one name too; none where it is no object.
    package var members: JSONMembers {
        JSONMembers(document: document, at: index + 1, end: kind == .object ? Int(flat.next) : 0)
    }

    /// Where it stands, `data.accepted[3].number`; seen from `ancestor` where one is given. Empty for that itself.
    package func path(from ancestor: JSONNode? = nil) -> String {
        var text = ""
        var at = ancestor ?? document.root
        while at.index != index {
            var step: JSONNode?
            for (position, element) in at.elements.enumerated() where element.holds(index) {
                text += "[\(position)]"
                step = element
            }
            for (name, value) in at.members where value.holds(index) {
                text += (text.isEmpty ? "" : ".") + (name.string ?? "")
                step = value
            }
            guard let step else { return text }
            at = step
        }
        return text
    }

    private func holds(_ other: Int) -> Bool { other >= index && other < Int(flat.next) }
}

package struct JSONElements: Sequence, IteratorProtocol, Sendable {
    fileprivate let document: JSONDocument
    fileprivate var at: Int
    fileprivate let end: Int

    package mutating func next() -> JSONNode? {
        guard at < end else { return nil }
        defer { at = Int(document.nodes[at].next) }
        return JSONNode(document: document, index: at)
    }
}

package struct JSONMembers: Sequence, IteratorProtocol, Sendable {
    fileprivate let document: JSONDocument
    fileprivate var at: Int
    fileprivate let end: Int

    package mutating func next() -> (name: JSONNode, value: JSONNode)? {
        guard at < end else { return nil }
        defer { at = Int(document.nodes[at + 1].next) }
        return (JSONNode(document: document, index: at), JSONNode(document: document, index: at + 1))
    }
}
