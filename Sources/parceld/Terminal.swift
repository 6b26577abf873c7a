// Questions on a terminal: lines that are seen, and secrets that are not.

import Foundation

/// Somebody pressed Ctrl-C or Ctrl-D: nothing is done.
struct Interrupted: Error {}

struct Terminal {
    static var isThere: Bool { isatty(STDIN_FILENO) == 1 }

    func say(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

    /// Asks until the answer is right.
    ///
    /// - Parameters:
    ///   - standard: What an empty answer means; nil: it is asked again.
    ///   - mistake: What is wrong with an answer; nil where it is right.
    func ask(_ question: String, standard: String? = nil, mistake: (String) -> String? = { _ in nil }) throws -> String
    {
        while true {
            say("  \(question)\(standard.map { $0.isEmpty ? "" : " [\($0)]" } ?? ""): ")
            guard let line = readLine() else { throw Interrupted() }
            let answer = line.trimmingCharacters(in: .whitespaces)
            if answer.isEmpty, let standard { return standard }
            guard !answer.isEmpty else { continue }
            guard let wrong = mistake(answer) else { return answer }
            say("  \(wrong)\n")
        }
    }

    /// Asks for what is not shown while it is typed; empty where nothing was typed and that may be.
    func askSecret(_ question: String, optional: Bool) throws -> String {
        while true {
            let typed = try hidden(question)
            say("\n")
            let answer = typed.trimmingCharacters(in: .whitespaces)
            if answer.contains(where: { $0.asciiValue.map { $0 < 32 } == true }) { continue }
            if optional || !answer.isEmpty { return answer }
        }
    }

    /// Reads key by key without echo. Ctrl-C comes as a key, so that the terminal is left as it was.
    private func hidden(_ question: String) throws -> String {
        var before = termios()
        guard tcgetattr(STDIN_FILENO, &before) == 0 else { throw Interrupted() }
        var quiet = before
        quiet.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &quiet)
        defer { tcsetattr(STDIN_FILENO, TCSADRAIN, &before) }
        // Only now: whoever is fast would see what they type.
        say("  \(question): ")
        var bytes: [UInt8] = []
        while true {
            var key: UInt8 = 0
            guard read(STDIN_FILENO, &key, 1) == 1 else { throw Interrupted() }
            switch key {
            case 10, 13: return String(decoding: bytes, as: UTF8.self)
            // Ctrl-C, Ctrl-D, Ctrl-\
            case 3, 4, 28: throw Interrupted()
            // Ctrl-U
            case 21: bytes = []
            case 8, 127:
                while let last = bytes.popLast(), last & 0xC0 == 0x80 {}
            default: bytes.append(key)
            }
        }
    }
}
