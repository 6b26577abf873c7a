// The page docs/alerts.md, put together from the texts that parceld sends: what each alert looks like, why it comes and
// what to do.

import ParcelCore
import Testing

@testable import ParcelChannels

struct AlertPage {
    let reader: Reader
    private let settings = RuleSettings.standard

    func say(_ russian: String, _ english: String) -> String { reader.say(russian, english) }

    static func whole(_ readers: [Reader]) throws -> String {
        let head = """
            # Тревоги parceld · The alerts of parceld

            [На русском](#на-русском) · [In English](#in-english)

            """
        let parts = try readers.map { try AlertPage(reader: $0).page() }
        return head + "\n" + parts.joined(separator: "\n")
    }

    private func page() throws -> String {
        var parts = ["## " + say("На русском", "In English"), introduction]
        parts += try AlertKind.allCases.flatMap { kind in try section(kind) }
        parts += ["### " + say("Когда всё прошло", "When it is over"), closingIntroduction, example(try closings())]
        parts += [
            "### " + say("Первое знакомство", "The first look"),
            say(
                "Что стояло ещё до установки, сообщается один раз, одним списком. Дальше – как обычно.",
                "What stood still before parceld was installed is told once, in one list. After that all is as usual."),
            example([try overview()]),
        ]
        return parts.joined(separator: "\n\n") + "\n"
    }

    private var introduction: String {
        say(
            """
            «⚠️» – пора обратить внимание, «🔴» – пора действовать. Дни считаются рабочие, по календарю той страны, где сейчас
            ждут; в каждой тревоге они перечислены. Пороги ниже – те, что заданы по умолчанию. Почему тревога есть или её нет:
            `parcelctl explain 1907-2`. Готовое письмо: `parcelctl letter 1907-2`.
            """,
            """
            “⚠️” says that it is time to look, “🔴” that it is time to act. Days are working days of the country in which
            something is waited for; each alert lists them. The thresholds below are the defaults. Why there is an alert, or
            none: `parcelctl explain 1907-2`. A ready letter: `parcelctl letter 1907-2`.
            """)
    }

    private func section(_ kind: AlertKind) throws -> [String] {
        var parts = ["### " + capitalised(reader.word(kind)), cause(kind)]
        switch kind {
        case .stall: for stage in Stage.allCases { parts += try stall(stage) }
        case .condition:
            parts.append(example([text(of: try sample(.condition), for: reader)]))
            parts.append(try conditions())
        default: parts.append(example([text(of: try sample(kind), for: reader)]))
        }
        return parts
    }

    private func example(_ texts: [String]) -> String { "```text\n" + texts.joined(separator: "\n") + "\n```" }

    private func stall(_ stage: Stage) throws -> [String] {
        let rule = try #require(settings.stages[stage])
        let calendars = rule.calendars.map { reader.calendar($0) }.joined(separator: " + ")
        let escalated = try sample(stage, .escalated)
        return [
            "#### " + capitalised(reader.word(stage)),
            say("Внимание через ", "Warning after ") + reader.workingDays(rule.warning)
                + say(", критично через ", ", critical after ") + "\(rule.critical)"
                + say("; календарь: ", "; calendar: ") + calendars + say("; кого спросить: ", "; whom to ask: ")
                + rule.contacts.map { reader.word($0) }.joined(separator: ", ") + ".",
            example([text(of: try sample(stage, .opened), for: reader)]),
            say("Если движения так и нет:", "If nothing moves after that:"),
            example([thingHeading(escalated, reader)]),
        ]
    }

    private func conditions() throws -> String {
        var rows = [
            "| " + say("проблема", "trouble") + " | " + say("что делать", "what to do") + " |", "| --- | --- |",
        ]
        for condition in Condition.allCases {
            var item = try sample(.condition)
            item.facts.condition = condition
            let advice = adviceLines(item, reader)
            #expect(!advice.isEmpty)
            rows.append("| \(thingHeading(item, reader)) | \(advice.joined(separator: " ")) |")
        }
        return rows.joined(separator: "\n")
    }

    private var closingIntroduction: String {
        say(
            "Тревога закрывается сама, одной строкой. Если всё прошло раньше, чем о ней успели сообщить, приходит только эта строка.",
            "An alert closes by itself, in one line. What was over before it could be told is that one line only.")
    }

