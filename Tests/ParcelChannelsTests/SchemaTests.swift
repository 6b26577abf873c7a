// Whatever the webhook says is held against its published schema, with as much of JSON Schema as that file uses.

import Foundation
import ParcelChannels
import ParcelCore
import Testing

private func schema() throws -> [String: Any] {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "config/schema/webhook.v1.schema.json")
    return try #require(try JSONSerialization.jsonObject(with: try Data(contentsOf: file)) as? [String: Any])
}

/// What is wrong with a value, by its place.
private func faults(_ value: Any, _ schema: [String: Any], _ whole: [String: Any], at place: String = "") -> [String] {
    if let reference = schema["$ref"] as? String {
        let name = reference.replacingOccurrences(of: "#/$defs/", with: "")
        guard let found = (whole["$defs"] as? [String: Any])?[name] as? [String: Any] else {
            return ["\(place): no \(reference)"]
        }
        return faults(value, found, whole, at: place)
    }
    let unknown = Set(schema.keys).subtracting([
        "$schema", "$id", "$defs", "title", "description", "type", "properties", "required", "additionalProperties",
        "items", "enum", "const", "pattern", "minimum", "minItems", "maxItems",
    ])
    var found = unknown.map { "\(place): this test does not know \($0)" }
    let types = schema["type"] as? [String] ?? (schema["type"] as? String).map { [$0] } ?? []
    if !types.isEmpty, !types.contains(where: { isA(value, $0) }) { found.append("\(place): \(value) is no \(types)") }
    if let allowed = schema["enum"] as? [Any], !allowed.contains(where: { "\($0)" == "\(value)" }) {
        found.append("\(place): \(value) is not allowed")
    }
    if let const = schema["const"] as? Int, value as? Int != const {
        found.append("\(place): \(value) is not \(const)")
    }
    if let pattern = schema["pattern"] as? String, let text = value as? String,
        text.range(of: pattern, options: .regularExpression) == nil
    {
        found.append("\(place): \(text) does not match")
    }
    if let most = schema["maxItems"] as? Int, let list = value as? [Any], list.count > most {
        found.append("\(place): too many")
    }
    if let least = schema["minimum"] as? Int, let number = value as? Int, number < least {
        found.append("\(place): too small")
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
    let isBoolean = (value as? NSNumber).map { CFGetTypeIDName($0) } ?? false
    switch type {
    case "null": return value is NSNull
    case "boolean": return isBoolean
    case "integer": return !isBoolean && value is Int
    case "string": return value is String
    case "array": return value is [Any]
    case "object": return value is [String: Any]
    default: return false
    }
}

/// Whether a number of Foundation's is really true or false.
private func CFGetTypeIDName(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }

private func bodies() throws -> [String] {
    let stall = try item1907(confirmed: "2017-10-09T03:12:00+03:00", threshold: 4)
    var items = [
        item(.opened, .stall, stall),
        item(
            .escalated, .contradiction, try parcel519(confirmed: "2017-07-20T10:00:00+03:00", threshold: 4), .critical),
        item(.opened, .refund, refund1872(), .critical), item(.opened, .providerDown, try providerDown(), .critical),
        item(
            .closed, .stall,
            closed(stall, .moved, status: "<b>новый</b>", at: Since(try instant("2017-10-11T12:00:00+03:00"), .seen))),
        item(.wasSilent, .stall, stall, overview: true), item(.reopened, .stall, stall), item(.lowered, .stall, stall),
    ]
    for kind in AlertKind.allCases { items.append(item(.reminded, kind, AlertFacts())) }
    var messages = [try message(items), try message(items, .en), try message(Array(repeating: items[0], count: 250))]
    messages[0].attachments = [Attachment(name: "a.csv", mediaType: "text/csv", bytes: [1, 2, 3])]
    messages.append(try message([]))
    messages[3].test = "проба"
    let webhook = try channel("webhook", ["url": .text("https://x.example")])
    return messages.flatMap { webhook.parts(of: $0) }
}

@Test func `every body of the webhook is what its schema says`() throws {
    let schema = try schema()
    let bodies = try bodies()
    #expect(bodies.count == 6)
    for body in bodies {
        #expect(faults(try JSONSerialization.jsonObject(with: Data(body.utf8)), schema, schema) == [])
    }
}

@Test(arguments: [
    (#""version":1"#, #""version":2"#), (#""telling":"opened""#, #""telling":"sent""#),
    (#""alert":1"#, #""alert":"1""#),
    (#""at":"2017-10-09T06:00:00Z""#, #""at":"yesterday""#), (#""level":"warning","#, ""),
    (#""overview":false"#, #""overview":0"#),
    (#""items":["#, #""surprise":1,"items":["#),
])
func `the schema refuses what it should`(old: String, new: String) throws {
    let schema = try schema()
    let body = try #require(try bodies().first)
    #expect(body.contains(old))
    let changed = body.replacingOccurrences(of: old, with: new)
    #expect(faults(try JSONSerialization.jsonObject(with: Data(changed.utf8)), schema, schema) != [])
}
