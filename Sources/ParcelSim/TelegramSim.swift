// Telegram's Bot API as far as parceld speaks it: messages and files come in, are edited, and people press buttons and
// write commands. getUpdates is answered at once: in simulated time nobody waits.

import Foundation

/// A button under a message.
package struct SimButton: Sendable, Equatable {
    package var text: String
    package var data: String
}

struct TelegramSim {
    let world: World
    private var player: FaultPlayer { FaultPlayer(world: world) }

    /// - Parameter parts: The path: `telegram`, `bot<TOKEN>`, the method.
    func reply(_ parts: [String], _ request: SimRequest) -> SimReply {
        guard parts.count == 3, parts[1] == "bot" + world.scenario.telegramToken else {
            return failure(401, "Unauthorized")
        }
        let fields = fields(of: request)
        let fault = world.ask("telegram", parts[2], about: [fields["chat_id"]?.plain ?? ""])
        switch fault?.kind {
        case nil, .lostAnswer: break
        case .auth: return failure(401, "Unauthorized")
        case .status: return failure(fault?.code ?? 500, nil, retryAfter: fault?.retryAfter)
        default: return fault.map { player.reply([], spoiltBy: $0) } ?? failure(500, nil)
        }
        guard request.method == "POST" else { return failure(404, "Not Found") }
        let reply =
            switch parts[2] {
            case "sendMessage", "sendDocument": take(parts[2], fields, request)
            case "editMessageText": edit(fields)
            case "getUpdates": updates(fields)
            case "answerCallbackQuery": answerQuery(fields)
            default: failure(404, "Not Found")
            }
        // Done, and nobody is told so.
        return fault == nil ? reply : SimReply(body: [], behaviour: .close)
    }

    private func take(_ method: String, _ fields: [String: JSON], _ request: SimRequest) -> SimReply {
        let chat = fields["chat_id"]?.plain ?? ""
        if chat.isEmpty { return failure(400, "Bad Request: chat_id is empty") }
        var message = Received(
            ms: world.now, channel: "telegram", key: request.headers["idempotency-key"] ?? "", text: "",
            headers: request.headers)
        message.chat = chat
        if method == "sendDocument" {
            guard let name = fields["document.name"]?.plain, let body = fields["document"]?.plain else {
                return failure(400, "Bad Request: there is no document in the request")
            }
            message.text = (fields["caption"]?.plain).map { $0 + "\n" + name } ?? name
            message.document = body
        } else {
            switch content(of: fields) {
            case .failure(let refusal): return failure(400, refusal.text)
            case .success(let content): (message.text, message.buttons) = content
            }
        }
        let number = world.receive(message)
        return result([
            "message_id": .integer(number), "date": .integer(Int(world.now / 1000)), "chat": ["id": .text(chat)],
            "text": .text(message.text),
        ])
    }

    private func edit(_ fields: [String: JSON]) -> SimReply {
        guard let number = fields["message_id"]?.plain.flatMap({ Int($0) }) else {
            return failure(400, "Bad Request: message identifier is not specified")
        }
        switch content(of: fields) {
        case .failure(let refusal): return failure(400, refusal.text)
        case .success(let (text, buttons)):
            if let refusal = world.edit(number, text, buttons) { return failure(400, "Bad Request: " + refusal) }
            return result(["message_id": .integer(number)])
        }
    }

    private func updates(_ fields: [String: JSON]) -> SimReply {
        let from = fields["offset"]?.plain.flatMap { Int($0) }
        return result(.array(world.updates(from: from)))
    }

