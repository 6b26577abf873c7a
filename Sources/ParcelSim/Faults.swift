// How answers are spoilt: what each kind of fault makes of one.

import Foundation

struct FaultPlayer {
    let world: World

    func reply(to call: Call) -> SimReply {
        guard let fault = world.ask(call.provider, call.method, about: call.things) else {
            return send(call.answer())
        }
        switch fault.kind {
        case .auth: return send(call.refusal())
        case .quota, .block, .tokenExpired:
            guard let refusal = call.refusals[fault.kind] else { return send(call.answer()) }
            return send(refusal())
        case .malformed where call.malformed != nil, .malformedRow where call.malformed != nil:
            let answer = call.answer()
            let isMeant = fault.thing.map { thing in call.things.contains { isSameThing($0, thing) } } ?? true
            return send(isMeant ? call.malformed?(answer) ?? answer : answer)
        case .sessionExpired: return json(expired().bytes(world))
        case .malformed where fault.thing == nil:
            return json(call.answer().changingRows { $0.map(broken) }.bytes(world))
        case .malformed, .malformedRow:
            return json(call.answer().changingRows { replacing($0, fault.thing, broken) }.bytes(world))
        case .dropRow: return json(dropping(call.answer(), fault.thing).bytes(world))
        case .shortPage: return json(call.answer().changingRows { $0.dropLast() }.bytes(world))
        // Who never gets to the provider changes nothing there.
        case .outage, .refuse, .hang, .status, .html: return reply([], spoiltBy: fault)
        default:
            let answer = call.answer()
            return reply(answer.bytes(world), answer.status, answer.type, spoiltBy: fault)
        }
    }

    private func send(_ answer: Answer) -> SimReply {
        SimReply(status: answer.status, headers: headers(answer.type), body: answer.bytes(world))
    }

    /// Faults that look at no rows.
    func reply(
        _ body: [UInt8], _ status: Int = 200, _ type: String = jsonType, spoiltBy fault: Scenario.Fault
    ) -> SimReply {
        let whole = SimReply(status: status, headers: headers(type), body: body)
        var reply = whole
        switch fault.kind {
        case .outage:
            return page("<html><head><title>503 Service Temporarily Unavailable</title></head></html>", 503, fault)
        case .refuse: return SimReply(body: [], behaviour: .reset(after: nil))
        case .reset: reply.behaviour = .reset(after: body.count / 2)
        case .hang: return SimReply(body: [], behaviour: .hang)
        case .status: return page("<html><body>error</body></html>", fault.code ?? 500, fault)
        case .html: return page("<!doctype html><html><body>Checking your browser…</body></html>", 200, fault)
        case .truncated: reply.body = Array(body.prefix(body.count * 2 / 3))
        case .empty: reply.body = []
        case .slow: reply.behaviour = .drip(milliseconds: Int(fault.delay ?? 50))
        case .gzip:
            reply.headers.append(("Content-Encoding", "gzip"))
            reply.body = gzipped(body)
        case .endless: reply.behaviour = .endless
        case .lostAnswer: return SimReply(body: [], behaviour: .close)
        case .auth, .sessionExpired, .malformed, .malformedRow, .dropRow, .shortPage, .quota, .block, .tokenExpired:
            return whole
        }
        return reply
    }

    /// `Date` is the simulator's true time, whatever the clock server says.
    func headers(_ type: String = jsonType) -> [(String, String)] {
        [("Content-Type", type), ("Date", httpDate(world.now))]
    }

    func json(_ body: [UInt8], status: Int = 200) -> SimReply {
        SimReply(status: status, headers: headers(), body: body)
    }

    private func page(_ text: String, _ status: Int, _ fault: Scenario.Fault) -> SimReply {
        var reply = SimReply(status: status, headers: headers("text/html; charset=utf-8"), body: Array(text.utf8))
        if let delay = fault.retryAfter { reply.headers.append(("Retry-After", delay)) }
        return reply
    }

    private func expired() -> Answer { OTCommerceSim.refused("SessionExpired", "Сессия истекла") }
}

