// Where something stands in a JSON text (RFC 6901): `/data/0/status`, with `~1` for a slash in a name and `~0` for a tilde.

package struct JSONPointer: Sendable, Hashable, CustomStringConvertible {
    package struct Mistake: Error, Sendable, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// As it was written; empty for the whole text.
    package let description: String
    /// Names of members and numbers of elements, from the outside in.
    package let steps: [String]

    package init(_ text: String) throws(Mistake) {
        description = text
        guard text.isEmpty || text.hasPrefix("/") else {
            throw Mistake(
                description: "a JSON Pointer begins with a slash, as /data/status does; \"\" stands for the whole")
        }
        var steps: [String] = []
        for part in text.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            var step = ""
            var rest = part[...]
            while let character = rest.popFirst() {
                guard character == "~" else {
                    step.append(character)
                    continue
                }
                switch rest.popFirst() {
                case "0": step.append("~")
                case "1": step.append("/")
                default:
                    throw Mistake(
                        description: "in a JSON Pointer ~ is written ~0, and a slash within a name ~1")
                }
            }
            steps.append(step)
        }
        self.steps = steps
    }
}
