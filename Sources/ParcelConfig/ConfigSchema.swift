// The configuration as a JSON Schema, for editors: made of the same declarations that the reader reads by. It says less than
// the reader, which also knows what names what.

package import ParcelCore

package func configSchema(providers: [SettingSchema], channels: [SettingSchema]) -> JSONValue {
    var members: [(String, JSONValue)] = [
        ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
        ("title", .string("Configuration of parceld")),
        ("description", .string("A whole configuration. parceld check knows more than this schema.")),
    ]
    members += objectMembers(
        Declared.whole.map { ($0.name, described(form($0.form, providers, channels), $0.summary), $0.isRequired) })
    members.append(("$defs", object(definitions)))
    return object(members)
}

private let definitions: [(String, JSONValue)] = [
    (
        "duration",
        described(text("^[1-9][0-9]* *(s|min|h|d)$"), "a time with its unit, such as 90 s, 15 min, 2 h or 1 d")
    ),
    (
        "secret",
        .members([
            "description": .string("a secret never stands here: {file: PATH} or {credential: NAME}"),
            "type": .string("object"),
            "properties": .members([
                "file": described(word, "a file that holds nothing else"),
                "credential": described(text("^[^./][^/]*$"), "a systemd credential"),
            ]), "additionalProperties": .bool(false), "minProperties": .integer(1), "maxProperties": .integer(1),
        ])
    ),
]

private let word = type("string", "number")
private let anyText = type("string")

private func type(_ names: String...) -> JSONValue {
    .members(["type": names.count == 1 ? .string(names[0]) : .array(names.map { .string($0) })])
}

private func text(_ pattern: String) -> JSONValue {
    .members(["type": .string("string"), "pattern": .string(pattern)])
}

private func choice(_ names: [String]) -> JSONValue { .members(["enum": .array(names.map { .string($0) })]) }

private func reference(_ name: String) -> JSONValue { .members(["$ref": .string("#/$defs/\(name)")]) }

private func list(_ items: JSONValue) -> JSONValue { .members(["type": .string("array"), "items": items]) }

/// One alone is a list of one.
private func oneOrMore(_ item: JSONValue) -> JSONValue { .members(["anyOf": .array([item, list(item)])]) }

private func object(_ members: [(String, JSONValue)]) -> JSONValue {
    .object(members.map { JSONValue.Member(name: $0.0, value: $0.1) })
}

private func described(_ schema: JSONValue, _ summary: String) -> JSONValue {
    guard case .object(let members) = schema else { return schema }
    return .object([JSONValue.Member(name: "description", value: .string(summary))] + members)
}

/// An empty section is one, too.
private func objectMembers(_ keys: [(name: String, schema: JSONValue, isRequired: Bool)]) -> [(String, JSONValue)] {
    var members: [(String, JSONValue)] = [
        ("type", .string("object")), ("properties", object(keys.map { ($0.name, $0.schema) })),
        ("additionalProperties", .bool(false)),
    ]
    let required = keys.filter(\.isRequired)
    if !required.isEmpty { members.append(("required", .array(required.map { .string($0.name) }))) }
    return members
}

private func section(_ keys: [(name: String, schema: JSONValue, isRequired: Bool)]) -> JSONValue {
    var members = objectMembers(keys)
    if !keys.contains(where: \.isRequired) { members[0].1 = .array([.string("object"), .string("null")]) }
    return object(members)
}

private func section(_ keys: [Declared], _ providers: [SettingSchema], _ channels: [SettingSchema]) -> JSONValue {
    section(keys.map { ($0.name, described(form($0.form, providers, channels), $0.summary), $0.isRequired) })
}

private func each(_ schema: JSONValue) -> JSONValue {
    .members(["type": .array([.string("object"), .string("null")]), "additionalProperties": schema])
}

