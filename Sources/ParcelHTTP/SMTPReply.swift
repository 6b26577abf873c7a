// What an SMTP server said of a mail at last (RFC 5321, 4.2): lines of a code, a hyphen while more follow, and words. Its
// goodbye is not meant, and once the text was given only the first word about that is.

struct SMTPReply {
    /// Longer words are cut: a server may talk for ever.
    static let limit = 2000

    /// 0 while nothing was said.
    private(set) var code = 0
    private(set) var words = ""
    private var isOver = true
    private var isAboutText = false
    private var isDecided = false

    mutating func read(_ line: UnsafeRawBufferPointer) {
        let text = String(decoding: line.prefix(SMTPReply.limit), as: UTF8.self)
        let digits = text.utf8.prefix(3)
        guard digits.count == 3, digits.allSatisfy({ (0x30...0x39).contains($0) }), let code = Int(text.prefix(3))
        else {
            return
        }
        let rest = text.dropFirst(3)
        // 221 answers QUIT alone.
        guard code != 221, !isDecided else { return }
        let isAboutText = isOver ? self.code == 354 : self.isAboutText
        if isOver { words = "" }
        self.code = code
        self.isAboutText = isAboutText
        isOver = rest.first != "-"
        isDecided = isAboutText && isOver
        // libcurl gives line ends too; in Swift CR LF is one character.
        let said = rest.dropFirst(rest.first.map { $0 == "-" || $0 == " " } == true ? 1 : 0)
            .split(whereSeparator: \.isNewline).joined(separator: " ")
        guard !said.isEmpty, words.utf8.count < SMTPReply.limit else { return }
        words += (words.isEmpty ? "" : " ") + said
    }
}
