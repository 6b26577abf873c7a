// Whatever others call their things, every message keeps to the limits of Telegram and of mail, and shows it as text.

import Foundation
import ParcelChannels
import ParcelCore
import Testing

private let names = [
    "<b>bold</b> & \"x\"", "_*[`", "a\r\nBcc: evil@example\r\n\r\nX", "\u{202E}right\u{2066}to left\u{200F}",
    String(repeating: "👍", count: 4096), String(repeating: "👩‍👩‍👧‍👦", count: 4096),
    "e" + String(repeating: "\u{301}", count: 4096),
    "\u{1B}[31mred\u{9B}2J\u{7}", "=cmd()", "{{name}} {{#x}}", String(repeating: "&", count: 4096),
    "\u{F0000}\u{F0001}",
]

/// One after the other: each name is long work, and no limit depends on the language alone.
private let languages = names.indices.map { $0.isMultiple(of: 2) ? Language.ru : .en }

/// Read once: the calendars behind it are large.
private let usual = Result { try item1907(confirmed: "2017-10-10T03:12:00+03:00", threshold: 5) }

/// A thing whose every word is another's.
private func facts(_ name: String, _ number: Int) throws -> AlertFacts {
    var facts = try usual.get()
    (facts.label, facts.order, facts.statusText, facts.newStatus) = (name, name, name, name)
    (facts.reason, facts.channel, facts.file, facts.provider) = (name, name, name, ProviderID(name))
    (facts.holdsUp, facts.disagreeing) = (Array(repeating: name, count: 40), [ProviderID(name)])
    for key in ["title", "seller", "account", "external_order", "problem"] { facts.facts?[key] = name }
    facts.numbers = [.init(role: .domestic, number: name, page: "https://x.example/" + name)]
    facts.contacts = [.init(role: .logist, name: name, url: name)]
    facts.amount = Money(minor: 14467, currency: name)
    (facts.condition, facts.signedAt, facts.movedAt) = (.customsHold, facts.since?.at, facts.since)
    facts.stage = number.isMultiple(of: 2) ? .inbound : .handover
    return facts
}

private func messages(_ name: String, _ language: Language) throws -> [Message] {
    let tellings: [MessageItem.Telling] = [.opened, .escalated, .reminded, .reopened, .lowered, .closed, .wasSilent]
    var made = try AlertKind.allCases.map { kind in
        try message(
            try tellings.enumerated().map { item($1, kind, try facts(name, $0), .critical, alert: Int64($0 + 1)) },
            language)
    }
    for count in [1, 12, 45] {
        let items = try (1...count).map { item(.opened, .stall, try facts(name, $0), .critical, alert: Int64($0)) }
        var message = try message(items, language)
        message.attachments = [digestTable(of: message)].compactMap(\.self)
        message.pasts = [1: AlertPast(openedAt: message.composedAt, takenBy: "telegram:" + name)]
        made.append(message)
    }
    var overview = try message([], language)
    overview.items = try (1...40).map { item(.opened, .stall, try facts(name, $0), overview: true, alert: Int64($0)) }
    var week = try message([], language)
    week.summary = WeeklySummary(after: try date(2026, 9, 28), watched: 1, lastSuccessAt: nil)
    week.summary?.critical = 1
    week.summary?.longest = try (1...10).map { item(.opened, .stall, try facts(name, $0)) }
    var test = try message([], language)
    test.test = "parceld: " + harmless(name)
    return made + [overview, week, test]
}

/// Invisible, or a control: nothing of ours has them but the line feed, and the joiner inside an emoji of another's.
private func hasControls(_ text: String) -> Bool {
    text.unicodeScalars.contains {
        $0 != "\n"
            && ($0.value < 0x20 || (0x7F...0x9F).contains($0.value) || (0x202A...0x202E).contains($0.value)
                || (0x2066...0x2069).contains($0.value) || $0 == "\u{200F}")
    }
}

@Test(arguments: zip(names, languages))
func `Telegram takes every message, and shows others' words as words`(name: String, language: Language) throws {
    let channel = try channel("telegram", ["token": .secret(Secret("t")), "chat": .text("1")])
    for message in try messages(name, language) {
        for part in channel.parts(of: message) {
            let stored = try #require(TelegramPart(stored: part))
            if let document = stored.document {
                #expect((1...1024).contains(document.caption.utf16.count) && !document.caption.hasSuffix(":"))
                continue
            }
            guard case .http(let request) = channel.delivery(of: part, number: 0, dedupKey: "k") else { continue }
            let body = try #require(try JSONSerialization.jsonObject(with: Data(request.body ?? [])) as? [String: Any])
            let html = try #require(body["text"] as? String)
            // Only tags of ours, closed on their line.
            let shown = html.replacing(#/<b>([^<>\n]*)</b>/#) { String($0.output.1) }
            #expect(!shown.contains("<") && !shown.contains(">"), "\(shown.prefix(200))")
            let plain = shown.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
                .replacing("&amp;", with: "&")
            #expect((1...4096).contains(plain.utf16.count) && !hasControls(plain))
            let rows = (body["reply_markup"] as? [String: Any])?["inline_keyboard"] as? [[[String: String]]] ?? []
            let buttons = rows.flatMap(\.self)
            #expect(buttons.count <= 100 && rows.allSatisfy { !$0.isEmpty && $0.count <= 8 })
            for button in buttons {
                #expect((1...64).contains(try #require(button["callback_data"]).utf8.count))
                #expect(button["text"]?.isEmpty == false && !hasControls(button["text"] ?? ""))
            }
        }
    }
}

@Test(arguments: zip(names, languages))
func `every mail is ASCII in short lines, with one header each and others' words as words`(
    name: String, language: Language
) throws {
    let channel = try channel(
        "mail", ["url": .text("smtp://127.0.0.1"), "from": .text("a@b.example"), "to": .names(["c@d.example"])])
    for message in try messages(name, language) {
        let mail = try #require(channel.parts(of: message).first)
        #expect(mail.utf8.allSatisfy { $0 < 0x80 })
        let lines = mail.components(separatedBy: "\r\n")
        #expect(lines.allSatisfy { $0.utf8.count <= 998 && !$0.utf8.contains(10) && !$0.utf8.contains(13) })
        let head = lines.prefix { !$0.isEmpty }
        let fields = head.filter { !$0.hasPrefix(" ") }.compactMap { $0.split(separator: ":").first.map(String.init) }
        #expect(Set(fields).count == fields.count && !fields.contains("Bcc"))
        let subject = try #require(decodedSubject(mail))
        #expect(!subject.isEmpty && !subject.hasSuffix(":") && !hasControls(subject))
        let bodies = try decodedBodies(mail)
        #expect(!hasControls(bodies[0].replacing("\r\n", with: "\n")))
        #expect(!bodies[1].contains("<b>") && bodies[1].hasSuffix("</body></html>\r\n"))
    }
}
