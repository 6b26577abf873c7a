// A message as a whole mail (RFC 5322): headers, the texts as plain text and as HTML, and attachments. Everything is ASCII in
// lines of at most 76 characters ended by CRLF: bodies are base64, so no server has anything to break, and no text of a
// provider can become a header. The same message gives the same bytes.

import FoundationEssentials
import ParcelCore

/// A mail names at most this many earlier ones: a header without end is cut by servers.
private let mostReferences = 20

func mailText(_ message: Message, from: String, to: [String]) -> String {
    let passages = passages(of: message)
    let host = from.split(separator: "@").last.map(String.init) ?? "localhost"
    let earlier = earlierMails(message)
    var headers = [
        "Date: \(mailDate(message.composedAt))",
        "From: parceld <\(from)>",
        folded("To:", to.enumerated().map { $0 == to.count - 1 ? $1 : $1 + "," }),
        "Subject: " + encodedWords(subject(message, passages)),
        "Message-ID: <\(message.dedupKey)@\(host)>",
    ]
    if let last = earlier.last {
        headers.append(folded("In-Reply-To:", [last]))
        headers.append(folded("References:", earlier))
    }
    headers += ["Auto-Submitted: auto-generated", "MIME-Version: 1.0"]
    let body = Entity.multipart(
        "alternative", boundary: "=_text_\(message.dedupKey)",
        [
            .leaf(["Content-Type: text/plain; charset=utf-8"], Array(plain(passages).utf8)),
            .leaf(["Content-Type: text/html; charset=utf-8"], Array(html(passages, message.language).utf8)),
        ])
    let whole =
        message.attachments.isEmpty
        ? body
        : .multipart(
            "mixed", boundary: "=_whole_\(message.dedupKey)", [body] + message.attachments.map(attached))
    return (headers + whole.lines).joined(separator: "\r\n") + "\r\n"
}

/// Ids of the mails that told of these alerts before, each as it was sent, so that an episode is one thread. The worst
/// matter's own come last: the last of all is what this one answers.
private func earlierMails(_ message: Message) -> [String] {
    var ids: [String] = []
    for item in message.items.reversed() {
        let own = (message.pasts[item.alert]?.messages ?? []).compactMap { $0.parts.first.flatMap { mailID($0.text) } }
        ids = ids.filter { !own.contains($0) } + own
    }
    guard ids.count > mostReferences, let first = ids.first else { return ids }
    return [first] + ids.suffix(mostReferences - 1)
}

/// The Message-ID of a mail that was written here.
private func mailID(_ text: String) -> String? {
    let mark = "\r\nMessage-ID: "
    guard let start = text.firstRange(of: mark)?.upperBound else { return nil }
    let id = text[start...].prefix { !$0.isNewline }
    return id.hasPrefix("<") && id.hasSuffix(">") ? String(id) : nil
}

private func subject(_ message: Message, _ passages: [Passage]) -> String {
    let reader = Reader(of: message)
    let first = harmless(headline(of: message, passages), limit: 150)
    // A storm says its number itself.
    let rest = message.items.count <= mostTold ? passages.count(where: \.isAboutItems) - 1 : 0
    return rest > 0 ? first + reader.say(" (и ещё \(rest))", " (and \(rest) more)") : first
}

private func plain(_ passages: [Passage]) -> String {
    joined(passages).split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n") + "\r\n"
}

private func html(_ passages: [Passage], _ language: Language) -> String {
    var paragraphs: [[Passage]] = []
    for passage in passages {
        if passage.isNext, !paragraphs.isEmpty {
            paragraphs[paragraphs.count - 1].append(passage)
        } else {
            paragraphs.append([passage])
        }
    }
    let texts = paragraphs.map { passages in
        let lines = joined(passages).split(separator: "\n", omittingEmptySubsequences: false).map {
            escaped(String($0))
        }
        return "<p>" + lines.joined(separator: "<br>\r\n") + "</p>\r\n"
    }
    return "<!DOCTYPE html>\r\n<html lang=\"\(language.rawValue)\"><head><meta charset=\"utf-8\"></head><body>\r\n"
        + texts.joined() + "</body></html>\r\n"
}

private func attached(_ file: Attachment) -> Entity {
    let name = harmless(String(file.name.map { "/\\".contains($0) ? "_" : $0 }), limit: 100)
    let type = isMediaType(file.mediaType) ? file.mediaType.lowercased() : "application/octet-stream"
    let charset = type.hasPrefix("text/") ? "; charset=utf-8" : ""
    return .leaf(
        [
            "Content-Type: \(type)\(charset)",
            "Content-Disposition: attachment" + fileName(name.isEmpty ? "file" : name),
        ],
        file.bytes)
}

private func isMediaType(_ text: String) -> Bool {
    let halves = text.split(separator: "/", omittingEmptySubsequences: false)
    return halves.count == 2 && text.utf8.count <= 60
        && halves.allSatisfy { half in
            !half.isEmpty && half.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-+._".contains($0)) }
        }
}
