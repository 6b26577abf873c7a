// Mail by SMTP: one mail for a message, to all addresses of the channel or to none. Its text is written by MailText; this
// file knows the settings, the envelope, and what the server's words mean (RFC 5321, read 2026-11-25).

import FoundationEssentials
package import ParcelCore

struct Mail: Channel {
    static let schema = SettingSchema(
        "mail",
        [
            SettingKey(
                "url", .mailServer, required: true, "the server that takes mail, smtp://host:587 or smtps://host"),
            SettingKey("tls", .boolean, "whether nothing is said before TLS; false for a server on this machine only"),
            SettingKey("user", .text, "the login's name, where the server wants one"),
            SettingKey("password", .secret, "the login's password"),
            SettingKey("from", .text, required: true, "the sender's plain address, name@host"),
            SettingKey("to", .names(nil), required: true, "one plain address or a list"),
            SettingKey("connect_timeout", .duration, "how long connecting may take; 10 s if left out"),
            SettingKey("timeout", .duration, "how long a whole mail may take; 2 min if left out"),
        ], check: problems)

    let name: String
    private let url: String
    private let security: MailEnvelope.Security
    private let user: String?
    private let password: Secret?
    private let from: String
    private let to: [String]
    private let connectTimeout: Duration
    private let timeout: Duration

    init?(name: String, _ settings: SettingValues) {
        guard let url = settings.text("url"), let from = settings.text("from"), let to = settings.names("to") else {
            return nil
        }
        self.name = name
        self.url = url
        security = isEncrypted(settings, url) ? .required : .none
        user = settings.text("user")
        password = settings.secret("password")
        self.from = from
        self.to = to
        connectTimeout = settings.duration("connect_timeout") ?? .seconds(10)
        timeout = settings.duration("timeout") ?? .minutes(2)
    }

    private static func problems(_ settings: SettingValues) -> [SettingProblem] {
        var problems: [SettingProblem] = []
        for (key, addresses) in [
            ("from", [settings.text("from")].compactMap(\.self)), ("to", settings.names("to") ?? []),
        ] {
            if addresses.contains(where: { !isPlainAddress($0) }) {
                problems.append(SettingProblem(key, "expected plain addresses such as name@shop.example, in ASCII"))
            }
        }
        if settings.names("to")?.isEmpty == true {
            problems.append(SettingProblem("to", "at least one address is needed"))
        }
        if let url = settings.text("url"), !isEncrypted(settings, url), !isLoopback(url) {
            problems.append(SettingProblem("tls", "mail leaves this machine only by TLS; leave tls out"))
        }
        return problems
    }

    func parts(of message: Message) -> [String] { [mailText(message, from: from, to: to)] }

    func delivery(of part: String, number: Int, dedupKey: String) -> Delivery {
        .mail(
            MailEnvelope(
                url: url, security: security, user: user, password: password, from: from, to: to,
                text: Array(part.utf8), connectTimeout: connectTimeout, totalTimeout: timeout, label: "mail \(name)"))
    }

    /// Not used: it asks nothing over HTTP.
    func outcome(of response: HTTPResponse) -> DeliveryOutcome { .accepted() }
}

private func isEncrypted(_ settings: SettingValues, _ url: String) -> Bool {
    if url.lowercased().hasPrefix("smtps:") { return true }
    return settings.boolean("tls") ?? !isLoopback(url)
}

/// Letters, digits and what RFC 5321 lets stand without quotes, with one @ and a host.
func isPlainAddress(_ text: String) -> Bool {
    let halves = text.split(separator: "@", omittingEmptySubsequences: false)
    guard halves.count == 2, let local = halves.first, let host = halves.last, (1...64).contains(local.utf8.count),
        (1...253).contains(host.utf8.count)
    else { return false }
    func isAtom(_ part: Substring, _ marks: String) -> Bool {
        !part.isEmpty && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || marks.contains($0)) }
    }
    return local.split(separator: ".", omittingEmptySubsequences: false).allSatisfy {
        isAtom($0, "!#$%&'*+-/=?^_`{|}~")
    }
        && host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy {
            isAtom($0, "-") && !$0.hasPrefix("-") && !$0.hasSuffix("-")
        }
}

/// What the end of an SMTP dialogue means for the mail.
package func outcome(
    of result: Result<MailReply, TransportError>, for mail: MailEnvelope
) -> DeliveryOutcome {
    let reply: MailReply
    switch result {
    case .failure(let error): return .retry(after: nil, reason: "\(error)")
    case .success(let given): reply = given
    }
    let said = serverWords(reply, mail)
    switch (reply.step, reply.code) {
    case (.encryption, 0..<400):
        return .refused(reason: "the server offers no TLS, and nothing is sent without it")
    case (.encryption, 500...): return .refused(reason: "the server refuses TLS: \(said)")
    case (.login, 500...): return .refused(reason: "login refused: \(said)")
    // libcurl found no way to log in that both know, after the server's greeting.
    case (.login, 0..<400):
        return .refused(reason: "login refused: the server offers no way of logging in that is known")
    case (.mail, 200..<300): return .accepted(reference: said)
    case (.mail, 500...): return .refused(reason: said)
    default: return .retry(after: nil, reason: said)
    }
}

private func serverWords(_ reply: MailReply, _ mail: MailEnvelope) -> String {
    let password = mail.password?.revealed ?? ""
    let user = mail.user ?? ""
    // A server that repeats what it was given repeats it as SASL wrote it.
    let secrets = [base64("\0\(user)\0\(password)"), base64(password), password]
    let words = password.isEmpty ? reply.words : secrets.reduce(reply.words) { $0.replacing($1, with: "<secret>") }
    let (code, rest) = enhancedCode(words)
    let id = queueID(reply)
    let known = knownWords(of: String(rest.dropLast(id?.count ?? 0)))
    return (["\(reply.code)"] + [code, known, id].compactMap(\.self)).filter { !$0.isEmpty }.joined(separator: " ")
}

/// The second code, `5.1.1` (RFC 3463), with which most servers begin their words.
private func enhancedCode(_ words: String) -> (code: String?, rest: String) {
    let first = words.prefix { !$0.isWhitespace }
    guard isMailCode(first) else {
        return (nil, words)
    }
    return (String(first), String(words[first.endIndex...]))
}

/// What the server calls the mail that it took, by which it is found in the server's own log: the last word, where it cannot
/// be a name. `ivanov85` has the form of one; `4XyZ7` and `7F3A` are numbers written with letters.
private func queueID(_ reply: MailReply) -> String? {
    guard reply.step == .mail, (200..<300).contains(reply.code),
        let last = reply.words.split(separator: " ", omittingEmptySubsequences: false).last, last.utf8.count <= 64,
        last.utf8.allSatisfy({ isDigit($0) || isLetter($0) || "-_.".utf8.contains($0) })
    else { return nil }
    let signs = last.utf8.filter { isDigit($0) || isLetter($0) }
    let changes = zip(signs, signs.dropFirst()).count { isDigit($0) != isDigit($1) }
    let letters = last.utf8.split { !isLetter($0) }
    // Across marks, for a phone has such between its digits.
    let digits = signs.split { !isDigit($0) }
    let isReadable = letters.contains { $0.count > 2 && $0.contains(where: isVowel) }
    return changes >= 2 && !isReadable && digits.allSatisfy { $0.count <= 6 } ? String(last) : nil
}

private func isVowel(_ byte: UInt8) -> Bool { "aeiou".utf8.contains(byte | 0x20) }
private func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
private func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte & 0xDF) }

private func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
