// Which known name a mistyped one was meant to be.

/// The known name nearest to a mistyped one, if any is near enough to be meant.
package func nearest(_ name: String, among known: [String]) -> String? {
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
