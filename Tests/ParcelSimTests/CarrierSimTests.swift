import Foundation
import FoundationXML
import Testing

@testable import ParcelSim

private let registered = "RR100000015CN"

@Test(arguments: [
    ("", "d41d8cd98f00b204e9800998ecf8427e"), ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
    (
        "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
        "57edf4a22be3c955ac49da2e2107b67a"
    ),
    // The example of Kuaidi100's own form.
    (
        #"{"com":"yuantong","num":"YT7530122849021","resultv2":"4","show":"0","order":"desc"}KEY0CUSTOMER0"#,
        "0ee87acd4a2589380c34407fa4317118"
    ),
])
func `MD5 gives the published digests`(text: String, digest: String) { #expect(md5(text) == digest) }

@Test func `made numbers carry the check digit of UPU`() {
    #expect(s10("RA", 12_345_678, "CN") == "RA123456785CN")
    #expect(s10("EB", 10_000_000, "CN").count == 13)
}

// MARK: 17TRACK

@Test func `17TRACK registers a number once, and refuses each bad one by itself`() throws {
    let running = try carriers()
    let answer = try running.track17(
        "register", numbers: [registered, "12", "LP00000000000404", "SF1000000000001", "RR100000029CN"])
    #expect(answer.texts("data", "accepted", member: "number") == [registered])
    #expect(answer.rejections == [-18_010_012, -18_010_012, -18_019_903, -18_019_901])
    #expect(answer.at("code") as? Int == 0)
    let again = try running.track17("register", #"[{"number":"\#(registered)","tag":"t"}]"#)
    #expect(again.rejections == [-18_019_901])
    #expect(again.at("data", "rejected", 0, "tag") as? String == "t")
    let told = try running.track17("register", #"[{"number":"SF1000000000001","carrier":190766}]"#)
    #expect(told.at("data", "accepted", 0, "origin") as? Int == 2)
    try running.move("2026-04-20 09:01")
    let quota = try running.track17("getquota", "[]")
    #expect(quota.at("data", "quota_used") as? Int == 2)
    #expect(quota.at("data", "quota_remain") as? Int == 1)
    #expect(running.world.violations.isEmpty)
}

@Test func `17TRACK has nothing at first, then what it saw when it last looked, the newest first`() throws {
    let running = try carriers()
    #expect(try running.track17("gettrackinfo", numbers: [registered]).rejections == [-18_019_902])
    _ = try running.track17("register", numbers: [registered, "RR199999991CN"])
    #expect(try running.track17("gettrackinfo", numbers: [registered]).rejections == [-18_019_909])
    try running.move("2026-04-20 10:00")
    let first = try running.track17("gettrackinfo", numbers: [registered, "RR199999991CN"])
    #expect(
        first.at("data", "accepted", 0, "track_info", "latest_status", "sub_status") as? String == "InTransit_PickedUp")
    // A number that no carrier knows is an accepted one with nothing in it.
    #expect(first.at("data", "accepted", 1, "track_info", "latest_status", "status") as? String == "NotFound")
    // It looked at 09:05 and 15:05 and so on; what happened since is not seen.
    try running.move("2026-04-21 09:04")

    let second = try running.track17("gettrackinfo", numbers: [registered])
    #expect(
        second.at("data", "accepted", 0, "track_info", "tracking", "providers", 0, "latest_sync_time") as? String
            == "2026-04-20T19:05:00Z")
    try running.move("2026-04-23 22:00")
    let third = try running.track17("gettrackinfo", numbers: [registered])
    let tracking = third.at("data", "accepted", 0, "track_info", "tracking", "providers") as? [[String: Any]] ?? []
    #expect(tracking.map { ($0["provider"] as? [String: Any])?["key"] as? Int } == [3011, 18031])
    let events = tracking.map { ($0["events"] as? [[String: Any]] ?? []).compactMap { $0["sub_status"] as? String } }
    #expect(events == [["InTransit_Departure", "InTransit_PickedUp"], ["InTransit_Arrival"]])
    #expect(
        third.at("data", "accepted", 0, "track_info", "latest_event", "time_iso") as? String
            == "2026-04-23T12:00:00+03:00")
    #expect(third.at("data", "accepted", 0, "track_info", "misc_info", "local_number") as? String == "69000012345678")
    try running.move("2026-04-26 22:00")
    let withdrawn = try running.track17("gettrackinfo", numbers: [registered])
    #expect(
        withdrawn.at("data", "accepted", 0, "track_info", "latest_status", "sub_status") as? String
            == "InTransit_Departure")
    #expect(running.world.violations.isEmpty)
}

