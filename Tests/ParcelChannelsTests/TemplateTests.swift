// Templates: the built-in ones are good and shipped, the user's win, and what is wrong with one has its line.

import Foundation
import ParcelChannels
import ParcelCore
import Testing

private let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

private func files(_ folder: String) throws -> [String: String] {
    let url = repository.appending(path: folder)
    let names = try FileManager.default.contentsOfDirectory(atPath: url.path).filter { $0.hasSuffix(".mustache") }
    return try Dictionary(
        uniqueKeysWithValues: names.map { ($0, try String(contentsOf: url.appending(path: $0), encoding: .utf8)) })
}

private func told(
    _ item: MessageItem, _ templates: [String: String], _ language: Language = .ru
) throws -> String {
    text(of: item, for: Reader(language, .utc, templates: Templates(templates)))
}

private func stalled() throws -> MessageItem {
    item(.opened, .stall, try item1907(confirmed: "2017-10-10T03:12:00+03:00", threshold: 5), .critical)
}

/// Facts in which nothing is missing.
private func richFacts() throws -> AlertFacts {
    var facts = try item1907(confirmed: "2017-10-10T03:12:00+03:00", threshold: 5)
    facts.facts?["title"] = "Wig"
    facts.facts?["problem"] = "No stock"
    facts.condition = .customsHold
    facts.signedAt = facts.since?.at
    facts.provider = "litemf"
    facts.disagreeing = ["shiptor"]
    facts.amount = Money(minor: 14467, currency: "RUB")
    facts.newStatus = "Received"
    facts.reason = "status 503"
    facts.failingSince = try instant("2017-08-20T18:05:00+08:00")
    facts.count = 40
    facts.channel = "office"
    facts.file = "stall.mustache"
    facts.coverageEnd = try date(2026, 12, 31)
    return facts
}

