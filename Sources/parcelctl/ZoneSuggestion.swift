// What to say to a zone name that the host does not have: the nearest one that it has.

import Foundation

enum ZoneSuggestion {
    static func advice(_ name: String, in folder: String) -> String {
        let known = names(in: folder)
        guard !known.isEmpty else { return "there is no zone data in \(folder); install tzdata or set TZDIR" }
        guard let near = nearest(to: name, among: known) else {
            return "there is no such zone; write an IANA name such as Europe/Moscow"
        }
        return "there is no such zone; did you mean \(near)?"
    }

    /// The same but for case, a city alone, or up to two wrong letters.
    static func nearest(to name: String, among known: [String]) -> String? {
        let wanted = name.lowercased().replacingOccurrences(of: " ", with: "_")
        guard !wanted.isEmpty, wanted.utf8.count <= 60 else { return nil }
        if let same = known.first(where: { $0.lowercased() == wanted }) { return same }
        let cities = known.map { (name: $0, city: $0.lowercased().split(separator: "/").last.map(String.init) ?? "") }
        if let city = cities.first(where: { $0.city == wanted }) { return city.name }
        let scored = cities.map { entry in
            (entry.name, min(distance(entry.name.lowercased(), wanted), distance(entry.city, wanted)))
        }
        // Two wrong letters of a short word would be a guess.
        guard wanted.count >= 5, let best = scored.min(by: { $0.1 < $1.1 }), best.1 <= 2 else { return nil }
        return best.0
    }

    private static func names(in folder: String) -> [String] {
        guard let found = FileManager.default.enumerator(atPath: folder) else { return [] }
        var names: [String] = []
        for case let name as String in found where name.contains("/") {
            if name.hasPrefix("right/") || name.hasPrefix("posix/") || name.hasPrefix("Etc/") { continue }
            names.append(name)
        }
        return names.sorted()
    }

    /// Letters to insert, delete or replace (Levenshtein).
    private static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right.utf8)
        var row = Array(0...right.count)
        for (i, byte) in left.utf8.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for j in right.indices {
                let replaced = diagonal + (byte == right[j] ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
