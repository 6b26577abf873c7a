// 17TRACK: how a number's row reads, both carriers' legs and their times, and numbers that it stopped following.

import Foundation
import ParcelCore
import ParcelProviders
import Testing

@Suite struct SeventeenTrackRowTests: SeventeenTrackSuite {
    private let info = ["data", "accepted", "0", "track_info"]

    private func changed(_ changes: [([String], Any)], at: Timestamp = seventeenTrackNow) throws -> Snapshot {
        let tree = changes.reduce(try Fixture.json("17track/in-transit.gettrackinfo.json")) {
            changing($0, info + $1.0, to: $1.1)
        }
        let answers = ["gettrackinfo": try ok(json: tree), "gettracklist": try accepted([])]
        return try #require(try converse(["RR123456785CN"], at: at, answers).report().snapshots.first)
    }

    @Test func `both carriers' legs are told, the oldest first`() throws {
        let read = try snapshot("in-transit.gettrackinfo.json", "RR123456785CN")
        let points = try #require(read.checkpoints)
        #expect(points.map(\.carrier) == ["China Post", "China Post", "Russian Post", "Russian Post"])
        #expect(points.map(\.country) == ["CN", "CN", "RU", "RU"])
        #expect(
            points.map(\.code) == [
                "InTransit_PickedUp", "InTransit_Departure", "InTransit_Arrival", "InTransit_CustomsReleased",
            ])
        #expect(
            points.map(\.meaning?.step) == [
                .at(.accepted), .at(.departedOrigin), .at(.arrivedDestinationCountry), .at(.customsReleased),
            ])
        #expect(points[0].time == .instant(Timestamp(seconds: 1_772_521_260), text: "2026-03-03T15:01:00+08:00"))
        #expect(points[3].text == "Released by customs" && points[3].place == "Moscow")
        #expect(read.status.code == "InTransit_CustomsReleased" && read.label == "RR123456785CN")
        #expect(read.status.summary == CodeMeaning(.at(.customsReleased)))
        #expect(read.numbers == [RoledNumber(.lastMile, try number("80080012345678"))])
    }

    @Test func `customs in China is export`() throws {
        let event = ["tracking", "providers", "0", "events", "0", "sub_status"]
        let read = try changed([(event, "InTransit_CustomsReleased")])
        #expect(read.checkpoints?.compactMap(\.meaning?.step).contains(.at(.exportReleased)) == true)
    }

    @Test func `its own refresh time confirms, that of the carrier who has the parcel`() throws {
        let read = try changed([])
        #expect(read.refreshedAt?.iso8601 == "2026-03-12T03:12:50Z" && read.confirms)
        let origin = try changed([(["tracking", "providers", "0", "latest_sync_status"], "Failure")])
        #expect(origin.confirms)
        let last = try changed([(["tracking", "providers", "1", "latest_sync_status"], "Failure")])
        #expect(!last.confirms)
        let alone = try changed([(["tracking", "providers", "1", "events"], [Any]())])
        #expect(alone.refreshedAt?.iso8601 == "2026-03-12T03:12:44Z")
        let none = try changed([(["tracking", "providers", "1", "latest_sync_time"], NSNull())])
        #expect(none.refreshedAt == nil && none.confirms)
        let ahead = try changed([(["tracking", "providers", "1", "latest_sync_time"], "2030-01-01T00:00:00Z")])
        #expect(ahead.refreshedAt == then)
    }

    @Test func `a guessed offset is no offset, except China's in China`() throws {
        let event = ["tracking", "providers", "1", "events", "0"]
        let zoneless = try changed([(event + ["time_raw", "timezone"], NSNull())])
        let day = try #require(LocalDate(year: 2026, month: 3, day: 11))
        #expect(zoneless.checkpoints?.last?.time == .zoneless(day, secondOfDay: 33_600, text: "2026-03-11T09:20:00"))
        let chinese = ["tracking", "providers", "0", "events", "1"]
        let moscow = try changed([(chinese + ["time_iso"], "2026-03-03T15:01:00+03:00")])
        #expect(moscow.checkpoints?.first?.time.text == "2026-03-03T15:01:00")
    }

    @Test(
        arguments: [
            (["time_raw": NSNull()], "2026-03-11T09:20:00+03:00", true),
            (["time_iso": NSNull()], "2026-03-11T06:20:00Z", true),
            (["time_utc": NSNull()], "2026-03-11T09:20:00+03:00", true),
            (["time_utc": NSNull(), "time_iso": NSNull()], "2026-03-11T09:20:00+03:00", true),
            (["time_utc": NSNull(), "time_iso": NSNull(), "time_raw": "2026-03-11 09:20"], "2026-03-11 09:20", false),
            (["time_utc": NSNull(), "time_iso": NSNull(), "time_raw": NSNull()], nil, false),
            (["time_utc": "soon", "time_iso": NSNull(), "time_raw": NSNull()], "soon", false),
        ] as [([String: any Sendable], String?, Bool)])
    func `times come in several members`(_ members: [String: any Sendable], _ text: String?, _ isInstant: Bool) throws {
        let event = ["tracking", "providers", "1", "events", "0"]
        let read = try changed(members.map { (event + [$0.key], $0.value as Any) })
        let time = try #require(read.checkpoints?.first { $0.code == "InTransit_CustomsReleased" }).time
        #expect(time.text == text)
        if case .instant(let instant, _) = time { #expect(instant.iso8601 == "2026-03-11T06:20:00Z" && isInstant) }
        if case .instant = time {} else { #expect(!isInstant) }
    }

    @Test func `events that come oldest first stay so`() throws {
        let path = ["tracking", "providers", "0", "events"]
        let rows = try #require(
            value(in: try Fixture.json("17track/in-transit.gettrackinfo.json"), info + path) as? [Any])
        #expect(try changed([(path, Array(rows.reversed()))]).checkpoints == (try changed([]).checkpoints))
    }

    @Test func `legs that overlap are told in the order of their times`() throws {
        let event = ["tracking", "providers", "1", "events", "1"]
        let read = try changed([
            (event + ["time_utc"], "2026-03-05T00:00:00Z"), (event + ["time_iso"], NSNull()),
        ])
        #expect(read.checkpoints?.map(\.carrier) == ["China Post", "Russian Post", "China Post", "Russian Post"])
    }

    @Test func `a stage stands in for a missing sub-status`() throws {
        let event = ["tracking", "providers", "0", "events", "0"]
        for (stage, step) in [
            ("Departure", .at(.departedOrigin)), ("Arrival", .at(.arrivedDestinationCountry)),
            ("Delivered", .delivered),
        ] as [(String, CodeMeaning.Step)] {
            let read = try changed([(event + ["sub_status"], NSNull()), (event + ["stage"], stage)])
            let point = try #require(read.checkpoints?.first { $0.code == stage })
            #expect(point.meaning?.step == step)
        }
        let bare = try changed([(event + ["sub_status"], NSNull()), (event + ["stage"], NSNull())])
        #expect(bare.checkpoints?.first { $0.code.isEmpty }?.meaning == .some(nil))
    }

    @Test func `an own number that is repeated as the last mile's is no other`() throws {
        #expect(try changed([(["misc_info", "local_number"], "RR 123 456 785 CN")]).numbers.isEmpty)
        #expect(try changed([(["misc_info", "local_number"], NSNull())]).numbers.isEmpty)
        #expect(try changed([(["misc_info"], NSNull())]).numbers.isEmpty)
    }
}

