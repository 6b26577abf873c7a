// Reads a configuration: bytes in; a Config, or every problem found. Here: what makes the bytes a YAML document at all.

package import ParcelCore
import Yams

/// No configuration is anywhere near; a database named by mistake is.
private let largest = 1 << 20

/// One file's bytes.
package struct ConfigFile: Sendable {
    /// Its path, for messages; nil for the main file.
    package var path: String?
    package var bytes: [UInt8]

    package init(_ path: String?, _ bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }
}

/// - Parameters:
///   - files: The main file, and those that are laid over it, in order: sections are joined key by key, lists and single
///     values are replaced, a written null takes away what an earlier file gave.
///   - providers: What can be polled, with the settings of each.
///   - channels: What can be told through.
///   - calendars: Ids of the calendars that need no file.
/// - Returns: A config that may be used only if there are no problems; these by file and line.
package func readConfig(
    _ files: [ConfigFile], providers: [SettingSchema], channels: [SettingSchema], calendars: [String]
) -> (config: Config, problems: [Problem]) {
    var (layers, problems) = ([Place.Layer](), [Problem]())
    for file in files {
        do throws(Unreadable) {
            let root = try document(file.bytes)
            // One that lies over the main file may say nothing for the time being.
            if root.isNothing, file.path != nil { continue }
            guard !root.isNothing else { throw Unreadable(line: nil, "the file is empty") }
            guard root.isMapping || file.path == nil else {
                throw Unreadable(line: nil, "expected a section with keys, found \(root.shape)")
            }
            layers.append(Place.Layer(node: root, file: file.path))
        } catch {
            var problem = error.problem
            problem.file = file.path
            problems.append(problem)
        }
    }
    // What a file that cannot be read would have said is not missing.
    guard problems.isEmpty, !layers.isEmpty else { return (Config(), problems) }
    let reader = ConfigReader(
        files: files.compactMap(\.path), providers: providers, channels: channels, calendars: calendars)
    reader.read(Place(root: layers))
    reader.config.spots = reader.reading.spots
    return (reader.config, reader.config.sorted(reader.reading.problems))
}

extension Config {
    /// As the files stand, and by line.
    package func sorted(_ problems: [Problem]) -> [Problem] {
        func key(_ problem: Problem) -> (Int, Int, String) {
            (problem.file.map { (files.firstIndex(of: $0) ?? files.count) + 1 } ?? 0, problem.line ?? 0, problem.path)
        }
        return problems.sorted { key($0) < key($1) }
    }
}

private struct Unreadable: Error {
    let problem: Problem

    init(line: Int?, _ message: String) { problem = Problem(line: line, path: "", message: message) }
}

private func document(_ bytes: [UInt8]) throws(Unreadable) -> Node {
    guard bytes.count <= largest else { throw Unreadable(line: nil, "the file is larger than 1 MiB: no configuration") }
    // Windows editors put a byte order mark first, which would end the document for libyaml.
    let content = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
    guard let text = String(validating: content, as: UTF8.self) else {
        let lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
        let bad = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil }
        throw Unreadable(line: bad.map { $0 + 1 }, "the file is not UTF-8 text; save it as UTF-8")
    }
    do {
        // The encoding is named because Yams would look into the environment for it.
        return try compose(yaml: text, .default, .default, .utf8) ?? Node("", Tag(.null), .plain)
    } catch {
        throw syntaxProblem(error, text)
    }
}

private func syntaxProblem(_ error: any Error, _ text: String) -> Unreadable {
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _)?, .parser(_, let problem, let mark, _)?,
        .composer(_, let problem, let mark, _)?:
        return Unreadable(line: mark.line, "not YAML: \(problem)\(advice(problem, mark, text))")
    case .reader(let problem, let offset, _, _)?:
        let line = offset.map { text.prefix($0).count(where: \.isNewline) + 1 }
        return Unreadable(line: line, "not YAML: \(problem)")
    case .duplicatedKeysInMapping(let keys, let context)?:
        return Unreadable(
            line: context.mark.line, "given twice, the first time here: \(keys.map(shown).joined(separator: ", "))")
    default:
        return Unreadable(line: nil, "not YAML")
    }
}

/// What usually lies behind libyaml's words.
private func advice(_ problem: String, _ mark: Mark, _ text: String) -> String {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    let line = lines.indices.contains(mark.line - 1) ? lines[mark.line - 1] : ""
    if line.prefix(while: \.isWhitespace).contains("\t") { return "; indent with spaces, not tabs" }
    switch problem {
    case "found character that cannot start any token": return "; put the value in quotes"
    case "mapping values are not allowed in this context":
        return "; put a value that has a colon in quotes, and check the indentation"
    case "could not find expected ':'": return "; each key is followed by a colon and a space"
    case "did not find expected key": return "; check the indentation of this line and those before it"
    default: return ""
    }
}
