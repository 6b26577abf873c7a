// Cainiao: which numbers it is asked about, batches, the block page, and what of an answer is kept.

import Foundation
import ParcelCore
import ParcelProviders
import Testing

private let moving = "LP00712345678901"
private let unknown = "LP00000000000"

let cainiaoScenes: [Scene] = [
    Scene("cainiao", "track", moving, ["detail.json": ["detail.json"]], .seen([moving])),
    Scene(
        "cainiao", "track", moving, ["detail.json": ["finished.detail.json"]], .seen([moving])),
    Scene("cainiao", "track", unknown, ["detail.json": ["notfound.json"]], .seen([unknown])),
    Scene("cainiao", "track", unknown, ["detail.json": ["error.busy.json"]], .fails(.unreachable)),
    Scene("cainiao", "track", unknown, ["detail.json": ["error.blocked.json"]], .fails(.blocked)),
    Scene("cainiao", "track", unknown, ["detail.json": ["error.punish.html"]], .fails(.blocked)),
]

private func follows(_ number: String, _ role: TrackNumberRole?, carrier: String? = nil) throws -> Bool {
    let number = try #require(TrackNumber(number))
    let ask = try provider("cainiao").ask(following: FollowedNumber(number, role: role, carrier: carrier))
    #expect(ask.map { $0 == Ask("track", key: number.description) } ?? true)
    return ask != nil
}

/// One batch, answered once.
func cainiaoBatch(_ numbers: [String], _ answer: HTTPResponse) throws -> Played {
    let asks = numbers.map { Ask("track", key: $0) }
    var conversation = try provider("cainiao").converse(batch: asks, Opening(now: now, session: nil))
    var played = Played(result: .failure(.refused(reason: "endless")))
    do throws(PollError) {
        guard case .send(let request) = try conversation.next(nil) else { return played }
        played.requests.append(request)
        if case .done(let report) = try conversation.next(answer) { played.result = .success(report) }
    } catch {
        played.result = .failure(error)
    }
    return played
}

private func entry(_ members: [String: Any]) throws -> Snapshot {
    let entry = ["mailNo": moving].merging(members) { $1 }
    let played = try cainiaoBatch([moving], try ok(json: ["success": true, "module": [entry]]))
    return try played.report().snapshot(.trackNumber, moving)
}

@Suite struct CainiaoAskTests {
    @Test(arguments: [
        ("LP00712345678901", true), ("LP00000000000", true), ("LP1930191011", true), ("AECA0123456789RU4", true),
        ("AEAB1234567890", true), ("AE12345", false), ("CN12345678", true), ("CNFR12345678ABC", true),
        ("CNFRA12345678", false), ("CN1234567", false), ("CN12345678ABCD", false), ("CN1234A5678", false),
        ("RA123456785CN", true), ("UR123456785YP", true), ("RA644000005RU", false), ("LP97302", false),
        ("YT7530122849021", false), ("75312345678901", false), ("14102190001234", false), ("RP11578", false),
    ]) func `its own forms and posts' numbers are followed`(_ number: String, _ isFollowed: Bool) throws {
        for role in TrackNumberRole.allCases { #expect(try follows(number, role) == isFollowed, "\(role)") }
        #expect(try follows(number, nil) == isFollowed)
    }

    @Test func `the user's choice wins over the form`() throws {
        #expect(try follows("75312345678901", .domestic, carrier: "cainiao_lp"))
        #expect(try follows("621123456789012", .domestic, carrier: "cainiao_cn15"))
        #expect(try !follows("LP00712345678901", .forwarder, carrier: "sf"))
    }

    @Test func `ten numbers go in one request`() throws {
        let cainiao = try provider("cainiao", ["url": .text("http://127.0.0.1:9/cainiao/")])
        #expect(cainiao.batchSize(of: "track") == 10 && cainiao.lists.isEmpty && cainiao.zoneName == "Asia/Shanghai")
        #expect(cainiao.ask(byID: ExternalID(.trackNumber, moving)) == nil)
        let request = try cainiaoBatch([moving, unknown], ok("{}")).requests[0]
        #expect(
            request.url == "https://global.cainiao.com/global/detail.json?mailNos=\(moving),\(unknown)"
                + "&lang=en-US&language=en-US")
        #expect(request.method == .get && request.body == nil && request.label == "Cainiao detail")
        let other = try play(cainiao, Ask("track", key: moving)) { _, _ in ok("{}") }
        #expect(other.requests[0].url.hasPrefix("http://127.0.0.1:9/cainiao/global/detail.json?mailNos=\(moving)&"))
    }
}

