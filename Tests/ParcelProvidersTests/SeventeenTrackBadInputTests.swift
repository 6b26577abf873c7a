// 17TRACK's answers, spoilt.

import ParcelCore
import ParcelProviders
import Testing

@Suite struct SeventeenTrackBadInputTests {
    private let answer = CarrierAnswer(
        name: "17track/in-transit.gettrackinfo.json", numbers: ["RR123456785CN"],
        events: ["data", "accepted", "0", "track_info", "tracking", "providers", "0", "events"], code: ["sub_status"],
        times: [["time_utc"], ["time_iso"], ["time_raw", "date"]]
    ) { answer in
        try ParcelProvidersTests.play(
            try provider("17track").converse(
                batch: [Ask("track", key: "RR123456785CN")], Opening(now: now, session: nil, writesLeft: 40))
        ) { _, index in index == 0 ? answer : ok("{\"code\":0,\"data\":{\"accepted\":[],\"rejected\":[]}}") }
    }

    @Test func `the answer is good before it is spoilt`() throws { try answer.checkWhole() }
    @Test func `cut short`() throws { try answer.checkTruncated() }
    @Test func `empty, HTML, or somebody else's`() throws { try answer.checkForeign() }
    @Test func `every other type and every missing member`() throws { try answer.checkOtherTypesAndMissing() }
    @Test func `an unknown status`() throws { try answer.checkUnknownCode() }
    @Test func `events twice`() throws { try answer.checkRepeatedEvents() }
    @Test func `10,000 events`() throws { try answer.checkManyEvents() }
    @Test func `dates in 1970 and 2100`() throws { try answer.checkOddDates() }
    @Test func `bytes that are no text`() throws { try answer.checkNotUTF8() }
    @Test func `nesting of 1,000`() throws { try answer.checkDeepNesting() }
    @Test func `texts without end`() throws { try answer.checkEndlessTexts() }

    /// What each wrong place is called in the message.
    @Test(
        arguments: [
            (["track_info"], "x", "track_info"), (["track_info"], nil, "track_info"),
            (["track_info", "latest_status"], 7, "track_info.latest_status"),
            (["track_info", "latest_status", "sub_status"], [1], "track_info.latest_status.sub_status"),
            (["track_info", "tracking"], true, "track_info.tracking"),
            (["track_info", "tracking"], nil, "track_info.tracking"),
            (["track_info", "tracking", "providers"], "none", "track_info.tracking.providers"),
            (["track_info", "tracking", "providers", "1"], 7, "track_info.tracking.providers[1]"),
            (
                ["track_info", "tracking", "providers", "1", "events"], nil,
                "track_info.tracking.providers[1].events"
            ),
            (
                ["track_info", "tracking", "providers", "1", "events", "0", "time_utc"], [Int](),
                "track_info.tracking.providers[1].events[0].time_utc"
            ),
            (
                ["track_info", "tracking", "providers", "0", "events", "1", "address"], "CN",
                "track_info.tracking.providers[0].events[1].address"
            ),
            (["track_info", "misc_info"], "x", "track_info.misc_info"),
        ] as [([String], (any Sendable)?, String)])
    func `the message names the place`(_ path: [String], _ bad: (any Sendable)?, _ field: String) throws {
        let row = ["data", "accepted", "0"]
        var tree = try Fixture.json(answer.name)
        if let bad {
            tree = changing(tree, row + path, to: bad)
        } else {
            var parent = try #require(value(in: tree, row + path.dropLast()) as? [String: Any])
            parent[path.last ?? ""] = nil
            tree = changing(tree, row + path.dropLast(), to: parent)
        }
        let report = try answer.play(try ok(json: tree)).report()
        #expect(report.snapshots.isEmpty)
        #expect(report.rejected == [Rejected(id: ExternalID(.trackNumber, "RR123456785CN"), field: field)])
    }

    @Test func `a row without a number names its place`() throws {
        for bad: Any in [7.5, true, "", [Int](), "Привет"] {
            let tree = changing(try Fixture.json(answer.name), ["data", "accepted", "0", "number"], to: bad)
            let report = try answer.play(try ok(json: tree)).report()
            #expect(report.snapshots.isEmpty)
            #expect(report.rejected.contains { $0.id != nil }, "\(bad)")
        }
    }
}
