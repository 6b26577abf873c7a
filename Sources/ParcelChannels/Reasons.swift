// Why something failed, for people. Reasons are written in English where they arise, for the log; those that are known
// are put into Russian here, and any other is shown as it is.

import ParcelCore

extension Reader {
    package func reason(_ text: String) -> String {
        let plain = harmless(text)
        if let (russian, english) = groups[plain] { return say(russian, english) }
        return language == .ru ? russianReason(plain) : plain
    }
}

/// A reason may be put together of several: `refused: not found (code 404)`.
private func russianReason(_ text: String) -> String {
    if let whole = wholeReasons[text] { return whole }
    if let (start, last) = parts(of: text, at: "; ") {
        for (english, russian) in lastClauses where last.hasPrefix(english) {
            return russianReason(start) + "; " + russian + last.dropFirst(english.count)
        }
    }
    if text.hasSuffix(")"), let (start, last) = parts(of: String(text.dropLast()), at: " (") {
        let inner = russianReason(last)
        if inner != last { return "\(russianReason(start)) (\(inner))" }
    }
    for (english, russian) in reasonBeginnings where text.hasPrefix(english) {
        let rest = String(text.dropFirst(english.count))
        // What others write may begin as ours does: "status is wrong".
        if numbered.contains(english), rest.first?.isNumber != true { continue }
        if english == "code ", errorCode(rest) == nil { continue }
        return russian + (russianAmount(rest) ?? russianRest(rest))
    }
    for (english, russian) in reasonEnds where text.hasSuffix(english) {
        return text.dropLast(english.count) + russian
    }
    if text.hasPrefix("/"), let (pointer, value) = firstParts(of: text, at: " is ") {
        return "в \(pointer) стоит \(russianReason(value))"
    }
    return text
}

private func russianRest(_ text: String) -> String {
    let whole = russianReason(text)
    guard whole == text, let (start, rest) = firstParts(of: text, at: ": ") else { return whole }
    return "\(start): \(russianReason(rest))"
}

/// A number and what ends the sentence after it; nil for anything else.
private func russianAmount(_ text: String) -> String? {
    let number = text.prefix { $0.isNumber }
    return number.isEmpty ? nil : afterNumbers[String(text.dropFirst(number.count))].map { number + $0 }
}

private func firstParts(of text: String, at mark: String) -> (start: String, rest: String)? {
    text.firstRange(of: mark).map { (String(text[..<$0.lowerBound]), String(text[$0.upperBound...])) }
}

private func parts(of text: String, at mark: String) -> (start: String, last: String)? {
    text.ranges(of: mark).last.map { (String(text[..<$0.lowerBound]), String(text[$0.upperBound...])) }
}

/// The service's own words for why things could not be checked or written.
private let groups: [String: (russian: String, english: String)] = [
    "unreadable": ("ответ сервиса не удаётся прочитать", "its answers cannot be read"),
    "missing": ("сервис перестал показывать их в списках", "the provider's lists no longer show them"),
    "not_reached": ("до них не дошла очередь запросов", "the polls have not reached them"),
    "unknown": ("ни один подключённый сервис их не показывает", "no configured provider shows them"),
    "database_full": ("на диске базы нет места", "no space is left on the database's disk"),
    "database_busy": ("базу занимает другая программа", "another program holds the database"),
    "database_io": ("ошибка диска, на котором лежит база", "its disk reports an error"),
    "database_unwritable": ("в файл базы нельзя писать", "its file may not be written"),
]

