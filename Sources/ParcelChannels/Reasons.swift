// Why something failed, for people. Reasons are written in English where they arise, for the log; those that are known
// are put into Russian here, and any other is shown as it is.

import ParcelCore

extension Reader {
    package func reason(_ text: String) -> String {
        let plain = harmless(text)
        if let (russian, english) = groups[plain] { return say(russian, english) }
        guard language == .ru else { return plain }
        if let whole = wholeReasons[plain] { return whole }
        for (english, russian) in reasonBeginnings where plain.hasPrefix(english) {
            let rest = String(plain.dropFirst(english.count))
            return russian + (wholeReasons[rest] ?? rest)
        }
        return plain
    }
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
    "a web page instead of JSON": "вместо данных пришла веб-страница",
    "the answer is not JSON": "ответ не похож на данные",
    "rate limited": "просит обращаться реже",
    "the shop says that our clock is wrong": "площадка считает, что часы сервера неверны",
    "the clock cannot be believed": "часам сервера нельзя верить",
    "there is no such operator": "такого оператора нет",
    "the session ends as soon as it begins": "сеанс обрывается сразу после входа",
]

/// Longer beginnings before shorter ones.
private let reasonBeginnings: [(english: String, russian: String)] = [
    ("authentication failed: ", "вход не принят: "),
    ("cannot connect: ", "нет соединения: "),
    ("cannot resolve ", "не находится адрес "),
    ("cannot read ", "не читается поле "),
    ("interrupted: ", "соединение прервано: "),
    ("it redirects elsewhere", "перенаправляет на другой адрес"),
    ("rate limited for ", "просит подождать "),
    ("refused: ", "отказ: "),
    ("status ", "ответ с кодом "),
    ("the answer is larger than ", "слишком большой ответ, больше "),
    ("the clock went back by ", "часы ушли назад на "),
    ("the host's clock jumped by ", "часы сервера скакнули на "),
    ("TLS: ", "нет защищённого соединения: "),
]
