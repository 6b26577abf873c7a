// One thing that is wrong in a configuration: where, what, and what would be right.

package struct Problem: Sendable, Hashable, CustomStringConvertible {
    /// Path of the file that lies over the main one; nil for the main file.
    package var file: String?
    /// 1-based; nil where the file as a whole is meant.
    package var line: Int?
    /// `providers.shiptor.every`; empty for the file.
    package var path: String
    package var message: String

    package init(line: Int?, path: String, message: String, file: String? = nil) {
        self.file = file
        self.line = line
        self.path = path
        self.message = message
    }

    package var description: String { (file.map { "\($0): " } ?? "") + text("") }

    /// - Parameters:
    ///   - main: Path of the main file.
    ///   - word: What comes between the place and the message, such as `warning: `.
    package func placed(in main: String, saying word: String = "") -> String { "\(file ?? main): \(text(word))" }

    private func text(_ word: String) -> String {
        let place = line.map { "line \($0): " } ?? ""
        return place + word + (path.isEmpty ? "" : path + ": ") + message
    }
}
