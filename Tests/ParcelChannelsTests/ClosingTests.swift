import ParcelChannels
import ParcelCore
import Testing

/// A matter of the service that ended, why, what is said of it in both languages, and what must not be.
private let ends: [(kind: AlertKind, cause: Cause, ru: String, en: String)] = [
    (.providerDown, .superseded, "LiteMF отвечает", "LiteMF answers"),
    (.providerDown, .recomputed, "настройки изменились", "the configuration has changed"),
    (.authentication, .recomputed, "настройки изменились", "the configuration has changed"),
    (.cannotBeChecked, .superseded, "говорит другая тревога", "told by another alert"),
    (.channelRefused, .recomputed, "больше не используется", "is not used any more"),
    (.coverageEnds, .superseded, "новый скоро кончится", "ends soon again"),
    (.coverageEnds, .recomputed, "больше не используется", "is not used any more"),
]

@Test(arguments: ends)
func `what ended for another reason is not said to be well again`(
    kind: AlertKind, cause: Cause, ru: String, en: String
) throws {
    var facts = AlertFacts()
    facts.provider = "litemf"
    (facts.channel, facts.calendars, facts.cause) = ("office", ["cn"], cause)
    for telling in [MessageItem.Telling.closed, .wasSilent] {
        let russian = text(of: item(telling, kind, facts), for: try reader(.ru))
        let english = text(of: item(telling, kind, facts), for: try reader(.en))
        #expect(russian.contains(ru) && !russian.contains("снова"))
        #expect(english.contains(en) && !english.contains("answers again") && !english.contains("checked again"))
    }
}

@Test func `a database that came back before anybody was told is one line with both times`() throws {
    var facts = AlertFacts()
    facts.cause = .recovered
    facts.failingSince = try instant("2026-11-02T10:00:00+03:00")
    facts.movedAt = Since(try instant("2026-11-02T12:30:00+03:00"), .seen)
    let told = text(of: item(.wasSilent, .database, facts), for: try reader(.ru))
    #expect(
        told.contains("База данных снова записывается (2 ноября 2026, 12:30); не записывалась с 2 ноября 2026, 10:00"))
}

@Test func `two numbers are said to be one again only where they are`() throws {
    var facts = AlertFacts()
    (facts.label, facts.thingKind) = ("519", .parcel)
    for (cause, isOne) in [(Cause.moved, true), (.superseded, false), (.finished, false), (.byHand, false)] {
        facts.cause = cause
        let told = text(of: item(.closed, .twoNumbers, facts, .warning), for: try reader(.ru))
        #expect(told.contains("номер снова один") == isOne)
    }
}