private func form(_ form: Declared.Form, _ providers: [SettingSchema], _ channels: [SettingSchema]) -> JSONValue {
    switch form {
    case .setting(let kind): setting(kind)
    case .path: anyText
    case .size: text("^[1-9][0-9]* *(KiB|MiB)$")
    case .proxy: text("^(https?|socks5h?)://")
    case .link: text("^(mailto:|https?://)")
    case .hours: text("^ *[0-9]{1,2}:[0-9]{2} *- *[0-9]{1,2}:[0-9]{2} *$")
    case .times: oneOrMore(text("^ *[0-9]{1,2}:[0-9]{2} *$"))
    case .dates: oneOrMore(text("^[0-9]{4}-[0-9]{2}-[0-9]{2}( *\\.\\. *[0-9]{4}-[0-9]{2}-[0-9]{2})?$"))
    case .reminder:
        .members(["anyOf": .array([setting(.integer(Declared.reminderDays)), choice(["never"])])])
    case .ownNames: oneOrMore(word)
    case .section(let keys): section(keys, providers, channels)
    case .list(let keys): list(section(keys, providers, channels))
    case .sections(let names, let keys):
        section(names.map { ($0, section(keys, providers, channels), false) })
    case .lists(let names, let keys):
        section(names.map { ($0, list(section(keys, providers, channels)), false) })
    case .each(let inner): each(ParcelConfig.form(inner, providers, channels))
    case .providers: providerSections(providers)
    case .channels:
        .members([
            "type": .string("object"), "minProperties": .integer(1), "additionalProperties": typed(channels),
        ])
    }
}

private func providerSections(_ schemas: [SettingSchema]) -> JSONValue {
    let builtin = schemas.filter { !$0.isNamed }
    return .members([
        "type": .string("object"), "minProperties": .integer(1),
        "properties": object(builtin.map { ($0.name, section(keys($0))) }),
        "additionalProperties": typed(schemas.filter(\.isNamed)),
    ])
}

/// Sections that say which kind they are.
private func typed(_ schemas: [SettingSchema]) -> JSONValue {
    .members([
        "type": .string("object"),
        "properties": .members(["type": described(choice(schemas.map(\.name)), "which kind it is")]),
        "required": .array([.string("type")]),
        "allOf": .array(
            schemas.map { schema in
                let type = JSONValue.members(["const": .string(schema.name)])
                return .members([
                    "if": .members(["properties": .members(["type": type])]),
                    "then": section([("type", type, true)] + keys(schema)),
                ])
            }),
    ])
}

private func keys(_ schema: SettingSchema) -> [(name: String, schema: JSONValue, isRequired: Bool)] {
    keys(schema.keys)
}

private func keys(_ keys: [SettingKey]) -> [(name: String, schema: JSONValue, isRequired: Bool)] {
    keys.map { ($0.name, described(setting($0.kind), $0.summary), $0.isRequired) }
}

private func setting(_ kind: SettingKey.Kind) -> JSONValue {
    switch kind {
    case .text, .longText: word
    case .url: text("^[hH][tT][tT][pP][sS]?://")
    case .mailServer: text("^[sS][mM][tT][pP][sS]?://")
    case .secret: reference("secret")
    case .duration: reference("duration")
    case .integer(let range):
        .members([
            "type": .string("integer"), "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound),
        ])
    // JSONValue has whole numbers only; the reader keeps the bounds of fractions.
    case .number(let range):
        .members([
            "type": .string("number"), "exclusiveMinimum": .integer(0), "maximum": .integer(Int(range.upperBound)),
        ])
    case .boolean: type("boolean")
    case .zone: text("^[A-Za-z0-9+_-]+(/[A-Za-z0-9+_-]+)*$")
    case .choice(let names): choice(names)
    case .map(let names): each(choice(names))
    case .texts: each(word)
    case .secrets: each(reference("secret"))
    case .pointer: text("^(/.*)?$")
    case .names(let names): oneOrMore(names.map(choice) ?? word)
    case .words: oneOrMore(word)
    case .section(let inner): section(keys(inner))
    }
}

extension JSONValue {
    /// On lines, as people read it.
    package func indented(_ depth: Int = 0) -> String {
        let inner = String(repeating: "  ", count: depth + 1)
        let end = "\n" + String(repeating: "  ", count: depth)
        switch self {
        case .object(let members) where !members.isEmpty && text.utf8.count > 80:
            let lines = members.map { "\(inner)\(JSONValue.string($0.name).text): \($0.value.indented(depth + 1))" }
            return "{\n\(lines.joined(separator: ",\n"))\(end)}"
        case .array(let values) where text.utf8.count > 80:
            return "[\n\(values.map { inner + $0.indented(depth + 1) }.joined(separator: ",\n"))\(end)]"
        default: return text
        }
    }
}