@Suite struct CainiaoBatchTests {
    @Test func `each number gets its entry, whatever order they come in`() throws {
        let report = try cainiaoBatch([unknown, moving], try fixture("cainiao/detail.json")).report()
        #expect(report.snapshots.map(\.id.key) == [moving, unknown] && report.rejected.isEmpty)
        #expect(report.snapshots[1].status.summary == .notFoundYet && report.snapshots[1].checkpoints == nil)
    }

    @Test func `a number that is left out is not known yet, and one that was not asked for is nobody's`() throws {
        let report = try cainiaoBatch([moving, "LP00712345678902"], try fixture("cainiao/detail.json")).report()
        #expect(report.snapshots.map(\.id.key) == [moving, "LP00712345678902"])
        #expect(report.snapshots.map { $0.status.summary == .notFoundYet } == [false, true])
        #expect(report.rejected.isEmpty && report.notFound.isEmpty && report.stopped.isEmpty)
    }

    @Test func `one bad entry stops nobody, and is nobody's silence`() throws {
        let tree = try Fixture.json("cainiao/malformed.wrong-types.json")
        let report = try cainiaoBatch([moving, unknown], try ok(json: tree)).report()
        #expect(report.snapshots.map(\.id.key) == [unknown])
        #expect(report.rejected == [Rejected(id: ExternalID(.trackNumber, moving), field: "detailList[3].time")])
        let nameless = changing(tree, ["module", "0", "mailNo"], to: NSNull())
        let other = try cainiaoBatch([moving, unknown], try ok(json: nameless)).report()
        #expect(other.snapshots.map(\.id.key) == [unknown])
        #expect(other.rejected == [Rejected(id: ExternalID(.trackNumber, moving), field: "mailNo")])
    }

    @Test func `an entry that is told twice counts once`() throws {
        let row: [String: Any] = ["mailNo": moving, "status": "transport"]
        let report = try cainiaoBatch([moving], try ok(json: ["success": true, "module": [row, row]])).report()
        #expect(report.snapshots.count == 1)
    }

    @Test(arguments: [
        ("{\"success\":false,\"errorCode\":\"SYSTEM_ERROR\",\"errorMsg\":\"busy\"}", "busy (code SYSTEM_ERROR)"),
        ("{\"success\":false}", "an error without words"), ("{\"success\":\"false\",\"errorMsg\":\"no\"}", "no"),
    ]) func `a failure is tried again later`(_ body: String, _ reason: String) throws {
        #expect(try cainiaoBatch([moving], ok(body)).error == .unreachable(reason: reason))
    }

    @Test func `its block page stops it for hours, in whatever form it comes`() throws {
        let punish = try Fixture.bytes("cainiao/error.punish.html")
        let place = HTTPField("Location", "https://global.cainiao.com/_____tmd_____/punish?x5secdata=1")
        for answer in [
            try fixture("cainiao/error.blocked.json"), HTTPResponse(status: 200, body: punish),
            HTTPResponse(status: 403, body: punish), HTTPResponse(status: 503, body: punish),
            HTTPResponse(status: 302, headers: [place], body: []), HTTPResponse(status: 200, body: []),
            ok("{\"rgv587_flag\":\"sm\",\"success\":true,\"module\":[]}"),
        ] {
            let error = try #require(try cainiaoBatch([moving], answer).error)
            #expect(error.kind == .blocked && error.isProviderWide && error.retry == .after(.hours(6)))
            #expect(!error.reason.contains("x5secdata"))
        }
        #expect(try cainiaoBatch([moving], HTTPResponse(status: 403, body: [])).error?.kind == .unreachable)
        #expect(try cainiaoBatch([moving], HTTPResponse(status: 302, body: [])).error?.kind == .unreachable)
    }
}