@Test func `17TRACK stops a number by itself, and takes it up again once`() throws {
    let running = try carriers()
    #expect(
        try running.track17("retrack", numbers: ["RR100000032CN", registered]).rejections == [-18_019_904, -18_019_902])
    try running.move("2026-05-11 12:00")
    let stopped = try running.track17("gettrackinfo", numbers: ["RR100000032CN"])
    #expect(
        stopped.at("data", "accepted", 0, "track_info", "latest_status", "sub_status") as? String
            == "InTransit_PickedUp")
    #expect(stopped.text.contains("2026-04-30T"))
    let list = try running.track17("gettracklist", #"{"tracking_status":"Stopped","page_no":1}"#)
    #expect(list.texts("data", "accepted", member: "number") == ["RR100000032CN"])
    #expect(list.at("page", "data_total") as? Int == 1)
    try running.move("2026-05-11 12:01")
    #expect(
        try running.track17("retrack", numbers: ["RR100000032CN"]).texts("data", "accepted", member: "number").count
            == 1)
    #expect(try running.track17("retrack", numbers: ["RR100000032CN"]).rejections == [-18_019_905])
    try running.move("2026-05-11 12:10")
    let taken = try running.track17("gettrackinfo", numbers: ["RR100000032CN"])
    #expect(
        taken.at("data", "accepted", 0, "track_info", "latest_status", "sub_status") as? String == "InTransit_Departure"
    )
}

@Test func `17TRACK's limits are kept by refusing, and whoever passes one is remembered`() throws {
    let running = try carriers()
    #expect(try running.track17("getquota", "[]", key: "wrong").status == 401)
    #expect(try running.track17("getquota", "[]").status == 200)
    #expect(try running.track17("getquota", "[]").status == 200)
    #expect(running.world.violations.isEmpty)
    #expect(try running.track17("getquota", "[]").status == 429)
    #expect(running.world.violations.count == 1)
    #expect(running.world.violations[0].hasPrefix("17track: 4 requests within a second, 3 are allowed"))
    try running.move("2026-04-20 09:01")
    let many = try running.track17("gettrackinfo", numbers: (0..<41).map { s10("RR", 20_000_000 + $0, "CN") })
    #expect(many.at("code") as? Int == -18_010_014)
    let beyond = try running.track17("register", numbers: (0..<4).map { s10("RR", 20_000_000 + $0, "CN") })
    #expect(beyond.rejections == [-18_019_908])
    try running.move("2026-04-20 09:02")
    #expect(try running.track17("deletetrack", numbers: [registered]).at("code") as? Int == -18_010_005)
    #expect(running.world.violations.count == 4)
}

@Test func `17TRACK counts registrations by the day of UTC`() throws {
    let running = try Running(try scenario(from: numbersStory.replacing("{quota: 3", with: "{daily: 1")))
    let two = ["RR200000017CN", "RR200000025CN"]
    #expect(try running.track17("register", numbers: two).rejections == [-18_019_907])
    #expect(running.world.violations.count == 1)
    // Midnight of UTC is eight in Shanghai.
    try running.move("2026-04-21 07:59")
    #expect(try running.track17("register", numbers: two).rejections == [-18_019_901, -18_019_907])
    try running.move("2026-04-21 08:00")
    #expect(try running.track17("register", numbers: two).rejections == [-18_019_901])
}

// MARK: The others