private let wholeReasons = [
    "timed out": "не ответил вовремя",
    "cancelled": "запрос прерван",
    "an empty answer": "пустой ответ",
    "an error without words": "ошибка без пояснения",
    "an error in words that are not kept": "ошибка, слова которой не сохраняются",
    "something else": "что-то другое",
    "unknown": "неизвестно",
    "a web page instead of JSON": "вместо данных пришла веб-страница",
    "the answer is not JSON": "ответ не похож на данные",
    "the answer is not JSON, or is cut short": "ответ не похож на данные или оборван",
    "the answer is not XML": "ответ не похож на данные",
    "the answer is not XML, or is cut short": "ответ не похож на данные или оборван",
    "the answer is not UTF-8": "ответ не в UTF-8",
    "the answer is not SMTP": "отвечает не почтовый сервер",
    "the answer is not HTTP": "отвечает не веб-сервер",
    "the answer is too long": "ответ слишком длинный",
    "the answer is nested too deeply": "данные вложены слишком глубоко",
    "elements nested too deep": "данные вложены слишком глубоко",
    "JSON, but not of this service": "данные не от этого сервиса",
    "XML, but not of this service": "данные не от этого сервиса",
    "JSON without an answer in it": "данные без ответа",
    "a web page or a document type instead of plain XML": "вместо данных пришла веб-страница",
    "the answer": "ответ",
    "it asks for a proof of being human": "требует доказать, что спрашивает человек",
    "the day is over": "день кончился",
    "the account has no registrations left": "у учётной записи не осталось регистраций",
    "the server offers no TLS, and nothing is sent without it":
        "сервер не предлагает шифрования, а без него ничего не отправляется",
    "login refused: the server offers no way of logging in that is known":
        "вход не принят: сервер не предлагает известного способа входа",
    "it took too long and was ended": "работала слишком долго и была прервана",
    "the connection closed before the whole answer came": "соединение закрылось раньше, чем пришёл весь ответ",
    "Kuaidi100 does not recognise the courier": "Kuaidi100 не узнаёт перевозчика",
    "the proxy refused": "прокси отказал",
    "the body cannot be decompressed": "ответ не распаковывается",
    "the file of certificate authorities cannot be used": "файл удостоверяющих центров негоден",
    "libcurl is out of memory": "не хватает памяти",
    "the certificate is for another host": "сертификат выдан другому узлу",
    "the certificate is not valid yet; is this machine's clock right?":
        "сертификат ещё не действует; верны ли часы этой машины?",
    "the certificate has expired": "срок сертификата истёк",
    "the certificate is self-signed": "сертификат подписан самим сервером",
    "the certificate's issuer is unknown": "сертификат выдан неизвестно кем",
    "the certificate was revoked": "сертификат отозван",
    "the certificate is refused": "сертификат не принят",
    "rate limited": "просит обращаться реже",
    "the shop says that our clock is wrong": "площадка считает, что часы сервера неверны",
    "the clock cannot be believed": "часам сервера нельзя верить",
    "there is no such operator": "такого оператора нет",
    "the session ends as soon as it begins": "сеанс обрывается сразу после входа",
]

/// Longer beginnings before shorter ones.
private let reasonBeginnings: [(english: String, russian: String)] = [
    ("JSON without ", "в данных нет поля "),
    ("OpenSSL's verification error ", "ошибка проверки OpenSSL "),
    ("authentication failed: ", "вход не принят: "),
    ("blocked: ", "не пускает: "),
    ("byte ", "байт "),
    ("cannot be started: ", "не запускается: "),
    ("cannot connect: ", "нет соединения: "),
    ("cannot resolve ", "не находится адрес "),
    ("cannot read ", "не читается поле "),
    ("code ", "код "),
    ("ended by signal ", "прервана сигналом "),
    ("exit status ", "код завершения "),
    ("interrupted: ", "соединение прервано: "),
    ("invalid request: ", "негодный запрос: "),
    ("it redirects elsewhere", "перенаправляет на другой адрес"),
    ("it took too long and was ended: ", "работала слишком долго и была прервана: "),
    ("login refused: ", "вход не принят: "),
    ("no requests left: ", "запросов не осталось: "),
    ("rate limited for ", "просит подождать "),
    ("refused: ", "отказ: "),
    ("status ", "ответ с кодом "),
    ("the answer is larger than ", "слишком большой ответ, больше "),
    ("the chat's id is ", "номер чата теперь "),
    ("the clock went back by ", "часы ушли назад на "),
    ("the host's clock jumped by ", "часы сервера скакнули на "),
    ("the day's ", "исчерпаны запросы дня: "),
    ("the next page is not at ", "следующая страница не на "),
    ("the proxy answered ", "прокси ответил "),
    ("the server refuses TLS: ", "сервер отказывает в шифровании: "),
    ("there are errors at ", "есть ошибки в "),
    ("TLS: ", "нет защищённого соединения: "),
]

/// Those of the beginnings after which a number stands.
private let numbered: Set = [
    "status ", "byte ", "exit status ", "ended by signal ", "the day's ", "the proxy answered ",
]

private let reasonEnds: [(english: String, russian: String)] = [
    (" is no track number", " — не трек-номер")
]

private let lastClauses: [(english: String, russian: String)] = [
    ("choose it: ", "укажите его: "), ("no other host is asked", "другие узлы не спрашиваются"),
    ("choose the courier: ", "укажите перевозчика: "), ("configure the final address", "укажите конечный адрес"),
]

private let afterNumbers = [
    " bytes": " байт", " s": " с", " now": "", " requests are spent": "",
    " without Telegram's answer": " без ответа Telegram",
]
