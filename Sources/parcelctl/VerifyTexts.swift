// How the promises of a database, their breaches and what is done about them are told to people.

import ParcelChannels
import ParcelStore

extension Reader {
    func title(_ promise: Promise) -> String {
        switch promise {
        case .integrity: say("файл читается (SQLite)", "the file can be read (SQLite)")
        case .references: say("ссылки ведут к строкам", "references lead to rows")
        case .schema: say("таблицы как положено", "tables are as they should be")
        case .words: say("значения понятны этой версии", "values are known to this version")
        case .instants: say("времена в пределах", "instants are in range")
        case .history: say("история без пропусков", "history has no gaps")
        case .steps: say("тревоги соответствуют своим шагам", "alerts are what their steps made of them")
        case .openAlerts: say("у открытых тревог есть причина", "open alerts have their cause")
        case .outbox: say("у уведомлений есть тревога", "notifications have their alert")
        case .messages: say("сказанное отмечено", "what was told is marked so")
        case .things: say("заказы, товары и посылки связны", "orders, items and parcels fit together")
        }
    }

    func words(_ breach: Breach) -> String {
        [breach.place, why(breach.reason), harmless(breach.detail)].filter { !$0.isEmpty }.joined(separator: ": ")
    }

    private func why(_ reason: Reason) -> String {
        switch reason {
        case .damaged: say("файл повреждён", "the file is damaged")
        case .danglingReference: say("ссылка в никуда", "it refers to nothing")
        case .otherSchema:
            say("определение не то, что создаёт parceld", "its definition is not the one that parceld makes")
        case .unknownWord: say("неизвестное значение", "an unknown value")
        case .unreadableText: say("текст JSON не читается", "its JSON cannot be read")
        case .outOfRange: say("время вне пределов", "an instant out of range")
        case .missingRows: say("строки до и включая эту пропали", "rows up to and with this one are missing")
        case .happenedAfterSeen: say("случилось позже, чем увидено", "it happened after it was seen")
        case .neverOpened: say("первый шаг не «открыта»", "its first step does not open it")
        case .otherState:
            say("уровень или конец не по последнему шагу", "its level or end is not that of its last step")
        case .noThing: say("нет того, о чём она", "what it is about is not there")
        case .joinedThing: say("объект слит с другим", "its thing was joined to another")
        case .finishedThing: say("объект завершён", "its thing has finished")
        case .noSuchCause: say("ничто о нём этого не говорит", "nothing known of its thing says so")
        case .openTwice: say("открыта дважды", "it is open twice")
        case .noAlert: say("нет её тревоги", "its alert is not there")
        case .noMessage: say("нет её сообщения", "its message is not there")
        case .otherRecipient: say("её сообщение другому получателю", "its message is another recipient's")
        case .toldInPart: say("отмечено доставленным, а сказано не всё", "marked as delivered, but told in part")
        case .toldWithoutTime: say("сказано целиком, а времени доставки нет", "told whole, but without a delivery time")
        case .halfEnded: say("конец и состояние противоречат", "its end and its state contradict each other")
        case .wrongKind: say("связано с тем, с чем не может", "it is tied to what it cannot belong to")
        }
    }

    func advice(_ promise: Promise) -> String {
        switch promise {
        case .integrity, .references, .schema:
            say(
                "остановите parceld и восстановите копию: parcelctl restore ФАЙЛ; этот файл сохранится",
                "stop parceld and restore a backup: parcelctl restore FILE; this file is kept")
        case .words:
            say(
                "если файл от другой версии, возьмите её; иначе восстановите копию",
                "if another version wrote it, use that one; else restore a backup")
        case .openAlerts, .steps:
            say(
                "parcelctl poll ОБЪЕКТ решает заново; parcelctl close '#НОМЕР' закрывает",
                "parcelctl poll THING decides it anew; parcelctl close '#NUMBER' closes it")
        case .instants:
            say(
                "проверьте часы машины и перезапустите parceld; если останется, восстановите копию",
                "check the machine's clock and restart parceld; restore a backup if it stays")
        case .history, .outbox, .messages, .things:
            say(
                "строки изменила другая программа или ошибка: восстановите копию, где их ещё не трогали, и сообщите об ошибке",
                "another program or a bug changed rows: restore a backup from before, and report it")
        }
    }
}
