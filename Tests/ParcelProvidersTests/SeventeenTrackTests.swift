// 17TRACK: whom it is asked about, registering within what is left, refusals of single numbers.

import Foundation
import ParcelCore
import ParcelProviders
import Testing

@Suite struct SeventeenTrackAskTests: SeventeenTrackSuite {
    @Test func `every number of 5 letters and digits or more is followed, in every role`() throws {
        let track = try provider("17track")
        for role in TrackNumberRole.allCases.map(Optional.some) + [nil] {
            let ask = track.ask(following: FollowedNumber(try number("LP1930191011"), role: role))
            #expect(ask == Ask("track", key: "LP1930191011"))
        }
        #expect(track.ask(following: FollowedNumber(try number("1234"), role: nil)) == nil)
        #expect(track.ask(following: FollowedNumber(try number("12345"), role: nil)) != nil)
        #expect(track.batchSize(of: "track") == 40 && track.lists.isEmpty)
        #expect(track.ask(byID: ExternalID(.trackNumber, "LP1930191011")) == nil)
    }

    @Test(
        arguments: [
            ("zto", "/190455"), ("yto", "/190157"), ("ru_post_domestic", "/18031"), ("cdek", "/100030"),
            ("chinapost_epacket", "/3011"), ("yunda", ""), ("upu_s10", ""), ("nobody", ""),
        ])
    func `the user's carrier goes along by 17TRACK's key`(_ carrier: String, _ suffix: String) throws {
        let followed = FollowedNumber(try number("73123456789012"), role: .domestic, carrier: carrier)
        let ask = try #require(try provider("17track").ask(following: followed))
        #expect(ask.key == "73123456789012" + suffix)
        let played = try converse([ask.key], ["gettrackinfo": try rejected(["73123456789012"], -18_019_909)])
        let row = try #require(try rows(played.requests[0]).first)
        #expect(row["carrier"] as? Int == Int(suffix.dropFirst()) && row["number"] as? String == "73123456789012")
    }

    @Test func `a request carries the key in its header and the numbers in its body`() throws {
        let played = try converse(["RR123456785CN"], fixtures(["gettrackinfo": "in-transit.gettrackinfo.json"]))
        let request = played.requests[0]
        #expect(request.url == "https://api.17track.net/track/v2.4/gettrackinfo" && request.method == .post)
        #expect(request.headers.contains(HTTPField("17token", "SECRET-17track")))
        #expect(request.headers.contains(HTTPField("Content-Type", "application/json")))
        #expect(request.label == "17TRACK gettrackinfo" && played.requests.count == 1)
        let own = try provider("17track", ["url": .text("http://127.0.0.1:8080/17track")])
        let other = try play(own, Ask("track", key: "RR123456785CN")) { _, _ in
            try fixture("17track/blank.gettrackinfo.json")
        }
        #expect(other.requests[0].url == "http://127.0.0.1:8080/17track/gettrackinfo")
    }

    @Test func `forty numbers are one request and come back in the order of asking`() throws {
        let keys = (10...49).map { "RP1000\($0)" }
        let played = try converse(keys, ["gettrackinfo": try rejected(keys.reversed(), -18_019_909)])
        #expect(played.methods == ["gettrackinfo"] && played.writes.isEmpty)
        #expect(try numbers(played.requests[0]) == keys)
        let report = try played.report()
        #expect(report.snapshots.map(\.id.key) == keys && report.writesLeft == nil)
    }
}

@Suite struct SeventeenTrackRegisteringTests: SeventeenTrackSuite {
    private let sf = "SF1234567890123"

    @Test func `an unknown number is asked for first, then registered once`() throws {
        let played = try converse(
            [sf], writesLeft: 5,
            fixtures(["gettrackinfo": "not-registered.gettrackinfo.json", "register": "one.register.json"]))
        #expect(played.methods == ["gettrackinfo", "register"] && played.writes == ["register": 1])
        #expect(try numbers(played.requests[1]) == [sf])
        let report = try played.report()
        #expect(report.snapshots == [.notFoundYet(try number(sf), code: "", text: "")])
        #expect(report.writesLeft == 4 && report.rejected.isEmpty)
    }

    @Test func `a number that is asked for twice is registered once, and after a crash not again`() throws {
        let answers = try fixtures([
            "gettrackinfo": "not-registered.gettrackinfo.json", "register": "one.register.json",
        ])
        let played = try converse([sf, sf + "/190766"], writesLeft: 5, answers)
        #expect(played.writes == ["register": 1])
        #expect(try numbers(played.requests[1]) == [sf])
        // The register call went out and its answer was lost: what is asked for first is known now.
        let again = try converse([sf], writesLeft: 4, ["gettrackinfo": try rejected([sf], -18_019_909)])
        #expect(again.writes.isEmpty)
        #expect(try again.report().snapshots.map(\.status.summary) == [.notFoundYet])
    }

