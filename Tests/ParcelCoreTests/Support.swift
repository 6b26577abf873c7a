// What the tests of the core share: the host's zones, the built-in calendars, and short ways to write times.

import Foundation
import ParcelCore
import Testing

enum Fixture {
    static func data(_ name: String) throws -> Data {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/" + name, withExtension: nil))
        return try Data(contentsOf: url)
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
}

func zone(_ name: String) throws -> Zone {
    if name == "UTC" { return .utc }
    let bytes = try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/" + name))
    return try Zone(name: name, tzif: Array(bytes))
}

func calendars(_ ids: [String]) throws -> [WorkCalendar] {
    let all = try BuiltinCalendars.all()
    return try ids.map { try #require(all[$0.lowercased()]) }
}

/// `2017-10-09 00:00` in Shanghai.
func shanghai(_ text: String) throws -> Timestamp {
    let parsed = try ISO8601(
        text.replacingOccurrences(of: " ", with: "T") + (text.count > 10 ? "+08:00" : "T00:00+08:00"))
    return try #require(parsed.instant)
}
