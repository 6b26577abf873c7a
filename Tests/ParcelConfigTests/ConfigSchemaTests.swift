// The schema for editors is what the declarations say, and what is shipped fits it. After a change of either:
// `PARCELD_GOLDEN=write swift test --filter ConfigSchemaTests`, and read the difference.

import Foundation
@testable import ParcelConfig
import ParcelCore
import Testing
import Yams

private let schemaPath = "config/schema/parceld.schema.json"

private func made() -> String { configSchema(providers: shippedSchemas, channels: channelSchemas).indented() + "\n" }

private func schema() throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(made().utf8)) as? [String: Any])
}

/// A document as editors see it: what is plain and looks like a number, true, false or nothing is that.
private func value(_ node: Node) -> Any {
    switch node {
    case .mapping(let mapping):
        return [String: Any](mapping.map { ($0.key.string ?? "", value($0.value)) }) { _, last in last }
    case .sequence(let sequence): return sequence.map(value)
    case .scalar(let scalar):
        guard node.isPlain else { return scalar.string }
        if node.isNothing { return NSNull() }
        if ["true", "false"].contains(scalar.string) { return scalar.string == "true" }
        if let number = Int(scalar.string) { return number }
        if let number = Double(scalar.string) { return number }
        return scalar.string
    case .alias: return NSNull()
    }
}