    @Test func `where nobody knows what is left the quota is asked for first`() throws {
        let answers = try fixtures([
            "gettrackinfo": "not-registered.gettrackinfo.json", "getquota": "getquota.json",
            "register": "one.register.json",
        ])
        let played = try converse([sf], answers)
        #expect(played.methods == ["gettrackinfo", "getquota", "register"])
        #expect(String(decoding: played.requests[1].body ?? [], as: UTF8.self) == "[]")
        #expect(try played.report().writesLeft == 187)
    }

    @Test func `a number that was registered before is success and costs nothing`() throws {
        let played = try converse(
            [sf], writesLeft: 5,
            fixtures(["gettrackinfo": "not-registered.gettrackinfo.json", "register": "already.register.json"]))
        let report = try played.report()
        #expect(report.snapshots.map(\.status.summary) == [.notFoundYet] && report.rejected.isEmpty)
        #expect(report.writesLeft == 5)
    }

    @Test func `no more are registered than are left, and the others go on`() throws {
        let keys = (10...49).map { "RP1000\($0)" }
        for (left, stored) in [(3, nil), (3, 2), (0, 0), (0, nil), (500, nil), (40, 40)] as [(Int, Int?)] {
            var given: [String: HTTPResponse] = [
                "gettrackinfo": try rejected(keys, -18_019_902), "getquota": try quota(left),
            ]
            given["register"] = try accepted(Array(keys.prefix(min(left, stored ?? left))))
            let played = try converse(keys, writesLeft: stored, given)
            // What is stored is the limit of this conversation, what the account says that of the next.
            let count = min(left, stored ?? left, 40)
            #expect(played.writes["register"] ?? 0 == count)
            if count > 0 { #expect(try numbers(try #require(played.requests.last)).count == count) }
            let report = try played.report()
            #expect(report.snapshots.count == count && report.rejected.count == 40 - count)
            #expect(report.rejected.allSatisfy { $0.field == "no registration left (getquota)" })
            #expect(report.writesLeft == left - count)
        }
    }

    @Test(arguments: [(100, 10, 7, 3), (2, 10, 0, 2), (100, 0, 7, 100), (-5, 0, 0, 0), (100, 10, 12, 0)])
    func `the daily limit counts too`(_ remain: Int, _ most: Int, _ today: Int, _ left: Int) throws {
        let played = try converse(
            [sf],
            [
                "gettrackinfo": try rejected([sf], -18_019_902),
                "getquota": try quota(remain, most: most, today: today),
                "register": try accepted([sf]),
            ])
        #expect(try played.report().writesLeft == max(0, left - 1))
        #expect((played.writes["register"] ?? 0) == min(1, left))
    }

    @Test func `what is registered while another number is known keeps that number's news`() throws {
        let played = try converse(
            ["RR123456785CN", sf, "YT9999999999999"], writesLeft: 1,
            [
                "gettrackinfo": try fixture("17track/mixed.gettrackinfo.json"),
                "register": try fixture("17track/quota-spent.register.json"),
            ])
        let report = try played.report()
        #expect(report.snapshots.map(\.id.key) == ["RR123456785CN", "YT9999999999999"])
        #expect(report.rejected.map(\.id?.key) == [sf] && report.rejected[0].field.contains("-18019908"))
        #expect(report.writesLeft == 0)
    }

    @Test(
        arguments: [
            ("getquota", HTTPResponse(status: 503, body: []), "getquota: status 503"),
            ("getquota", ok("{\"code\":0,\"data\":{}}"), "getquota: cannot read data.quota_remain"),
            (
                "getquota", ok("{\"code\":0,\"data\":{\"quota_remain\":\"many\"}}"),
                "getquota: cannot read data.quota_remain"
            ),
            ("register", HTTPResponse(status: 500, body: []), "register: status 500"),
            ("register", ok("<html>"), "register: a web page instead of JSON"),
            ("register", ok("{\"code\":0,\"data\":{}}"), "register: cannot read data.accepted"),
            ("register", ok("{\"code\":0,\"data\":{\"accepted\":[]}}"), "not in the answer of register"),
            (
                "register", ok("{\"code\":-18010005,\"data\":{\"errors\":[]}}"),
                "register: authentication failed: code -18010005"
            ),
        ])
    func `registering that fails is told of its number alone`(_ name: String, _ answer: HTTPResponse, _ field: String)
        throws
    {
        var answers = [
            "gettrackinfo": try fixture("17track/mixed.gettrackinfo.json"), "getquota": try quota(9),
            "register": try accepted([sf]),
        ]
        answers[name] = answer
        let report = try converse(["RR123456785CN", sf], answers).report()
        #expect(report.snapshots.map(\.id.key) == ["RR123456785CN"])
        #expect(report.rejected == [Rejected(id: ExternalID(.trackNumber, sf), field: field)])
    }

    @Test func `a registration whose outcome is not known counts as spent`() throws {
        for answer in [HTTPResponse(status: 500, body: []), try accepted([]), ok("{")] {
            let answers = [
                "gettrackinfo": try rejected([sf], -18_019_902), "getquota": try quota(9), "register": answer,
            ]
            #expect(try converse([sf], answers).report().writesLeft == 8)
        }
    }

    @Test func `a quota that turns out to be spent stops registering, not asking`() throws {
        let played = try converse(
            [sf, "RR123456785CN"], writesLeft: 9,
            fixtures(["gettrackinfo": "mixed.gettrackinfo.json", "register": "error.quota.json"]))
        let report = try played.report()
        #expect(report.snapshots.map(\.id.key) == ["RR123456785CN"] && report.writesLeft == 0)
    }

    @Test func `too fast is always obeyed`() throws {
        let slow = HTTPResponse(status: 429, headers: [HTTPField("Retry-After", "7")], body: [])
        for name in ["gettrackinfo", "getquota", "register"] {
            var answers = [
                "gettrackinfo": try rejected([sf], -18_019_902), "getquota": try quota(9),
                "register": try accepted([sf]),
            ]
            answers[name] = slow
            #expect(try converse([sf], answers).error == .rateLimited(retryAfter: .seconds(7)), "\(name)")
        }
    }

    @Test func `a refused registration says why`() throws {
        for (code, field) in [
            (-18_019_903, "carrier: Why (code -18019903)"), (-18_019_911, "number: Why (code -18019911)"),
            (-18_010_019, "number, more is needed for it: Why (code -18010019)"),
        ] {
            let answers = ["gettrackinfo": try rejected([sf], -18_019_902), "register": try rejected([sf], code)]
            let report = try converse([sf], writesLeft: 9, answers).report()
            #expect(report.rejected == [Rejected(id: ExternalID(.trackNumber, sf), field: field)])
            #expect(report.writesLeft == 9)
        }
    }
}

@Suite struct SeventeenTrackRefusalTests: SeventeenTrackSuite {
    @Test func `each number of a mixed answer has its own fate`() throws {
        let keys = [
            "YT9999999999999", "RR123456785CN", "12ABC", "7777777777", "LP00612345678901", "80080099999999",
            "RA123456785CN", "EB000000005CN",
        ]
        let report = try converse(keys, fixtures(["gettrackinfo": "mixed.gettrackinfo.json"])).report()
        #expect(report.snapshots.map(\.id.key) == ["YT9999999999999", "RR123456785CN", "12ABC", "LP00612345678901"])
        #expect(
            report.snapshots.map(\.status.summary) == [
                .notFoundYet, CodeMeaning(.delivered), CodeMeaning(nil, .invalidNumber), CodeMeaning(.at(.registered)),
            ])
        #expect(
            report.rejected.map { "\($0.id?.key ?? "") \($0.field)" } == [
                "7777777777 carrier: Carrier cannot be detected. (code -18019903)",
                "80080099999999 number, more is needed for it: The phone number's last four digits are needed. (code -18010020)",
                "RA123456785CN number: Something new. (code -18011111)", "EB000000005CN not in the answer",
            ])
    }

    @Test(arguments: ["not-found", "not-found-accepted", "blank"])
    func `not found yet has several shapes`(_ name: String) throws {
        let found = try snapshot(name + ".gettrackinfo.json", "YT9999999999999")
        #expect(found.status.summary == .notFoundYet && found.checkpoints == nil)
        #expect(found.id == ExternalID(.trackNumber, "YT9999999999999"))
    }

    @Test func `a number is never called invalid by silence, only by a code`() throws {
        let tree = changing(
            try Fixture.json("17track/not-found-accepted.gettrackinfo.json"),
            ["data", "accepted", "0", "track_info", "latest_status", "sub_status"], to: "NotFound_InvalidCode")
        let report = try converse(["YT9999999999999"], ["gettrackinfo": try ok(json: tree)]).report()
        #expect(report.snapshots.map(\.status.summary) == [CodeMeaning(nil, .invalidNumber)])
    }

    @Test func `a wrong status is an authentication failure unless a web page says it`() throws {
        let key = ["RR123456785CN"]
        let cases: [(HTTPResponse, PollErrorKind)] = [
            (HTTPResponse(status: 401, body: []), .authentication),
            (try fixture("17track/error.auth.json", status: 401), .authentication),
            (try fixture("17track/malformed.block-page.html", status: 401), .unreachable),
        ]
        for (answer, kind) in cases { #expect(try converse(key, ["gettrackinfo": answer]).error?.kind == kind) }
        #expect(
            try converse(key, fixtures(["gettrackinfo": "error.auth.json"])).error
                == .authentication(reason: "Invalid security key. (code -18010002)"))
    }

    @Test func `a number under two carriers is told by the row that has news`() throws {
        let row = { (name: String) in
            try #require(value(in: try Fixture.json("17track/\(name)"), ["data", "accepted", "0"]) as? [String: Any])
        }
        let full = try row("in-transit.gettrackinfo.json")
        var empty = try row("not-found-accepted.gettrackinfo.json")
        empty["number"] = "RR123456785CN"
        for order in [[full, empty], [empty, full]] {
            let answer = try ok(json: ["code": 0, "data": ["accepted": order]])
            let report = try converse(["RR123456785CN"], ["gettrackinfo": answer]).report()
            #expect(report.snapshots.map(\.status.code) == ["InTransit_CustomsReleased"])
        }
    }
}