@Test func `the shipped templates are the built-in ones, for each kind, and without mistakes`() throws {
    let shipped = try files("config/templates")
    #expect(shipped == builtInTemplateTexts)
    #expect(try files("Sources/ParcelChannels/Templates") == builtInTemplateTexts)
    for (file, text) in builtInTemplateTexts { #expect(templateMistakes(file, text) == [], "\(file)") }
    for kind in TemplateKind.allCases {
        let names = ["\(kind.rawValue).mustache"] + kind.languages.map { "\(kind.rawValue).\($0).mustache" }
        #expect(names.contains { builtInTemplateTexts[$0] != nil }, "\(kind)")
    }
    #expect(Set(AlertKind.allCases.map(\.rawValue)).isSubset(of: Set(TemplateKind.allCases.map(\.rawValue))))
}

/// A text of each template, with the facts in which nothing is missing.
private func render(_ kind: TemplateKind, _ template: String) throws -> String {
    let (facts, own) = (try richFacts(), ["\(kind.rawValue).mustache": template])
    switch kind {
    case .letter:
        var facts = facts
        facts.since?.basis = .seen
        let zone = try zone("Europe/Moscow")
        let subjects = [AlertKind.refund, .condition, .vanished, .contradiction].map { kind in
            LetterSubject(kind: kind, facts: facts)
        }
        let over = LetterSubject(kind: nil, facts: facts, ending: .lost, endedAt: facts.since?.at)
        return letters(about: subjects + [over], to: .logist, templates: Templates(own)) { _ in zone }[0].text
    case .overview, .overviewLine:
        var message = try message(
            (1...40).map { item(.opened, .stall, facts, .critical, overview: true, alert: $0) })
        message.templates = own
        return texts(of: message)[0]
    case .digest, .storm:
        var over = facts
        over.movedAt = facts.since
        let places: [Stage] = [.inbound, .handover]
        let open = (1...(kind == .storm ? 40 : 4)).map { number in
            var facts = facts
            facts.stage = places[number % 2]
            return item(.opened, .stall, facts, .critical, alert: Int64(number))
        }
        var message = try message(
            open + (100...140).map { item(.closed, .stall, over, alert: $0) }
                + [item(.opened, .stall, facts, overview: true, alert: 200)])
        message.templates = own
        message.attachments = [digestTable(of: message)].compactMap(\.self)
        return texts(of: message).joined(separator: "\n")
    case .weekly:
        var summary = WeeklySummary(
            after: try date(2026, 9, 28), watched: 1, lastSuccessAt: try instant("2026-10-05T08:50+03:00"))
        summary.silences = [.init(contact: .logist, stage: .inbound, average: 45, averageBefore: 13)]
        summary.longest = [item(.reminded, .stall, facts, .critical)]
        var message = try message([])
        (message.summary, message.templates) = (summary, own)
        return texts(of: message).joined(separator: "\n")
    case .closed: return try told(item(.closed, .stall, facts, .critical), own)
    case .wasSilent: return try told(item(.wasSilent, .stall, facts, .critical), own)
    default:
        let alert = try #require(AlertKind(rawValue: kind.rawValue))
        return try [MessageItem.Telling.opened, .escalated, .reminded].map {
            try told(item($0, alert, facts, .critical), own)
        }.joined(separator: "\n")
    }
}

private func shows(_ names: [TemplateName], _ before: String = "", _ after: String = "") -> [(String, String)] {
    names.flatMap { name -> [(String, String)] in
        switch name.form {
        case .text: [(name.name, "\(before){{#\(name.name)}}[{{\(name.name)}}]{{/\(name.name)}}\(after)")]
        case .lines: [(name.name, "\(before){{#\(name.name)}}[{{.}}]{{/\(name.name)}}\(after)")]
        case .flag: [(name.name, "\(before){{#\(name.name)}}[yes]{{/\(name.name)}}\(after)")]
        case .rows(let inner): shows(inner, before + "{{#\(name.name)}}", "{{/\(name.name)}}" + after)
        }
    }
}

/// What a kind has no facts for: named by all of a sort, said by some.
private let silentNames: [TemplateKind: Set<String>] = [
    .stall: ["meaningLines", "adviceLines"], .condition: ["meaningLines"], .refund: ["meaningLines"],
    .cannotBeChecked: ["waitingLine"], .clock: ["waitingLine"], .channelRefused: ["waitingLine"],
    .coverageEnds: ["waitingLine"], .templateBroken: ["waitingLine"], .database: ["waitingLine"],
    .closed: ["isEscalated", "isReminder"], .wasSilent: ["isEscalated", "isReminder"],
    .overviewLine: ["isEscalated", "isReminder"],
]

@Test(arguments: TemplateKind.allCases)
func `every name that a template may use has something to say`(kind: TemplateKind) throws {
    let needed = [
        TemplateKind.digest: "{{#groups}}{{#items}}\n{{.}}{{/items}}{{/groups}}\n{{overview}}",
        .storm: "\n{{overview}}",
    ]
    for (name, shown) in shows(kind.names) where silentNames[kind]?.contains(name) != true {
        let template = shown + (needed[kind] ?? "")
        #expect(templateMistakes("\(kind.rawValue).mustache", template) == [])
        let text = try render(kind, template)
        #expect(text.contains(/\[[^\]]+\]/), "\(kind) \(name): \(text)")
        #expect(!text.contains("Optional") && !text.contains("TemplateValue"), "\(text)")
    }
}

@Test(arguments: TemplateKind.allCases)
func `no name inside rows hides one outside`(kind: TemplateKind) {
    func check(_ names: [TemplateName], _ outer: Set<String>) {
        #expect(Set(names.map(\.name)).count == names.count)
        #expect(outer.isDisjoint(with: names.map(\.name)))
        for case .rows(let inner) in names.map(\.form) { check(inner, outer.union(names.map(\.name))) }
    }
    check(kind.names, [])
}

@Test func `the user's template wins, one for the reader's language over one for all`() throws {
    let all = ["stall.mustache": "{{name}}!", "stall.ru.mustache": "{{name}}: {{silence}}."]
    #expect(try told(try stalled(), all) == "№ 1907-2: 5 рабочих дней.")
    #expect(try told(try stalled(), all, .en) == "Item 1907-2!")
    var message = try message([try stalled()])
    message.templates = all
    #expect(texts(of: message) == ["№ 1907-2: 5 рабочих дней."])
    let journal = try channel("journal").parts(of: message)
    #expect(journal.first?.hasSuffix("№ 1907-2: 5 рабочих дней.") == true)
    #expect(
        try channel("webhook", ["url": .text("https://x.example")]).parts(of: message)[0].contains("5 рабочих дней."))
}

@Test(arguments: ["{{nmae}}", "{{#name}}", "{{> other}}", " \n", "{{! nothing }}", "{{#isReminder}}x{{/isReminder}}"])
func `a template that is broken or says nothing leaves the built-in text`(template: String) throws {
    #expect(try told(try stalled(), ["stall.mustache": template]) == (try told(try stalled(), [:])))
}

@Test func `nothing is escaped, and what others wrote is no template`() throws {
    var facts = try item1907(confirmed: "2017-10-10T03:12:00+03:00", threshold: 5)
    facts.facts?["seller"] = "<b>A & \"B\"</b> {{name}} {{#x}}"
    for tag in ["{{seller}}", "{{{seller}}}", "{{&seller}}", "{{ seller }}"] {
        #expect(
            try told(item(.opened, .stall, facts), ["stall.mustache": tag]) == "<b>A & \"B\"</b> {{name}} {{#x}}")
    }
}