private func faults(of yaml: String) throws -> [String] {
    let schema = try schema()
    return faults(value(try #require(try compose(yaml: yaml))), schema, schema)
}

/// What is wrong with a value, by its place, with as much of JSON Schema as this one uses.
private func faults(_ value: Any, _ schema: [String: Any], _ whole: [String: Any], at place: String = "") -> [String] {
    if let reference = schema["$ref"] as? String {
        let name = reference.replacingOccurrences(of: "#/$defs/", with: "")
        guard let found = (whole["$defs"] as? [String: Any])?[name] as? [String: Any] else {
            return ["no \(reference)"]
        }
        return faults(value, found, whole, at: place)
    }
    let known: Set = [
        "$schema", "$defs", "title", "description", "type", "properties", "required", "additionalProperties", "items",
        "enum", "const", "pattern", "minimum", "maximum", "exclusiveMinimum", "minProperties", "maxProperties", "anyOf",
        "allOf", "if", "then",
    ]
    var found = Set(schema.keys).subtracting(known).map { "\(place): this test does not know \($0)" }
    let types = schema["type"] as? [String] ?? (schema["type"] as? String).map { [$0] } ?? []
    if !types.isEmpty, !types.contains(where: { isA(value, $0) }) { found.append("\(place): \(value) is no \(types)") }
    if let allowed = schema["enum"] as? [String], !allowed.contains(value as? String ?? "") {
        found.append("\(place): \(value) is not allowed")
    }
    if let const = schema["const"] as? String, value as? String != const { found.append("\(place): not \(const)") }
    if let pattern = schema["pattern"] as? String, let text = value as? String,
        text.range(of: pattern, options: .regularExpression) == nil
    {
        found.append("\(place): \(text) does not match")
    }
    if let number = (value as? Int).map(Double.init) ?? value as? Double {
        if let least = schema["minimum"] as? Int, number < Double(least) { found.append("\(place): too small") }
        if let least = schema["exclusiveMinimum"] as? Int, number <= Double(least) {
            found.append("\(place): too small")
        }
        if let most = schema["maximum"] as? Int, number > Double(most) { found.append("\(place): too large") }
    }
    if let ways = schema["anyOf"] as? [[String: Any]] {
        let each = ways.map { faults(value, $0, whole, at: place) }
        if !each.contains([]) { found += each.joined() }
    }
    for part in schema["allOf"] as? [[String: Any]] ?? [] {
        guard let test = part["if"] as? [String: Any], faults(value, test, whole, at: place).isEmpty else { continue }
        found += faults(value, part["then"] as? [String: Any] ?? [:], whole, at: place)
    }
    if let object = value as? [String: Any] { found += members(object, schema, whole, at: place) }
    if let list = value as? [Any], let items = schema["items"] as? [String: Any] {
        for (index, item) in list.enumerated() { found += faults(item, items, whole, at: "\(place)[\(index)]") }
    }
    return found
}

private func members(
    _ object: [String: Any], _ schema: [String: Any], _ whole: [String: Any], at place: String
) -> [String] {
    let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
    var found = (schema["required"] as? [String] ?? []).filter { object[$0] == nil }.map { "\(place): no \($0)" }
    if let least = schema["minProperties"] as? Int, object.count < least { found.append("\(place): too few") }
    if let most = schema["maxProperties"] as? Int, object.count > most { found.append("\(place): too many") }
    for (name, value) in object {
        if let known = properties[name] {
            found += faults(value, known, whole, at: "\(place).\(name)")
        } else if let others = schema["additionalProperties"] as? [String: Any] {
            found += faults(value, others, whole, at: "\(place).\(name)")
        } else if schema["additionalProperties"] as? Bool == false {
            found.append("\(place): \(name) is not in the schema")
        }
    }
    return found
}

private func isA(_ value: Any, _ type: String) -> Bool {
    switch type {
    case "null": value is NSNull
    case "boolean": value is Bool
    case "integer": value is Int
    case "number": value is Int || value is Double
    case "string": value is String
    case "array": value is [Any]
    case "object": value is [String: Any]
    default: false
    }
}

struct ConfigSchemaTests {
    @Test func `the schema is what the declarations say`() throws {
        let url = repository.appendingPathComponent(schemaPath)
        if ProcessInfo.processInfo.environment["PARCELD_GOLDEN"] == "write" { try Data(made().utf8).write(to: url) }
        #expect(
            try String(contentsOf: url, encoding: .utf8) == made(),
            "write it anew with PARCELD_GOLDEN=write swift test --filter ConfigSchemaTests")
    }

    static let fitting = [
        "config/parceld.yaml", "config/examples/generic.yaml", "config/demo/parceld.yaml",
        "config/demo/border-parceld.yaml",
    ]

    @Test(arguments: fitting)
    func `each shipped configuration fits the schema`(path: String) throws {
        var text = try shipped(path).replacing("\"@LANGUAGE@\"", with: "ru")
        text = text.replacing(/"@[A-Z0-9]+@"/, with: "https://x.example")
        #expect(try faults(of: text) == [])
    }

    @Test func `every example in the comments of the shipped one fits too`() throws {
        let example = /( *)# ( *(?:- )?(?:[a-z0-9_-]+|"[0-9*]+"|Authorization):(?: .*)?)/
        // The first line is for editors.
        let lines = try shipped("config/parceld.yaml").split(separator: "\n", omittingEmptySubsequences: false)
            .dropFirst()
        let used = lines.map { line in line.wholeMatch(of: example).map { "\($0.1)\($0.2)" } ?? String(line) }
        #expect(try faults(of: used.joined(separator: "\n")) == [])
    }

    /// A change of the small configuration that the reader refuses, and so does the schema.
    static let refused: [(line: Int, text: String)] = [
        (1, ""), (1, "databse: x"), (1, "database: 5"), (4, "    token: abc"),
        (4, "    token: {file: a, credential: b}"),
        (4, "    token: {file: token}\n    every: 15"), (4, "    token: {file: token}\n    every: 15 m"),
        (4, "    token: {file: token}\n    parallel: 65"), (4, "    token: {file: token}\n    evry: 5 min"),
        (4, "    every: 5 min"), (7, "    type: smoke"), (7, "    type: telegram"), (7, "    chat: x"),
        (9, "  - nam: x"), (11, "    hours: 9 to 5"), (13, "log_level: loud"), (13, "http: {timeout: 5}"),
        (13, "http: {body_limit: 5}"), (13, "cadence: {accepted: 6}"), (13, "cadence: {acepted: 6 h}"),
        (13, "stages: {payment: {warning_working_days: 0}}"), (13, "stages: {payment: {warning: 2}}"),
        (13, "stages: {paymnt: {zone: UTC}}"), (13, "remind_after_working_days: often"),
        (13, "overlays: [{name: x, off: tomorrow, stages: handover}]"), (13, "contacts: {logist: [{name: x}]}"),
        (13, "heartbeat: {}"), (13, "provider_down_after: 1"), (13, "unknown: ~"),
    ]

    @Test(arguments: refused)
    func `what the reader refuses for its form the schema refuses`(line: Int, text: String) throws {
        #expect(read(small(line, text)).problems != [])
        #expect(try faults(of: small(line, text)) != [])
    }

    @Test func `the small configuration fits`() throws { #expect(try faults(of: small.joined(separator: "\n")) == []) }

    @Test func `every time of every section is refused without its unit, and told how to write it`() throws {
        var count = 0
        for schema in shippedSchemas + channelSchemas {
            let isChannel = channelSchemas.contains { $0.name == schema.name }
            for key in schema.keys where key.kind == .duration {
                count += 1
                let type = isChannel || schema.isNamed ? "type: \(schema.name), " : ""
                let name = isChannel || schema.isNamed ? "mine" : schema.name
                let text = "\(isChannel ? "channels" : "providers"): {\(name): {\(type)\(key.name): 15}}"
                let problems = read([ConfigFile(nil, Array(text.utf8))], shippedSchemas).problems
                #expect(problems.contains { $0.message == "15 has no unit: 15 s, 15 min, 15 h, 15 d?" }, "\(text)")
            }
        }
        for key in ["provider_down_after", "http.timeout", "http.connect_timeout", "cadence.held", "cadence.accepted"] {
            let parts = key.split(separator: ".")
            let text = parts.count == 1 ? "\(key): 15" : "\(parts[0]): {\(parts[1]): 15}"
            #expect(read(text).problems.contains { $0.message.hasPrefix("15 has no unit") }, "\(key)")
        }
        #expect(read("http: {body_limit: 16}").problems.contains { $0.message == "16 has no unit: 16 KiB, 16 MiB?" })
        #expect(count > 15)
        #expect(
            read(small(13, "stages: {payment: {critical_working_days: 6 d}}")).problems.map(\.message) == [
                "expected a whole number, found \"6 d\"; the key names the unit: write 6"
            ])
    }
}
