// What single parts cost, in CPU time of this process: choosing what is due, replaying a history, and reading the
// providers' answers. Prints
// figures, judges nothing: machines differ. bench.py measures whole programs.

import Foundation

@main struct Parcelbench {
    static func main() {
        var arguments = Array(CommandLine.arguments.dropFirst())
        let isJSON = arguments.firstIndex(of: "--json").map { arguments.remove(at: $0) } != nil
        guard arguments.count <= 1 else {
            FileHandle.standardError.write(Data("usage: parcelbench [--json] [FIXTURES]\n".utf8))
            exit(64)
        }
        do {
            var rows = try choosing()
            rows += try replaying()
            rows += try decoding(arguments.first ?? "Tests/ParcelProvidersTests/Fixtures")
            print(isJSON ? try json(rows) : table(rows))
        } catch {
            FileHandle.standardError.write(Data("parcelbench: \(error)\n".utf8))
            exit(70)
        }
    }

    private static func table(_ rows: [Figure]) -> String {
        let width = rows.map(\.name.count).max() ?? 0
        var lines: [String] = []
        for (index, row) in rows.enumerated() {
            if index == 0 || rows[index - 1].group != row.group { lines.append("\(row.group):") }
            let values = String(format: "%9.2f %-6@ %9.2f", row.best, row.unit as NSString, row.median)
            lines.append(
                "  " + row.name.padding(toLength: width + 2, withPad: " ", startingAt: 0) + values + "  " + row.about)
        }
        return lines.joined(separator: "\n")
    }

    private static func json(_ rows: [Figure]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        return String(decoding: try encoder.encode(rows), as: UTF8.self)
    }
}
