import ParcelCore
import Testing

/// A TZif file of version 3 with one local time type, the given transitions (all to that type) and footer.
private func tzif(
    footer: String, offset: Int32 = 0, transitions: [Int64] = [], leaps: UInt32 = 0, version: UInt8 = 0x33
) -> [UInt8] {
    func bytes(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.bigEndian, Array.init) }
    func header(times: Int) -> [UInt8] {
        Array("TZif".utf8) + [version] + Array(repeating: 0, count: 15) + bytes(UInt32(0)) + bytes(UInt32(0))
            + bytes(leaps) + bytes(UInt32(times)) + bytes(UInt32(1)) + bytes(UInt32(4))
    }
    let type = bytes(offset) + [0, 0] + Array("XXX\0".utf8)
    let times = transitions.flatMap { bytes($0) } + transitions.map { _ in UInt8(0) }
    return header(times: 0) + type + header(times: transitions.count) + times + type + [10] + Array(footer.utf8) + [10]
}

private func instant(_ text: String) throws -> Timestamp { try #require(ISO8601(text).instant) }

/// Checked against the C library's reading of the same rules.
@Test(arguments: [
    ("<+08>-8", "2040-07-01T00:00:00Z", "+08:00"), ("<-0330>3:30", "2040-07-01T00:00:00Z", "-03:30"),
    ("EST5EDT,M3.2.0,M11.1.0", "2040-03-11T06:59:59Z", "-05:00"),
    ("EST5EDT,M3.2.0,M11.1.0", "2040-03-11T07:00:00Z", "-04:00"),
    ("EST5EDT,M3.2.0,M11.1.0", "2040-11-04T06:00:00Z", "-05:00"),
    // Summer over the new year, in the south.
    ("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2041-01-01T00:00:00Z", "+11:00"),
    // Ireland's summer is its standard time.
    ("IST-1GMT0,M10.5.0,M3.5.0/1", "2040-01-15T00:00:00Z", "+00:00"),
    ("IST-1GMT0,M10.5.0,M3.5.0/1", "2040-07-15T00:00:00Z", "+01:00"),
    // Greenland's change falls on the evening before, Gaza's on the days after.
    ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2040-03-25T00:59:59Z", "-02:00"),
    ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2040-03-25T01:00:00Z", "-01:00"),
    ("EET-2EEST,M3.4.4/50,M10.4.4/50", "2040-03-23T23:59:59Z", "+02:00"),
    ("EET-2EEST,M3.4.4/50,M10.4.4/50", "2040-03-24T00:00:00Z", "+03:00"),
    // Days of the year: J60 is always 1 March, 60 is so only in a leap year.
    ("AAA0BBB,J60/0,J300/0", "2040-02-29T23:59:59Z", "+00:00"),
    ("AAA0BBB,J60/0,J300/0", "2040-03-01T00:00:00Z", "+01:00"),
    ("AAA0BBB,60/0,300/0", "2040-03-01T00:00:00Z", "+01:00"),
    ("AAA0BBB,60/0,300/0", "2041-03-01T23:59:59Z", "+00:00"),
    ("AAA0BBB,60/0,300/0", "2041-03-02T00:00:00Z", "+01:00"),
    // Daylight time for ever.
    ("XXX3EDT4,0/0,J365/23", "2040-01-01T03:00:00Z", "-04:00"),
    ("XXX3EDT4,0/0,J365/23", "2040-12-31T12:00:00Z", "-04:00"),
])
func `the rule after the last transition is read in all its forms`(footer: String, at: String, offset: String) throws {
    let zone = try Zone(name: "T", tzif: tzif(footer: footer))
    #expect(offsetText(zone.offset(at: try instant(at))) == offset)
}

@Test(arguments: [
    "EST", "EST5EDT", "EST5EDT,M3.2.0", "EST5EDT,M13.2.0,M11.1.0", "<+08-8", "EST5EDT,J0,J9", "5", "EST5,x", "EST25",
])
func `a rule that cannot be read is refused`(footer: String) {
    #expect(throws: ZoneError.self) { try Zone(name: "T", tzif: tzif(footer: footer)) }
}

/// Each date with its first instant: midnight skipped, repeated, or the whole date skipped.
@Test(arguments: [
    ("Africa/Cairo", "2024-04-26", "2024-04-25T22:00:00Z"), ("Africa/Cairo", "2024-11-01", "2024-10-31T22:00:00Z"),
    ("America/Havana", "2026-03-08", "2026-03-08T05:00:00Z"), ("America/Havana", "2026-11-01", "2026-11-01T04:00:00Z"),
    ("America/Santiago", "2022-09-11", "2022-09-11T04:00:00Z"), ("Asia/Beirut", "2022-03-27", "2022-03-26T22:00:00Z"),
    ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"), ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"),
    ("Europe/Moscow", "2026-11-24", "2026-11-23T21:00:00Z"), ("Asia/Kathmandu", "2060-01-01", "2059-12-31T18:15:00Z"),
])
func `a date begins at midnight or at the end of the gap`(name: String, date: String, first: String) throws {
    let first = try instant(first)
    #expect(try zone(name).firstInstant(of: ISO8601(date).date) == first)
}

@Test(arguments: [
    ("Europe/Berlin", "2026-10-25", 9000, "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
    ("Europe/Berlin", "2026-03-29", 9000, "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"),
    ("Australia/Lord_Howe", "2026-04-05", 6300, "2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z"),
    ("Asia/Shanghai", "2026-10-25", 9000, "2026-10-24T18:30:00Z", "2026-10-24T18:30:00Z"),
    ("America/New_York", "2050-11-06", 5400, "2050-11-06T05:30:00Z", "2050-11-06T06:30:00Z"),
])
func `a wall clock that shows a time twice or never has its earliest and latest instant`(
    name: String, date: String, second: Int, earliest: String, latest: String
) throws {
    let found = try zone(name).instants(of: ISO8601(date).date, secondOfDay: second)
    #expect(found.earliest.iso8601 == earliest)
    #expect(found.latest.iso8601 == latest)
}

@Test func `a zone file that breaks the format is refused and harms nothing`() throws {
    #expect(throws: ZoneError.self) { try Zone(name: "T", tzif: tzif(footer: "X0", transitions: [5, 5])) }
    #expect(throws: ZoneError.self) { try Zone(name: "T", tzif: tzif(footer: "X0", offset: 2_000_000_000)) }
    let leap = #expect(throws: ZoneError.self) { try Zone(name: "T", tzif: tzif(footer: "X0", leaps: 1)) }
    #expect(leap?.description.contains("leap seconds") == true)
    // Every count of either header as large as it can be: a signed reading would be minus one.
    let good = tzif(footer: "X0", transitions: [1, 2])
    for header in [0, 54] {
        for field in 0..<6 {
            var bytes = good
            for index in 0..<4 { bytes[header + 20 + field * 4 + index] = 0xff }
            #expect(throws: ZoneError.self) { try Zone(name: "T", tzif: bytes) }
        }
    }
    var random = Generator(state: 3)
    for _ in 0..<2000 {
        var bytes = good
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        if let zone = try? Zone(name: "T", tzif: bytes) {
            #expect(abs(zone.offset(at: Timestamp(seconds: 1_800_000_000))) <= 93_600)
        }
    }
}