    private func answerQuery(_ fields: [String: JSON]) -> SimReply {
        let query = fields["callback_query_id"]?.plain ?? ""
        guard world.answer(query, fields["text"]?.plain ?? "") else {
            return failure(
                400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        }
        return result(.bool(true))
    }

    private struct Refusal: Error { var text: String }

    /// The text as people see it, and the buttons.
    private func content(of fields: [String: JSON]) -> Result<(String, [[SimButton]]), Refusal> {
        let written = fields["text"]?.plain ?? ""
        let isHTML = fields["parse_mode"]?.plain == "HTML"
        guard let text = isHTML ? shownText(ofHTML: written) : written else {
            return .failure(Refusal(text: "Bad Request: can't parse entities"))
        }
        if text.isEmpty { return .failure(Refusal(text: "Bad Request: message text is empty")) }
        if text.utf16.count > 4096 { return .failure(Refusal(text: "Bad Request: message is too long")) }
        let rows = (fields["reply_markup"]?["inline_keyboard"]?.elements ?? []).map { row in
            row.elements.map {
                SimButton(text: $0["text"]?.plain ?? "", data: $0["callback_data"]?.plain ?? "")
            }
        }
        let all = rows.flatMap(\.self)
        if all.count > 100 { return .failure(Refusal(text: "Bad Request: reply markup is too long")) }
        if all.contains(where: { $0.text.isEmpty || !(1...64).contains($0.data.utf8.count) }) {
            return .failure(Refusal(text: "Bad Request: BUTTON_DATA_INVALID"))
        }
        return .success((text, rows))
    }

    private func result(_ value: JSON) -> SimReply {
        let answer: JSON = ["ok": true, "result": value]
        return player.json(answer.bytes)
    }

    private func failure(_ code: Int, _ text: String?, retryAfter: String? = nil) -> SimReply {
        let texts = [
            400: "Bad Request", 403: "Forbidden: bot was blocked by the user",
            429: "Too Many Requests: retry after \(retryAfter ?? "5")", 500: "Internal Server Error",
        ]
        var answer: JSON = [
            "ok": false, "error_code": .integer(code), "description": .text(text ?? texts[code] ?? "Error"),
        ]
        if code == 429 { answer = answer.with("parameters", ["retry_after": .number(retryAfter ?? "5")]) }
        return player.json(answer.bytes, status: code)
    }

    /// JSON, a form, or the parts of one with a file.
    private func fields(of request: SimRequest) -> [String: JSON] {
        let type = request.headers["content-type"] ?? ""
        if type.hasPrefix("multipart/form-data; boundary=") {
            return multipart(request.body, boundary: String(type.drop { $0 != "=" }.dropFirst())).mapValues {
                .text($0)
            }
        }
        guard type.hasPrefix("application/json") else { return form(request.body).mapValues { .text($0) } }
        guard let tree = try? JSONSerialization.jsonObject(with: Data(request.body)),
            case .object(let members) = json(tree)
        else { return [:] }
        return Dictionary(members.map { ($0.name, $0.value) }) { $1 }
    }
}

private func json(_ tree: Any) -> JSON {
    switch tree {
    case let members as [String: Any]:
        .object(members.sorted { $0.key < $1.key }.map { JSON.Member(name: $0.key, value: json($0.value)) })
    case let elements as [Any]: .array(elements.map(json))
    case let text as String: .text(text)
    case let number as Int: .integer(number)
    default: .null
    }
}

/// The values of a form by their names; of a file its text, and its name as `NAME.name`.
func multipart(_ bytes: [UInt8], boundary: String) -> [String: String] {
    var fields: [String: String] = [:]
    for part in String(decoding: bytes, as: UTF8.self).components(separatedBy: "--\(boundary)").dropFirst() {
        guard let end = part.range(of: "\r\n\r\n") else { continue }
        let head = part[..<end.lowerBound]
        func value(_ name: String) -> String? {
            head.range(of: " \(name)=\"").map { String(head[$0.upperBound...].prefix { $0 != "\"" }) }
        }
        guard let name = value("name") else { continue }
        fields[name] = String(part[end.upperBound...].dropLast(part.hasSuffix("\r\n") ? 1 : 0))
        fields[name + ".name"] = value("filename")
    }
    return fields
}

/// Nil where a tag is not Telegram's, or not closed where it was opened, or something that has to be escaped is not.
func shownText(ofHTML html: String) -> String? {
    let entities = ["lt": "<", "gt": ">", "amp": "&", "quot": "\""]
    var (out, open, rest) = ("", [Substring](), html[...])
    while let sign = rest.first {
        rest = rest.dropFirst()
        switch sign {
        case "<":
            guard let end = rest.firstIndex(of: ">") else { return nil }
            let tag = rest[..<end]
            rest = rest[rest.index(after: end)...]
            if tag.hasPrefix("/") {
                guard open.popLast() == tag.dropFirst() else { return nil }
            } else {
                guard ["b", "s", "i", "u", "code", "pre"].contains(tag) else { return nil }
                open.append(tag)
            }
        case "&":
            guard let end = rest.firstIndex(of: ";"), let text = entities[String(rest[..<end])] else { return nil }
            out += text
            rest = rest[rest.index(after: end)...]
        case ">": return nil
        default: out.append(sign)
        }
    }
    return open.isEmpty ? out : nil
}