private let mistakes: [(file: String, text: String, expected: [String])] = [
    ("stall.mustache", "{{heading}}\n{{nmae}}\n", ["line 2: there is no \"nmae\" here; did you mean name?"]),
    ("stall.mustache", "{{heading}}\r\n\r\n{{#holdLines}}\r\n", ["line 3: {{#holdLines}} is not closed"]),
    ("stall.mustache", "{{#order}}\n{{/seller}}", ["line 2: {{/seller}} where {{/order}} is due, of line 1"]),
    ("stall.mustache", "\n\n{{/order}}", ["line 3: {{/order}} closes nothing"]),
    ("stall.mustache", "{{heading", ["line 1: a tag begins with {{ and does not end with }}"]),
    ("stall.mustache", "{{{heading}}", ["line 1: a tag begins with {{ and does not end with }}}"]),
    (
        "stall.mustache", "{{> closed}}",
        ["line 1: {{>}} is not offered: write variables, {{#sections}}, {{^sections}} and {{! remarks}}"]
    ),
    (
        "stall.mustache", "{{=<% %>=}}",
        ["line 1: {{=}} is not offered: write variables, {{#sections}}, {{^sections}} and {{! remarks}}"]
    ),
    ("stall.mustache", "{{holdLines}}", ["line 1: holdLines is a list: write {{#holdLines}}{{.}}{{/holdLines}}"]),
    (
        "stall.mustache", "{{numbers}}",
        ["line 1: numbers has no text of its own: write {{#numbers}}…{{/numbers}}"]
    ),
    ("stall.mustache", "{{number}}", ["line 1: there is no \"number\" here; did you mean numbers?"]),
    ("stall.mustache", "{{.}}", ["line 1: {{.}} stands for nothing here"]),
    ("stall.mustache", "{{#numbers}}{{.}}{{/numbers}}", ["line 1: {{.}} stands for nothing here"]),
    ("stall.mustache", "{{}}", ["line 1: there is no \"\" here"]),
    ("stall.mustache", "{{capitalized(name)}}", ["line 1: there is no \"capitalized(name)\" here"]),
    ("stal.mustache", "x", ["line 1: there is no template of this name; did you mean stall.mustache?"]),
    ("stall.zh.mustache", "x", ["line 1: there is no template of this name; did you mean stall.ru.mustache?"]),
    ("stall.mustache", String(repeating: "x", count: 65_537), ["line 1: it is larger than 64 KiB"]),
    ("stall.mustache", "{{#numbers}}{{number}} {{order}}{{/numbers}}{{! a\nremark }}{{^order}}-{{/order}}", []),
    ("letter.zh.mustache", "{{#groups}}{{#things}}{{#numbers}}{{thing}}{{/numbers}}{{/things}}{{/groups}}", []),
    (
        "digest.mustache", "{{#groups}}{{heading}}\n{{#items}}{{.}}{{/items}}\n{{count}} {{totl}}{{/groups}}",
        ["line 3: there is no \"totl\" here; did you mean total?"]
    ),
    (
        "digest.ru.mustache", "{{total}}\n{{overview}}",
        ["line 1: \"items\" stands nowhere in it, and what it stands for is told nowhere else"]
    ),
    (
        "storm.mustache", "{{heading}}\n{{#items}}{{.}}{{/items}}",
        ["line 1: \"overview\" stands nowhere in it, and what it stands for is told nowhere else"]
    ),
    ("digest.mustache", "{{#items}}{{.}}{{/items}}{{overview}}", ["line 1: there is no \"items\" here"]),
    (
        "weekly.en.mustache", "{{heading}}\n\n{{#silences}}\n{{avarage}}",
        ["line 4: there is no \"avarage\" here; did you mean average?"]
    ),
    ("weekly.mustache", "{{#isQuiet}}All is well{{/isQuiet}}{{^isQuiet}}{{openLine}}{{/isQuiet}}", []),
    ("week.mustache", "x", ["line 1: there is no template of this name; did you mean weekly.mustache?"]),
    ("stall.ru.mustache", "{ {} }} no tag { {{heading}}", []), ("closed.mustache", "{{text}} {{name}}", []),
]

@Test(arguments: mistakes)
func `every mistake of a template is told with its line`(file: String, text: String, expected: [String]) {
    let found = templateMistakes(file, text).map(\.description)
    // Of two tags that are not closed as they should be only the first is of interest.
    #expect(Array(found.prefix(max(1, expected.count))) == expected)
}

@Test func `any text is a template or has a mistake, and neither check nor text breaks on it`() throws {
    var state: UInt64 = 5
    func random(_ count: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(count))
    }
    let pieces = [
        "{{", "}}", "{{{", "}}}", "#", "/", "^", "!", ">", "<", "$", "=", "%", "&", ".", "*", "name", "numbers",
        "number",
        "holdLines", "isReminder", " ", "\n", "\r\n", "<b>", "👍", "(", ")", "{{#name}}", "{{/name}}", "{{heading}}",
    ]
    let usual = try told(try stalled(), [:])
    for _ in 0..<300 {
        let text = (0..<random(12)).map { _ in pieces[random(pieces.count)] }.joined()
        let told = try told(try stalled(), ["stall.mustache": text])
        #expect(!told.isEmpty)
        if !templateMistakes("stall.mustache", text).isEmpty { #expect(told == usual, "\(text)") }
    }
    for deep in ["{{#name}}", "{{^name}}", "{{/name}}", "{{{", "{{#numbers}}{{^x}}"] {
        let text = String(String(repeating: deep, count: 20_000).prefix(60_000))
        #expect(!templateMistakes("stall.mustache", text).isEmpty)
        #expect(templateMistakes("stall.mustache", text).count <= 20)
        #expect(try told(try stalled(), ["stall.mustache": text]) == usual)
    }
}