    private func closings() throws -> [String] {
        let at = Since(try instant("2017-10-12T10:00:00+08:00"), .seen)
        let facts = try item1907(confirmed: "2017-10-10T03:12:00+03:00", threshold: 5)
        let moved = closed(facts, .moved, status: "Получено на склад", at: at)
        var items = [
            item(.closed, .stall, moved), item(.wasSilent, .stall, moved),
            item(.closed, .stall, closed(facts, .finished, status: "Доставлено", at: at)),
            item(.closed, .stall, closed(facts, .waits, at: at)),
            item(.closed, .stall, closed(facts, .recomputed, at: at)),
        ]
        for kind in AlertKind.allCases where kind != .stall {
            var over = try sample(kind)
            over.telling = .closed
            over.facts.cause = kind.isAboutService ? .recovered : .moved
            over.facts.movedAt = at
            over.facts.newStatus = kind.isAboutService ? nil : "Получено на склад"
            items.append(over)
        }
        return items.map { ParcelChannels.text(of: $0, for: reader) }
    }

    private func overview() throws -> String {
        let items = try [Stage.inbound, .handover, .crossBorder].map { stage in
            var item = try sample(stage, .opened)
            item.isOverview = true
            return item
        }
        return texts(
            of: Message(
                items: items, language: reader.language, zone: reader.zone, dedupKey: "", composedAt: items[0].changedAt
            )
        ).joined(separator: "\n")
    }
}

// What the examples are about.
extension AlertPage {
    private func sample(_ stage: Stage, _ telling: MessageItem.Telling) throws -> MessageItem {
        let rule = try #require(settings.stages[stage])
        let isParcel = stage.rank(of: .item) >= 50
        var facts =
            isParcel
            ? try parcel519(confirmed: "2017-07-12T03:12:00+03:00", threshold: rule.warning)
            : try item1907(confirmed: "2017-09-28T03:12:00+03:00", threshold: rule.warning)
        if stage == .assembly {
            (facts.thingKind, facts.label, facts.order, facts.holdsUp) = (.order, "ORD-000001907", nil, nil)
            facts.numbers = nil
        }
        if [.payment, .purchase, .trackAssignment].contains(stage) { (facts.numbers, facts.holdsUp) = (nil, nil) }
        if isParcel, stage != .handover {
            let number = try #require(TrackNumber("LP1930191011"))
            facts.numbers = [.init(role: .forwarder, number: number.description, page: carrierPage(for: number))]
        }
        facts.stage = stage
        facts.statusText = nil
        let days = try workingDays(rule.calendars, rule.zone)
        let count = telling == .escalated ? rule.critical : rule.warning
        let since = try #require(facts.since)
        let due = try #require(days.due(from: .instant(since.at), after: count))
        facts.count(from: since, to: due.instant + .hours(3), threshold: count, days)
        facts.contacts = rule.contacts.flatMap { role in
            (settings.contacts[role] ?? []).map {
                AlertFacts.AddressedContact(role: role, name: $0.name, url: $0.url)
            }
        }
        return item(telling, .stall, facts, telling == .escalated ? .critical : .warning)
    }

    private func sample(_ kind: AlertKind) throws -> MessageItem {
        var facts: AlertFacts
        switch kind {
        case .stall: return try sample(.inbound, .opened)
        case .refund: return item(.opened, kind, refund1872(), .critical)
        case .contradiction:
            facts = try item1907(confirmed: "2017-10-10T03:12:00+03:00", threshold: 5)
            (facts.disagreeing, facts.holdsUp) = (["kuaidi100"], nil)
        case .condition:
            facts = try parcel519(confirmed: "2017-07-18T03:12:00+03:00", threshold: 5)
            (facts.condition, facts.stage, facts.statusText) = (.customsHold, .crossBorder, nil)
        case .signed:
            facts = try item1907(confirmed: "2017-10-09T03:12:00+03:00", threshold: 4)
            (facts.provider, facts.holdsUp) = ("kuaidi100", nil)
            facts.signedAt = facts.since?.at
        case .twoNumbers:
            facts = try parcel519(confirmed: "2017-07-18T03:12:00+03:00", threshold: 5)
            facts.disagreeing = ["litemf", "otcommerce"]
            facts.numbers = ["LP1930191011", "LP1930191022"].map { .init(role: .forwarder, number: $0, page: nil) }
        case .vanished:
            facts = try item1907(confirmed: "2017-10-10T03:12:00+03:00", threshold: 5)
            (facts.provider, facts.holdsUp) = ("litemf", nil)
        default: facts = try service(kind)
        }
        return item(
            .opened, kind, facts,
            [.vanished, .contradiction, .signed, .twoNumbers].contains(kind) ? .warning : .critical)
    }