// MARK: Rows

/// Texts become numbers and numbers texts, but for what tells which row it is.
private func broken(_ row: JSON) -> JSON {
    if row["track_info"] != nil || row["detailList"] != nil || row["events"] != nil {
        guard case .object(let members) = row else { return row }
        return .object(
            members.map {
                ["number", "mailNo"].contains($0.name) ? $0 : .init(name: $0.name, value: scrambled($0.value))
            })
    }
    var row = row
    switch row["StatusId"] ?? row["status"] {
    case .integer: row = row.with("StatusId", "?")
    case .text where row["status"] != nil: row = row.with("status", ["is": 7])
    // A package of the shop: its status is any text.
    case .text: row = row.with("StatusId", ["is": 7]).with("Items", 7).with("Weight", "heavy")
    default: break
    }
    return row
}

/// Every value of another type than it should be.
func scrambled(_ value: JSON) -> JSON {
    switch value {
    case .object(let members): .object(members.map { .init(name: $0.name, value: scrambled($0.value)) })
    case .array(let elements): .array(elements.map(scrambled))
    case .text: ["is": 7]
    case .number, .integer, .bool: "?"
    case .null: .null
    }
}

private func replacing(_ rows: [JSON], _ thing: String?, _ change: (JSON) -> JSON) -> [JSON] {
    guard let index = thing == nil ? rows.indices.first : rows.firstIndex(where: { isAbout($0, thing ?? "") }) else {
        return rows
    }
    var rows = rows
    rows[index] = change(rows[index])
    return rows
}

/// The row is gone and the total knows nothing of it.
private func dropping(_ answer: Answer, _ thing: String?) -> Answer {
    guard answer.rows != nil else { return answer }
    var answer = answer
    var isDropped = false
    let before = answer.body
    _ = answer.changingRows { rows in
        isDropped = thing == nil ? !rows.isEmpty : rows.contains { isAbout($0, thing ?? "") }
        return rows
    }.body()
    guard isDropped else { return answer }
    answer.body = before
    return answer.changingRows { rows in
        var rows = rows
        if let index = thing == nil ? rows.indices.last : rows.firstIndex(where: { isAbout($0, thing ?? "") }) {
            rows.remove(at: index)
        }
        return rows
    }.changingBody { body in
        var body = body
        if case .integer(let total) = body["TotalCount"] { body = body.with("TotalCount", .integer(total - 1)) }
        if case .integer(let total) = body.at(["pager", "total"]) {
            body = body.changing(["pager", "total"]) { _ in .integer(total - 1) }
        }
        return body
    }
}

/// Whether a row shows that thing, by any name that a scenario may use for it.
private func isAbout(_ row: JSON, _ thing: String) -> Bool {
    var names = ["Id", "id", "partner_fid", "external_id", "name", "number", "mailNo"].compactMap { row[$0]?.plain }
    if let order = row["OrderId"]?.plain, let number = row["LineNum"]?.plain {
        names.append("\(order.drop { !("1"..."9").contains($0) })-\(number)")
    }
    return names.contains { isSameThing($0, thing) }
}

// MARK: gzip

/// RFC 1952 with stored blocks: valid, and as long as before.
func gzipped(_ bytes: [UInt8]) -> [UInt8] {
    var out: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
    var start = 0
    repeat {
        let count = min(65_535, bytes.count - start)
        let isLast = start + count == bytes.count
        out += [isLast ? 1 : 0, UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255), UInt8(~count >> 8 & 255)]
        out += bytes[start..<start + count]
        start += count
    } while start < bytes.count
    for word in [checksum(bytes), UInt32(truncatingIfNeeded: bytes.count)] {
        for shift in stride(from: UInt32(0), to: 32, by: 8) { out.append(UInt8(truncatingIfNeeded: word >> shift)) }
    }
    return out
}

private func checksum(_ bytes: [UInt8]) -> UInt32 {
    var value = UInt32.max
    for byte in bytes {
        value ^= UInt32(byte)
        for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xedb8_8320 : value >> 1 }
    }
    return ~value
}