@Suite struct SeventeenTrackStoppedTests: SeventeenTrackSuite {
    private let key = "RR123456785CN"
    private var id: ExternalID { ExternalID(.trackNumber, key) }
    private let late = seventeenTrackNow + .days(4)

    private func late(_ list: String, _ retrack: String, session: String? = nil) throws -> Played {
        try converse(
            [key], session: session, at: late,
            fixtures(["gettrackinfo": "in-transit.gettrackinfo.json", "gettracklist": list, "retrack": retrack]))
    }

    @Test func `a number whose news is old is looked up and retracked`() throws {
        let played = try late("stopped.gettracklist.json", "retrack.json")
        #expect(played.methods == ["gettrackinfo", "gettracklist", "retrack"] && played.writes == ["retrack": 0])
        #expect(parameters17(played.requests[1]) == ["number": key, "page_no": "1", "tracking_status": "Stopped"])
        #expect(try rows(played.requests[2]).first?["carrier"] as? Int == 3011)
        let report = try played.report()
        #expect(report.stopped.isEmpty && report.session == nil)
        #expect(report.snapshots.first?.refreshedAt?.iso8601 == "2026-03-12T03:12:50Z")
    }

    @Test func `a number is retracked once, and stopped from then on`() throws {
        let first = try late("stopped.gettracklist.json", "once.retrack.json").report()
        #expect(first.stopped == [id] && first.snapshots.count == 1)
        let session = try #require(first.session?.revealed)
        let second = try late("stopped.gettracklist.json", "once.retrack.json", session: session)
        #expect(second.methods == ["gettrackinfo"])
        #expect(try second.report().stopped == [id])
    }

    @Test func `a number that is not stopped is left alone`() throws {
        let none = try late("none.gettracklist.json", "retrack.json")
        #expect(none.methods == ["gettrackinfo", "gettracklist"])
        #expect(try none.report().stopped.isEmpty)
        #expect(try late("stopped.gettracklist.json", "following.retrack.json").report().stopped.isEmpty)
    }

    @Test func `a list or a retrack that fails costs no news`() throws {
        let played = try late("error.internal.json", "retrack.json")
        #expect(try played.report().snapshots.count == 1 && played.methods.count == 2)
        let refused = try late("stopped.gettracklist.json", "error.internal.json").report()
        #expect(refused.stopped == [id] && refused.snapshots.count == 1)
    }

    @Test func `what is fresh or finished is not suspected`() throws {
        #expect(try snapshot("in-transit.gettrackinfo.json", key, at: then + .days(2)).id == id)
        #expect(try snapshot("delivered.gettrackinfo.json", key, at: then + .days(90)).id == id)
    }

    private func parameters17(_ request: HTTPRequest) -> [String: String] {
        let body = try? JSONSerialization.jsonObject(with: Data(request.body ?? [])) as? [String: Any]
        return (body ?? [:]).mapValues { "\($0)" }
    }
}