    private func service(_ kind: AlertKind) throws -> AlertFacts {
        var facts = try providerDown()
        switch kind {
        case .authentication: facts.reason = "authentication failed: status 401"
        case .cannotBeChecked: (facts.reason, facts.holdsUp) = ("missing", ["1907-1", "1907-2", "515"])
        case .clock: (facts.provider, facts.reason) = (nil, "the host's clock jumped by 3600 s")
        case .channelRefused:
            (facts.provider, facts.channel, facts.reason) = (nil, "telegram", "Bad Request: chat not found")
        case .coverageEnds: (facts.calendars, facts.coverageEnd) = (["cn"], try date(2026, 12, 31))
        case .templateBroken:
            (facts.provider, facts.file) = (nil, "stall.mustache")
            facts.reason = templateMistakes("stall.mustache", "{{heading}}\n{{nmae}}")[0].description
        case .database: (facts.provider, facts.reason) = (nil, "database_full")
        default: break
        }
        return facts
    }

    private func cause(_ kind: AlertKind) -> String {
        switch kind {
        case .stall:
            say(
                "Позиция слишком долго не двигалась, и это подтвердил тот, кто за неё отвечает. Если его не слышно, такой тревоги не будет.",
                "A thing has not moved for too long, and whoever decides about it has confirmed that. While that one is not heard from there is no such alert."
            )
        case .contradiction:
            say(
                "Порог молчания достигнут, но другой сервис считает, что всё уже завершено.",
                "The threshold of silence was reached, but another provider says that it is finished.")
        case .signed:
            say(
                "Курьер сообщил о вручении на складе, а склад и через два рабочих дня не зарегистрировал товар. Эта тревога заменяет тревогу о молчании.",
                "The courier said that it was signed for at the warehouse, which has not registered it within two working days. Told in place of its silence."
            )
        case .twoNumbers:
            say(
                "Два сервиса называют в одной роли разные номера, и прошёл рабочий день, но ни один не поправился.",
                "Two providers give different numbers in one role, and a working day later both still do.")
        case .refund:
            say(
                "Товар не могут поставить; деньги возвращаются на счёт.",
                "The item cannot be supplied; its price goes back to the account.")
        case .condition:
            say(
                "Магазин, логист или перевозчик сообщил о проблеме. Ждать порога незачем: сообщаем сразу.",
                "The shop, the logist or a carrier reports trouble. It is told at once, without waiting for a threshold."
            )
        case .vanished:
            say(
                "Позиции нет в двух полных списках подряд, и по её номеру сервис тоже ничего не находит.",
                "Two complete lists in a row did not have the thing, and the provider does not find it by its number either."
            )
        case .cannotBeChecked:
            say(
                "Срок проверки вышел больше рабочего дня назад, а ответа о позиции всё нет. Одна тревога на сервис и причину.",
                "It should have been confirmed more than a working day ago, and no answer says how it is. One alert for a provider and a reason."
            )
        case .providerDown:
            say(
                "Сервис не отвечает дольше часа (`provider_down_after`). Одна тревога, сколько бы позиций его ни ждало.",
                "A provider has not answered for more than an hour (`provider_down_after`). One alert, however many things wait for it."
            )
        case .authentication:
            say(
                "Сервис отверг ключ или пароль. Исправить может только человек, поэтому напоминаем каждый рабочий день.",
                "The provider refused the key or password. Only a person can mend that, so it is told again every working day."
            )
        case .clock:
            say(
                "Часы сервера скакнули или расходятся с часами сервисов. С неверным временем ничего не решаем.",
                "The host's clock jumped, or differs from the providers'. With the wrong time nothing is decided.")
        case .channelRefused:
            say(
                "Канал окончательно отказался принимать сообщения или не принимает их уже сутки. Сообщаем по остальным каналам.",
                "A channel refuses messages for good, or has not taken one for a day. It is told through the others.")
        case .coverageEnds:
            say(
                "Праздники известны ещё не больше чем на 30 дней вперёд.",
                "Holidays are known for no more than 30 days ahead.")
        case .templateBroken:
            say(
                "В папке `templates` появился файл с ошибкой.", "A file in the folder `templates` has a mistake.")
        case .database:
            say(
                "Кончилось место на диске, или файл базы нельзя записать. Тревогу в этом случае записать некуда, поэтому каждый канал сообщает о ней напрямую, в часы получателя и один раз; после перезапуска может повторить.",
                "The disk is full, or the database's file cannot be written. There is nowhere to write the alert down then, so each channel tells of it directly, in the recipient's hours and once; after a restart it may again."
            )
        }
    }
}
