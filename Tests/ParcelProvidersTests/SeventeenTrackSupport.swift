// What the tests of 17TRACK share: a conversation about a batch, its answers, and what a request holds.

import Foundation
import ParcelCore
import ParcelProviders
import Testing

/// 2026-03-12T06:00:00Z, some hours after the fixtures' last sync.
let seventeenTrackNow = Timestamp(seconds: 1_773_295_200)

/// Gives a suite the functions below without giving their names to every other test.
protocol SeventeenTrackSuite {}

extension SeventeenTrackSuite {
    var then: Timestamp { seventeenTrackNow }

    func fixtures(_ names: [String: String]) throws -> [String: HTTPResponse] {
        try names.mapValues { try fixture("17track/\($0)") }
    }

    func converse(
        _ keys: [String], writesLeft: Int? = nil, session: String? = nil, at: Timestamp = seventeenTrackNow,
        _ answers: [String: HTTPResponse]
    ) throws -> Played {
        let opening = Opening(now: at, session: session.map { Secret($0) }, writesLeft: writesLeft)
        let conversation = try provider("17track").converse(batch: keys.map { Ask("track", key: $0) }, opening)
        return try play(conversation) { request, _ in
            try #require(answers[method(request)], "no answer to \(method(request))")
        }
    }

    /// What a request holds, a row for each number.
    func rows(_ request: HTTPRequest) throws -> [[String: Any]] {
        try #require(try JSONSerialization.jsonObject(with: Data(request.body ?? [])) as? [[String: Any]])
    }

    func numbers(_ request: HTTPRequest) throws -> [String] {
        try rows(request).compactMap { $0["number"] as? String }
    }

    func accepted(_ names: [String]) throws -> HTTPResponse {
        try ok(json: ["code": 0, "data": ["accepted": names.map { ["number": $0, "carrier": 1] as [String: Any] }]])
    }

    func rejected(_ names: [String], _ code: Int, _ message: String = "Why") throws -> HTTPResponse {
        let rows = names.map { ["number": $0, "error": ["code": code, "message": message]] as [String: Any] }
        return try ok(json: ["code": 0, "data": ["accepted": [Any](), "rejected": rows]])
    }

    func quota(_ left: Any, most: Int = 0, today: Int = 0) throws -> HTTPResponse {
        try ok(json: ["code": 0, "data": ["quota_remain": left, "max_track_daily": most, "today_used": today]])
    }

    func number(_ text: String) throws -> TrackNumber { try #require(TrackNumber(text)) }

    func snapshot(_ file: String, _ key: String, at: Timestamp = seventeenTrackNow) throws -> Snapshot {
        let report = try converse([key], at: at, fixtures(["gettrackinfo": file])).report()
        return try #require(report.snapshots.first)
    }
}
