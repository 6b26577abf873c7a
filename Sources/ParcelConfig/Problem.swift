// One thing that is wrong in a configuration: where, what, and what would be right.

package struct Problem: Sendable, Hashable, CustomStringConvertible {
    /// 1-based; nil where the file as a whole is meant.
    package var line: Int?
    /// `providers.shiptor.every`; empty for the file.
    package var path: String
    package var message: String

    package init(line: Int?, path: String, message: String) {
        self.line = line
        self.path = path
        self.message = message
    }

    package var description: String {
        let place = line.map { "line \($0): " } ?? ""
        return place + (path.isEmpty ? "" : path + ": ") + message
    }
}