@Test func `Russian Post answers in SOAP, the oldest first, and escapes its texts`() throws {
    let running = try carriers()
    try running.move("2026-04-22 09:00")
    let answer = try running.soap(registered)
    #expect(answer.status == 200)
    #expect(answer.header("Content-Type") == "application/soap+xml;charset=utf-8")
    let document = try XMLCounter.read(answer.body)
    #expect(document.texts["OperDate"] == ["2026-04-19T10:00:00.000+08:00", "2026-04-21T10:00:00.000+08:00"])
    #expect(document.texts["Barcode"] == [registered, registered])
    #expect(document.texts["Name"]?.contains("Left & gone") == true)
    #expect(document.texts["Rcpn"]?.first?.contains(personalMark) == true)
    let empty = try running.soap("RR199999991CN")
    #expect(empty.status == 200)
    #expect(try XMLCounter.read(empty.body).texts["historyRecord"] == nil)
    let invalid = try running.soap("LP00000000000404")
    #expect(invalid.status == 500)
    #expect(invalid.text.contains("OperationHistoryFaultReason"))
    // Three a day, and the day is Moscow's.
    let spent = try running.soap(registered)
    #expect(spent.status == 500)
    #expect(spent.text.contains("Превышен лимит количества запросов"))
    #expect(running.world.violations.count == 1)
    try running.move("2026-04-23 05:00")
    #expect(try running.soap(registered).status == 200)
    #expect(running.world.violations.count == 1)
    let wrong = try running.soap(registered, login: "other")
    #expect(wrong.text.contains("AuthorizationFaultReason"))
    #expect(!wrong.text.contains("лимит"))
    #expect(try running.soap(registered, type: "text/xml").status == 415)
}

@Test func `Kuaidi100 checks signature, courier and telephone, and locks a number that is asked for too often`() throws
{
    let running = try carriers()
    #expect(try running.kuaidi("SF1000000000001", company: "shunfeng", sign: "0").at("returnCode") as? String == "503")
    try running.move("2026-04-20 09:30")
    #expect(try running.kuaidi("SF1000000000001", company: "shunfeng").at("returnCode") as? String == "408")
    try running.move("2026-04-20 10:00")
    let good = try running.kuaidi("SF1000000000001", company: "shunfeng", phone: "1907")
    #expect(good.status == 200)
    #expect(good.at("status") as? String == "200")
    #expect(good.at("state") as? String == "3")
    #expect(good.texts("data", member: "statusCode") == ["304", "103"])
    #expect(good.texts("data", member: "ftime") == ["2026-04-20 08:00:00", "2026-04-19 10:00:00"])
    #expect(running.world.violations.isEmpty)
    try running.move("2026-04-20 10:29")
    #expect(
        try running.kuaidi("SF1000000000001", company: "shunfeng", phone: "1907").at("returnCode") as? String == "502")
    #expect(running.world.violations.map { $0.prefix(29) } == ["kuaidi100: SF1000000000001 ag"])
    #expect(try running.kuaidi("YT1000000000001", company: "yuantong").at("returnCode") as? String == "500")
    #expect(try running.kuaidi("YT1000000000002", company: "yuantong").at("returnCode") as? String == "601")
    #expect(running.world.violations.count == 2)
    try running.move("2026-04-21 00:00")
    #expect(try running.kuaidi("YT1000000000003", company: "").at("returnCode") as? String == "400")
    let key = running.world.scenario.carriers.kuaidi100.key
    let found = try running.get("/kuaidi100/autonumber/auto?num=SF1000000000001&key=\(key)")
    #expect(found.text.contains(#""comCode":"shunfeng""#))
    #expect(try running.get("/kuaidi100/autonumber/auto?num=SF1000000000001").at("returnCode") as? String == "701")
}

