// Russian Post, single access `rtm34`: SOAP 1.2, one number a request, its operations the oldest first. Faults come with
// status 500; that the day's requests are spent is told as a failed authorisation.

import Foundation

struct RussianPostSim {
    let world: World
    private var settings: Scenario.Carriers.RussianPost { world.scenario.carriers.russianPost }

    func call(_ request: SimRequest) -> Call {
        let text = String(decoding: request.body, as: UTF8.self)
        let number = element("Barcode", text) ?? ""
        let isTooMuch = world.isTooMuch(
            .russianPost, of: "requests", daily: settings.daily, zone: settings.zoneMinutes)
        return Call(
            provider: "russianpost", method: "getOperationHistory", things: [number],
            answer: { isTooMuch ? spent() : answer(request, text, number) },
            refusal: { fault("AuthorizationFault", "Ошибка авторизации: неверный логин или пароль") },
            refusals: [.quota: spent], malformed: malformed)
    }

    private func spent() -> Answer {
        fault("AuthorizationFault", "Ошибка авторизации: Превышен лимит количества запросов")
    }

    private func answer(_ request: SimRequest, _ text: String, _ number: String) -> Answer {
        let type = request.headers["content-type"] ?? ""
        guard request.method == "POST", type.lowercased().hasPrefix("application/soap+xml") else {
            return page(415, "Unsupported Media Type")
        }
        guard text.contains("http://www.w3.org/2003/05/soap-envelope"), element("getOperationHistory", text) != nil
        else { return fault("OperationHistoryFault", "Формат данных запроса не соответствует схеме") }
        guard element("login", text) == settings.login, element("password", text) == settings.password else {
            return fault("AuthorizationFault", "Ошибка авторизации: неверный логин или пароль")
        }
        let known = world.things.number(number)
        guard (6...20).contains(number.count), known?.isInvalid != true else {
            return fault(
                "OperationHistoryFault",
                "Формат данных запроса не соответствует установленному в регламенте обмена")
        }
        let records = known?.events(of: .russianPost, at: world.now - settings.pace.lag) ?? []
        return history(records.map { record($0, number) })
    }

    // MARK: What it writes

    private func envelope(_ body: String, status: Int) -> Answer {
        let text =
            #"<?xml version="1.0" encoding="UTF-8"?>"# + "\n"
            + #"<S:Envelope xmlns:S="http://www.w3.org/2003/05/soap-envelope"><S:Body>\#(body)</S:Body></S:Envelope>"#
        return xml(text, status: status)
    }

    private func xml(_ text: String, status: Int) -> Answer {
        var answer = Answer("", "") { .null }
        answer.status = status
        answer.type = "application/soap+xml;charset=utf-8"
        answer.whole = { Array(text.utf8) }
        return answer
    }

    private func page(_ status: Int, _ text: String) -> Answer {
        var answer = xml("<html><body>\(text)</body></html>", status: status)
        answer.type = "text/html; charset=utf-8"
        return answer
    }

    private func fault(_ name: String, _ reason: String) -> Answer {
        let detail =
            #"<ns3:\#(name)Reason xmlns:ns3="http://russianpost.org/operationhistory/data">\#(reason)</ns3:\#(name)Reason>"#
        return envelope(
            "<S:Fault><S:Code><S:Value>S:Receiver</S:Value></S:Code>"
                + #"<S:Reason><S:Text xml:lang="en">\#(name)</S:Text></S:Reason><S:Detail>\#(detail)</S:Detail></S:Fault>"#,
            status: 500)
    }

    private func history(_ records: [String]) -> Answer {
        let data =
            records.isEmpty
            ? "<ns3:OperationHistoryData/>"
            : "<ns3:OperationHistoryData>" + records.joined() + "</ns3:OperationHistoryData>"
        return envelope(
            #"<ns7:getOperationHistoryResponse xmlns:ns3="http://russianpost.org/operationhistory/data""#
                + #" xmlns:ns7="http://russianpost.org/operationhistory">\#(data)</ns7:getOperationHistoryResponse>"#,
            status: 200)
    }

