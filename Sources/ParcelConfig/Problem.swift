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

/// The known name nearest to a mistyped one, if any is near enough to be meant.
func nearest(_ name: String, among known: [String]) -> String? {
    let best = known.map { ($0, distance(Array(name.utf8), Array($0.utf8))) }.min { $0.1 < $1.1 }
    return best.flatMap { $0.1 <= max(1, name.utf8.count / 3) ? $0.0 : nil }
}

/// Edits from one word to the other: a letter too many, missing or wrong, or two neighbours swapped.
private func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    guard left.count < 100, right.count < 100 else { return 100 }
    var before = [Int](repeating: 0, count: right.count + 1)
    var above = Array(0...right.count)
    for (i, a) in left.enumerated() {
        var row = [i + 1]
        for (j, b) in right.enumerated() {
            var best = min(above[j] + (a == b ? 0 : 1), above[j + 1] + 1, row[j] + 1)
            if i > 0, j > 0, a == right[j - 1], b == left[i - 1] { best = min(best, before[j - 1] + 1) }
            row.append(best)
        }
        (before, above) = (above, row)
    }
    return above[right.count]
}