@Test func `CDEK shows its own orders to who holds a token, until it ends`() throws {
    let running = try carriers()
    #expect(try running.cdekToken(password: "wrong").status == 401)
    let token = try #require(try running.cdekToken().at("access_token") as? String)
    let order = try running.cdek("1100000001", token: token)
    #expect(order.status == 200)
    #expect(order.texts("entity", "statuses", member: "code") == ["DELIVERED", "CREATED"])
    #expect(order.at("entity", "statuses", 1, "date_time") as? String == "2026-04-19T02:00:00+0000")
    let foreign = try running.cdek("1100000002", token: token)
    #expect(foreign.status == 400)
    #expect(foreign.at("requests", 0, "errors", 0, "code") as? String == "v2_entity_forbidden")
    let unknown = try running.cdek("1999999999", token: token)
    #expect(unknown.at("requests", 0, "errors", 0, "code") as? String == "v2_entity_not_found")
    #expect(
        try running.cdek("1100000001", token: "made up").at("errors", 0, "code") as? String
            == "v2_authorization_incorrect")
    try running.move("2026-04-21 09:00")
    let expired = try running.cdek("1100000001", token: token)
    #expect(expired.status == 401)
    #expect(expired.at("errors", 0, "code") as? String == "v2_token_expired")
    let next = try #require(try running.cdekToken().at("access_token") as? String)
    let deleted = try running.cdek("1100000001", token: next)
    #expect(deleted.at("entity", "statuses", 0, "deleted") as? Bool == true)
}

@Test func `Cainiao gives an entry for each number, and its block page to who comes too often`() throws {
    let running = try carriers()
    try running.move("2026-04-22 09:00")
    let answer = try running.cainiao("\(registered),LP00000000000001")
    #expect(answer.texts("module", member: "mailNo") == [registered, "LP00000000000001"])
    #expect(answer.texts("module", 0, "detailList", member: "actionCode") == ["LH_DEPART", "PU_PICKUP_SUCCESS"])
    #expect(answer.at("module", 0, "detailList", 0, "timeZone") as? String == "GMT+8")
    #expect(answer.at("module", 0, "copyRealMailNo") as? String == "69000012345678")
    #expect((answer.at("module", 1, "detailList") as? [Any])?.isEmpty == true)
    #expect(answer.at("module", 1, "status") == nil)
    try running.move("2026-04-22 14:59")
    let blocked = try running.cainiao(registered)
    #expect(blocked.status == 200)
    #expect(blocked.at("rgv587_flag") as? String == "sm")
    try running.move("2026-04-22 21:00")
    #expect(try running.cainiao(registered).at("success") as? Bool == true)
    #expect(try running.cainiao("A,B,C").at("rgv587_flag") as? String == "sm")
    #expect(running.world.violations.count == 2)
}

@Test func `the generic carrier pages by a cursor, and leaves out what it doesn't know`() throws {
    let running = try carriers()
    let first = try running.generic("page=")
    #expect(first.texts("items", member: "number") == [registered])
    let cursor = try #require(first.at("next") as? String)
    let second = try running.generic("page=\(cursor)")
    #expect(second.texts("items", member: "number") == ["1100000001"])
    #expect(second.json["next"] is NSNull)
    let one = try running.generic("number=\(registered),NONE1")
    #expect(one.at("items", 0, "status") as? String == "accepted")
    #expect(one.at("items", 0, "time") as? String == "19.04.2026 05:00")
    #expect((one.at("items") as? [Any])?.count == 1)
    #expect(try running.generic("page=7").status == 400)
    #expect(try running.generic("page=", token: "wrong").status == 401)
}

/// The texts of a document's elements by their names without prefixes; fails where it is not well formed.
private final class XMLCounter: NSObject, XMLParserDelegate {
    var texts: [String: [String]] = [:]
    private var open: [String] = []

    static func read(_ bytes: [UInt8]) throws -> XMLCounter {
        let counter = XMLCounter()
        let parser = XMLParser(data: Data(bytes))
        parser.delegate = counter
        try #require(parser.parse())
        return counter
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        open.append("")
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) { open[open.count - 1] += text }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        texts[name.split(separator: ":").last.map(String.init) ?? name, default: []].append(open.removeLast())
    }
}