    /// Numbers and dates that are none.
    private func malformed(_ answer: Answer) -> Answer {
        var text = String(decoding: answer.bytes(world), as: UTF8.self)
        for name in ["Id", "OperDate", "Mass"] {
            text = text.replacingOccurrences(
                of: "<ns3:\(name)>[^<]*<", with: "<ns3:\(name)>?<", options: .regularExpression)
        }
        return xml(text, status: answer.status)
    }

    private func record(_ event: Scenario.NumberEvent, _ number: String) -> String {
        let isRussian = event.country == "RU"
        let (type, attribute) = operation(event.codes[.russianPost] ?? "") ?? (0, 0)
        let place = tag("Index", isRussian ? "690000" : nil) + tag("Description", event.place)
        let address =
            group("DestinationAddress", tag("Index", "690000") + tag("Description", "Владивосток"))
            + group("OperationAddress", place) + group("MailDirect", country("RU"))
            + group("CountryFrom", country("CN")) + group("CountryOper", country(event.country))
        let money = ["Payment", "Value", "MassRate", "InsrRate", "AirRate", "Rate", "CustomDuty"]
        let item =
            tag("Barcode", number) + tag("ValidRuType", "false") + tag("ValidEnType", "true")
            + tag("ComplexItemName", "Мелкий пакет заказной") + group("MailRank", kind(0, "Без разряда"))
            + group("PostMark", kind(0, "Без отметки")) + group("MailType", kind(5, "Мелкий пакет"))
            + group("MailCtg", kind(1, "Заказное")) + tag("Mass", "355")
        let date = tag("OperDate", event.wallTime + ".000" + event.offset)
        let people =
            group("SendCtg", kind(1, "Население")) + tag("Sndr", "Отправитель-" + personalMark)
            + tag("Rcpn", "Получатель-" + personalMark)
        return group(
            "historyRecord",
            group("AddressParameters", address)
                + group("FinanceParameters", money.map { tag($0, "0") }.joined()) + group("ItemParameters", item)
                + group(
                    "OperationParameters",
                    group("OperType", kind(type, event.text))
                        // An attribute 0 has no name.
                        + group("OperAttr", attribute == 0 ? tag("Id", "0") : kind(attribute, event.text)) + date)
                + group("UserParameters", people))
    }

    private func kind(_ id: Int, _ name: String) -> String { tag("Id", String(id)) + tag("Name", name) }

    private func country(_ code: String) -> String {
        let known: [String: (Int, String, String, String)] = [
            "RU": (643, "RUS", "Российская Федерация", "Russian Federation"), "CN": (156, "CHN", "Китай", "China"),
            "KZ": (398, "KAZ", "Казахстан", "Kazakhstan"),
        ]
        let (id, three, russian, english) = known[code] ?? (0, code, code, code)
        return tag("Id", String(id)) + tag("Code2A", code) + tag("Code3A", three) + tag("NameRU", russian)
            + tag("NameEN", english)
    }

    private func group(_ name: String, _ inner: String) -> String { "<ns3:\(name)>\(inner)</ns3:\(name)>" }

    private func tag(_ name: String, _ text: String?) -> String {
        guard let text else { return "" }
        let escaped = text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
        return group(name, escaped)
    }
}

/// The text of the first element of that name, whatever its prefix; enough for what a client of ours may send.
private func element(_ name: String, _ text: String) -> String? {
    let pattern = "<(?:[A-Za-z0-9]+:)?\(name)(?:\\s[^>]*)?>(.*?)</(?:[A-Za-z0-9]+:)?\(name)>"
    guard let expression = try? NSRegularExpression(pattern: pattern, options: [.dotMatchesLineSeparators]),
        let match = expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)),
        let range = Range(match.range(at: 1), in: text)
    else { return nil }
    var inner = text[range].trimmingCharacters(in: .whitespacesAndNewlines)
    for (mark, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")] {
        inner = inner.replacingOccurrences(of: mark, with: character)
    }
    return inner
}