@Suite struct CainiaoEntryTests {
    @Test func `a history is read, the oldest first, with the last-mile number`() throws {
        let shown = try cainiaoBatch([moving], try fixture("cainiao/finished.detail.json")).report().snapshots[0]
        #expect(shown.status.code == "delivered" && shown.status.text == "Delivered" && shown.confirms)
        #expect(shown.status.summary == .remark && shown.label == moving)
        let events = try #require(shown.checkpoints)
        #expect(
            events.map(\.code) == [
                "PU_PICKUP_SUCCESS", "SC_INBOUND_SUCCESS", "LH_DEPART", "LH_ARRIVE", "CC_IM_START", "CC_IM_SUCCESS",
                "GTMS_WAIT_SELF_PICK", "GTMS_SIGNED",
            ])
        let steps: [Milestone] = [
            .accepted, .originTransit, .departedOrigin, .arrivedDestinationCountry, .importCustoms, .customsReleased,
            .readyForPickup,
        ]
        #expect(events.dropLast().map(\.meaning) == steps.map { CodeMeaning(.at($0)) })
        #expect(events.last?.meaning == CodeMeaning(.delivered))
        #expect(
            events[4].time == .instant(Timestamp(seconds: 1_776_844_800), text: "2026-04-22 11:00:00 GMT+3"))
        #expect(events[4].text == "Import clearance started" && events[4].place.isEmpty)
        #expect(shown.numbers == [RoledNumber(.international, try #require(TrackNumber("RA123456785CN")))])
    }

    @Test(
        arguments: [
            ("RA123456785CN", [.international]), ("1234567890", [.lastMile]), ("LP00712345678902", [.lastMile]),
            (moving, []), ("", []), ("null", []), ("0", []),
        ] as [(String, [TrackNumberRole])])
    func `the next number has the role of its form`(_ number: String, _ roles: [TrackNumberRole]) throws {
        let shown = try entry(["status": "transport", "copyRealMailNo": number])
        #expect(shown.numbers.map(\.role) == roles)
    }

    @Test func `a status without a history takes no history back and confirms nothing`() throws {
        for list: Any in [[Any](), NSNull()] {
            let shown = try entry(["status": "transport", "detailList": list])
            #expect(shown.checkpoints == nil && !shown.confirms && shown.status.summary == .remark)
        }
    }

    private func meanings(_ codes: [String]) throws -> [CodeMeaning?] {
        let rows = codes.reversed().map { ["actionCode": $0, "desc": "x", "time": 1_776_844_800_000] as [String: Any] }
        return try #require(try entry(["detailList": rows]).checkpoints).map(\.meaning)
    }

    @Test func `signed for before it left China, it was the warehouse that signed`() throws {
        let handed = CodeMeaning(.at(.handedToForwarder))
        #expect(try meanings(["GOT", "SIGNED"]).last == handed)
        #expect(try meanings(["GOT", "SIGNED", "LH_DEPART"])[1] == handed)
        #expect(try meanings(["GOT", "LH_DEPART", "SIGNED"]).last == CodeMeaning(.delivered))
        #expect(try meanings(["CC_IM_START", "SIGNED"]).last == CodeMeaning(.delivered))
        #expect(try meanings(["GOT", "GTMS_SIGNED"]).last == CodeMeaning(.delivered))
    }

    @Test func `families of codes that its describers give count too`() throws {
        #expect(
            try meanings(["SC_INBOUND_FAILURE", "LH_DEPART_FAILURE", "GTMS_STA_ADDR_CHANGE", "SC_TRANS_X_FAILURE"])
                == [CodeMeaning(nil, .delayed), CodeMeaning(nil, .delayed), .remark, CodeMeaning(nil, .delayed)])
        #expect(try meanings(["RT_DESTROY", "RT_X"]) == [CodeMeaning(nil, .destroyed), CodeMeaning(nil, .returning)])
    }

    @Test func `the group counts where there is no code`() throws {
        let row: [String: Any] = ["desc": "x", "group": ["nodeCode": "AE_GROUP_IM_CLEARING_CUSTOMS"]]
        for code: Any in [NSNull(), ""] {
            let shown = try entry(["detailList": [row.merging(["actionCode": code]) { $1 }]])
            #expect(shown.checkpoints?.map(\.code) == ["AE_GROUP_IM_CLEARING_CUSTOMS"])
            #expect(shown.checkpoints?.map(\.meaning) == [CodeMeaning(.at(.importCustoms))])
        }
    }
}
