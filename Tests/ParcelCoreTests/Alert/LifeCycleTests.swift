import ParcelCore
import Testing

// Monday, 2 November 2026, is a working day in both countries; Wednesday, 4 November, is a holiday in Russia.

/// An item that was bought on Monday and of which nothing was heard by Friday, four working days later.
private func stalledWorld(_ days: Int = 4) throws -> RuleWorld {
    var world = try RuleWorld()
    try world.poll("otcommerce", "2026-11-02 10:00", [order(), item(1, 2)])
    #expect(
        try world.poll("otcommerce", "2026-11-06 10:00", [item(1, 2)]) == ["opened stall warning 1907-1"])
    return world
}

private func done(_ deed: Deed, _ world: inout RuleWorld, _ at: String, by who: String = "cli:anna") throws {
    let made = try #require(try change(world.alerts[0], by: deed, of: who, at: try shanghai(at)))
    world.alerts[0] = made.alert
}

struct DeedTests {
    static let deeds: [(deed: Deed, change: Change)] = [
        (.acknowledge, .acknowledged), (.snooze(until: Timestamp(milliseconds: 1_794_200_000_000)), .snoozed),
        (.close, .closed), (.note("звонила логисту"), .noted),
    ]

    @Test(arguments: deeds)
    func `each deed is recorded with who did it and when`(deed: Deed, expected: Change) throws {
        let world = try stalledWorld()
        let now = try shanghai("2026-11-06 12:00")
        let made = try #require(try change(world.alerts[0], by: deed, of: "telegram:Anna", at: now))
        #expect(made.change == expected)
        #expect(made.by == "telegram:Anna")
        #expect(made.at == now)
        #expect(made.cause == .byHand)
    }

    @Test func `the same deed twice changes nothing more`() throws {
        for deed in [Deed.acknowledge, .snooze(until: try shanghai("2026-11-10")), .close] {
            var world = try stalledWorld()
            try done(deed, &world, "2026-11-06 12:00")
            #expect(
                try change(world.alerts[0], by: deed, of: "cli:boris", at: try shanghai("2026-11-06 12:05")) == nil
                    || deed == .close)
        }
        var world = try stalledWorld()
        try done(.close, &world, "2026-11-06 12:00")
        #expect(try change(world.alerts[0], by: .close, of: "cli:boris", at: try shanghai("2026-11-07")) == nil)
    }

    @Test func `a snooze into the past, without an end in reach, or of a closed alert is refused`() throws {
        var world = try stalledWorld()
        let now = try shanghai("2026-11-06 12:00")
        for until in [now, now - .days(1), now + .days(121)] {
            #expect(throws: DeedRefusal.snoozeOutOfRange) {
                try change(world.alerts[0], by: .snooze(until: until), of: "cli:anna", at: now)
            }
        }
        try done(.close, &world, "2026-11-06 12:00")
        #expect(throws: DeedRefusal.closed) {
            try change(world.alerts[0], by: .snooze(until: now + .days(1)), of: "cli:anna", at: now)
        }
        #expect(throws: DeedRefusal.closed) {
            try change(world.alerts[0], by: .acknowledge, of: "cli:anna", at: now)
        }
    }

    static let ends: [(text: String, end: String?)] = [
        // Friday evening in Moscow: the next working day is Monday.
        ("1", "2026-11-09"), ("2", "2026-11-10"), ("5", "2026-11-13"), ("2026-12-01", "2026-12-01"),
        ("0", nil), ("-1", nil), ("61", nil), ("10000", nil), ("2026-11-06", nil), ("2026-11-05", nil),
        ("2027-11-06", nil), ("tomorrow", nil), ("", nil), ("2026-02-30", nil),
    ]

    @Test(arguments: ends)
    func `a snooze is worded as working days of the shop's people or as a date`(text: String, end: String?) throws {
        let world = try RuleWorld()
        let moscow = try zone("Europe/Moscow")
        let now = try #require(try ISO8601("2026-11-06T20:00+03:00").instant)
        guard let end else {
            let problem = #expect(throws: DeedProblem.self) { try Deed("snooze", text, world.rules, at: now) }
            #expect("\(try #require(problem))".contains("1 to 60 working days"))
            return
        }
        let date = try ISO8601(end).date
        #expect(try Deed("snooze", text, world.rules, at: now) == .snooze(until: moscow.firstInstant(of: date)))
    }

    @Test(arguments: ["", String(repeating: "ы", count: 1001)])
    func `a note has something to say and an end`(text: String) throws {
        let world = try stalledWorld()
        #expect(throws: DeedRefusal.noteOutOfRange) {
            try change(world.alerts[0], by: .note(text), of: "cli:anna", at: try shanghai("2026-11-07"))
        }
    }

    @Test func `what a person closed stays closed until the thing moves and is silent again`() throws {
        var world = try stalledWorld()
        try done(.close, &world, "2026-11-06 12:00")
        // Critical by now, and still closed.
        #expect(try world.poll("otcommerce", "2026-11-12 10:00", [item(1, 2)]) == [])
        #expect(try world.poll("otcommerce", "2026-11-12 11:00", [item(1, 4)]) == [])
        #expect(
            try world.poll("otcommerce", "2026-11-16 11:00", [item(1, 4)]) == ["opened stall warning 1907-1"])
    }

    @Test func `acknowledging and snoozing end when the thing moves`() throws {
        for deed in [Deed.acknowledge, .snooze(until: try shanghai("2026-11-25"))] {
            var world = try stalledWorld()
            try done(deed, &world, "2026-11-06 12:00")
            #expect(
                try world.poll("otcommerce", "2026-11-09 10:00", [item(1, 4)]) == ["closed stall warning 1907-1"])
            #expect(
                try world.poll("otcommerce", "2026-11-12 10:00", [item(1, 4)]) == ["opened stall warning 1907-1"])
            #expect(world.alerts.count == 2)
            #expect(world.alerts[1].acknowledged == nil)
            #expect(world.alerts[1].snoozed == nil)
        }
    }
}

struct ReminderTests {
    /// The same item, silent for five working days and told to be critical on Monday, the 9th.
    private func criticalWorld() throws -> RuleWorld {
        var world = try stalledWorld()
        #expect(
            try world.poll("otcommerce", "2026-11-09 10:00", [item(1, 2)]) == ["escalated stall critical 1907-1"])
        return world
    }

    private func reminded(_ world: inout RuleWorld, _ at: String) throws -> [String] {
        let now = try shanghai(at)
        let found = reminders(
            of: world.family, assess(world.family, world.rules), known: world.alerts, world.rules, at: now)
        for change in found { world.alerts[0] = change.alert }
        // A second look at the same time changes nothing.
        #expect(
            reminders(of: world.family, assess(world.family, world.rules), known: world.alerts, world.rules, at: now)
                .isEmpty)
        return found.map { "\($0.change.rawValue) \($0.cause.rawValue)" }
    }

    @Test func `people are reminded after five of their working days, and again after five more`() throws {
        var world = try criticalWorld()
        // Told on Monday the 9th: Tuesday to Friday and Monday are five. Midnight in Moscow is five o'clock in Shanghai.
        #expect(nextReminder(of: world.alerts[0], world.rules) == (try shanghai("2026-11-16 05:00")))
        try world.poll("otcommerce", "2026-11-16 06:00", [item(1, 2)])
        #expect(try reminded(&world, "2026-11-16 04:59") == [])
        #expect(try reminded(&world, "2026-11-16 06:30") == ["reminded overdue"])
        #expect(nextReminder(of: world.alerts[0], world.rules) == (try shanghai("2026-11-23 05:00")))
        try world.poll("otcommerce", "2026-11-23 06:00", [item(1, 2)])
        #expect(try reminded(&world, "2026-11-23 06:30") == ["reminded overdue"])
    }

    @Test func `nobody is reminded of a warning, which either moves or gets worse`() throws {
        let world = try stalledWorld()
        #expect(nextReminder(of: world.alerts[0], world.rules) == nil)
    }

    @Test func `nobody is reminded of a silence that no poll has confirmed since`() throws {
        var world = try criticalWorld()
        #expect(try reminded(&world, "2026-11-20 10:00") == [])
        try world.poll("otcommerce", "2026-11-20 11:00", [item(1, 2)])
        #expect(try reminded(&world, "2026-11-20 11:05") == ["reminded overdue"])
        #expect(world.alerts[0].facts.workingDays == 14)
    }

    @Test func `an acknowledged alert is not reminded of, a snoozed one when the snooze ends`() throws {
        var world = try criticalWorld()
        try done(.acknowledge, &world, "2026-11-09 12:00")
        try world.poll("otcommerce", "2026-11-20 11:00", [item(1, 2)])
        #expect(try reminded(&world, "2026-11-20 11:05") == [])
        try done(.snooze(until: try shanghai("2026-11-24 05:00")), &world, "2026-11-20 12:00")
        try world.poll("otcommerce", "2026-11-24 06:00", [item(1, 2)])
        #expect(try reminded(&world, "2026-11-24 06:01") == ["reminded snooze_over"])
        #expect(world.alerts[0].snoozed == nil)
    }

    @Test func `a refund is told once, and again only when somebody put it off`() throws {
        var world = try RuleWorld()
        try world.poll("otcommerce", "2026-11-02 10:00", [order(), item(1, 2)])
        try world.poll("otcommerce", "2026-11-06 10:00", [item(1, 12)])
        #expect(world.alerts.map(\.kind) == [.refund])
        #expect(nextReminder(of: world.alerts[0], world.rules) == nil)
        try done(.snooze(until: try shanghai("2026-11-10")), &world, "2026-11-06 12:00")
        #expect(try reminded(&world, "2026-11-09 21:00") == [])
        #expect(try reminded(&world, "2026-11-10 00:00") == ["reminded snooze_over"])
    }

    @Test func `where the configuration says never, nobody is reminded`() throws {
        var settings = RuleSettings.standard
        settings.remindAfter = nil
        let rules = try RuleWorld.rules(settings)
        let world = try criticalWorld()
        #expect(nextReminder(of: world.alerts[0], rules) == nil)
        #expect(nextReminder(of: world.alerts[0], world.rules) != nil)
    }
}

struct EpisodeTests {
    @Test func `a status that flips between two providers makes one episode within a working day`() throws {
        var world = try RuleWorld()
        func held(_ yes: Bool) throws -> Snapshot {
            var snapshot = try parcel("519", .at(.crossBorder), items: [1], track: "LP1930191011")
            snapshot.status.condition = yes ? .customsHold : nil
            return snapshot
        }
        try world.poll("otcommerce", "2026-11-02 10:00", [order(), item(1, 6), try held(false)])
        #expect(try world.poll("otcommerce", "2026-11-03 10:00", [try held(true)]) == ["opened condition critical 519"])
        #expect(
            try world.poll("otcommerce", "2026-11-03 11:00", [try held(false)]) == ["closed condition critical 519"])
        #expect(
            try world.poll("otcommerce", "2026-11-03 12:00", [try held(true)]) == ["reopened condition critical 519"])
        #expect(world.alerts.count == 1)
        #expect(world.alerts[0].facts.reopenings == 1)
        #expect(
            try world.poll("otcommerce", "2026-11-03 13:00", [try held(false)]) == ["closed condition critical 519"])
        // Two days later it is another matter.
        #expect(try world.poll("otcommerce", "2026-11-06 13:00", [try held(true)]) == ["opened condition critical 519"])
        #expect(world.alerts.count == 2)
    }

    @Test func `what was confirmed once is not taken back because another provider decides by now`() throws {
        var world = try RuleWorld()
        try world.poll("otcommerce", "2026-11-02 10:00", [order(), item(1, 4, track: "YT1234567890123")])
        var partner = Snapshot(
            id: ExternalID(.item, "77"), status: ReportedStatus(code: "new", text: "", progress: .at(.inbound)))
        partner.label = "1907-1"
        partner.order = "1907"
        try world.poll("litemf", "2026-11-05 10:00", [partner])
        #expect(
            try world.poll("otcommerce", "2026-11-06 10:00", [item(1, 4, track: "YT1234567890123")]) == [
                "opened stall warning 1907-1"
            ])
        // The shop loses it; LiteMF, which decides now, looked on Thursday. The silence that the shop saw stands.
        let id = ExternalID(.item, "ORD-1907/SL-1")
        try world.poll("otcommerce", "2026-11-06 11:00") { $0.absent = [id] }
        try world.poll("otcommerce", "2026-11-06 12:00") { $0.absent = [id] }
        let gone = try world.poll("otcommerce", "2026-11-06 12:10") { $0.notFound = [id] }
        #expect(gone == ["opened vanished warning 1907-1"])
        #expect(world.alerts[0].isOpen)
    }

    @Test func `a corrected calendar lowers or withdraws, says so, and repeats nothing`() throws {
        var world = try stalledWorld()
        #expect(
            try world.poll("otcommerce", "2026-11-09 10:00", [item(1, 2)]) == ["escalated stall critical 1907-1"])
        // Thursday the 5th and Friday the 6th turn out to be holidays in China: Tuesday, Wednesday and Monday are three.
        let csv = "2026-11-05,off,节\n2026-11-06,off,节\n"
        let corrected = try world.corrected(cn: csv)
        let now = try shanghai("2026-11-09 12:00")
        func decided(_ rules: Rules) -> [AlertChange] {
            transitions(of: world.family, assess(world.family, rules), known: world.alerts, rules, at: now)
        }
        let changes = decided(corrected)
        #expect(changes.map(\.change) == [.closed])
        #expect(changes.first?.cause == .recomputed)
        world.alerts[0] = try #require(changes.first).alert
        #expect(decided(corrected).isEmpty)
        // Back again: the same silence is the same episode.
        let back = decided(world.rules)
        #expect(back.map(\.change) == [.reopened])
        #expect(back.first?.alert.rowID == 1)
    }

    @Test func `critical becomes a warning where one day too many was counted`() throws {
        var world = try stalledWorld()
        try world.poll("otcommerce", "2026-11-09 10:00", [item(1, 2)])
        let corrected = try world.corrected(cn: "2026-11-05,off,节\n")
        let now = try shanghai("2026-11-09 12:00")
        let changes = transitions(
            of: world.family, assess(world.family, corrected), known: world.alerts, corrected, at: now)
        #expect(changes.map(\.change) == [.lowered])
        #expect(changes.first?.alert.level == .warning)
        world.alerts[0] = try #require(changes.first).alert
        #expect(
            transitions(of: world.family, assess(world.family, corrected), known: world.alerts, corrected, at: now)
                .isEmpty)
    }
}

struct ContradictionTests {
    @Test func `signed for at the warehouse and not registered within two working days`() throws {
        let track = "YT1234567890123"
        var world = try RuleWorld()
        try world.poll("otcommerce", "2026-11-02 10:00", [order(), item(1, 4, track: track)])
        // Signed for on Tuesday; Thursday is the second working day after it.
        try world.poll(
            "kuaidi100", "2026-11-03 18:00", [try ParcelCoreTests.track(track, ["11-03 17:00 CN delivered"])])
        #expect(try world.poll("otcommerce", "2026-11-04 23:50", [item(1, 4, track: track)]) == [])
        #expect(
            try world.poll("otcommerce", "2026-11-05 00:10", [item(1, 4, track: track)]) == [
                "opened signed warning 1907-1"
            ])
        #expect(world.alerts[0].facts.signedAt == (try shanghai("2026-11-03 17:00")))
        #expect(world.alerts[0].facts.provider == "kuaidi100")
        // Its silence, which began with the signature, is the same matter: it gets worse, and no second one opens.
        #expect(try world.poll("otcommerce", "2026-11-09 10:00", [item(1, 4, track: track)]) == [])
        #expect(
            try world.poll("otcommerce", "2026-11-10 10:00", [item(1, 4, track: track)]) == [
                "escalated signed critical 1907-1"
            ])
        #expect(
            try world.poll("otcommerce", "2026-11-10 12:00", [item(1, 6, track: track)]) == [
                "closed signed critical 1907-1"
            ])
    }

    @Test func `registered in time is no contradiction`() throws {
        let track = "YT1234567890123"
        var world = try RuleWorld()
        try world.poll("otcommerce", "2026-11-02 10:00", [order(), item(1, 4, track: track)])
        try world.poll(
            "kuaidi100", "2026-11-03 18:00", [try ParcelCoreTests.track(track, ["11-03 17:00 CN delivered"])])
        #expect(try world.poll("otcommerce", "2026-11-04 23:50", [item(1, 6, track: track)]) == [])
        #expect(try world.poll("otcommerce", "2026-11-06 10:00", [item(1, 6, track: track)]) == [])
    }

    @Test func `two numbers in one role are told once both still say so a working day later`() throws {
        var world = try RuleWorld()
        func partner(_ track: String) throws -> Snapshot {
            var snapshot = try parcel("97304", .at(.handover), code: "new", items: [1], track: track, at: "litemf")
            snapshot.sameAs = ForeignID("otcommerce", ExternalID(.parcel, "519"))
            return snapshot
        }
        let shop = { try parcel("519", .at(.handover), items: [1], track: "LP1930191011") }
        try world.poll("otcommerce", "2026-11-02 09:00", [order(), item(1, 6), try shop()])
        try world.poll("litemf", "2026-11-02 10:00", [try partner("LP1930191012")])
        // Told by LiteMF alone so far: the shop may just not have heard.
        #expect(try world.poll("litemf", "2026-11-03 10:00", [try partner("LP1930191012")]) == [])
        #expect(
            try world.poll("otcommerce", "2026-11-03 11:00", [try shop()]) == ["opened two_numbers warning 519"])
        #expect(world.alerts[0].facts.disagreeing == ["litemf", "otcommerce"])
        #expect(
            try world.poll("litemf", "2026-11-03 12:00", [try partner("LP1930191011")]) == [
                "closed two_numbers warning 519"
            ])
    }

    /// A shop and a partner that give different numbers since Monday, of which is told on Tuesday.
    private func disagreeing() throws -> RuleWorld {
        var world = try RuleWorld()
        try world.poll("otcommerce", "2026-11-02 09:00", [order(), item(1, 6), try shop("LP1930191011")])
        try world.poll("litemf", "2026-11-02 10:00", [try partner("LP1930191012")])
        try world.poll("litemf", "2026-11-03 10:00", [try partner("LP1930191012")])
        #expect(
            try world.poll("otcommerce", "2026-11-03 11:00", [try shop("LP1930191011")]) == [
                "opened two_numbers warning 519"
            ])
        return world
    }

    private func shop(_ track: String?) throws -> Snapshot {
        try parcel("519", .at(.handover), items: [1], track: track)
    }

    private func partner(_ track: String?) throws -> Snapshot {
        var snapshot = try parcel("97304", .at(.handover), code: "new", items: [1], track: track, at: "litemf")
        snapshot.sameAs = ForeignID("otcommerce", ExternalID(.parcel, "519"))
        return snapshot
    }

    @Test func `two numbers stay told while an answer cannot be read or does not show the parcel`() throws {
        var world = try disagreeing()
        let (mine, theirs) = (ExternalID(.parcel, "519"), ExternalID(.parcel, "97304"))
        #expect(
            try world.poll("litemf", "2026-11-03 12:00") { $0.rejected = [Rejected(id: theirs, field: "track")] } == [])
        #expect(try world.poll("otcommerce", "2026-11-03 12:30") { $0.absent = [mine] } == [])
        // Seen again, as it was: the same matter, not told anew.
        #expect(try world.poll("litemf", "2026-11-03 13:00", [try partner("LP1930191012")]) == [])
        #expect(try world.poll("otcommerce", "2026-11-03 13:30", [try shop("LP1930191011")]) == [])
        #expect(world.alerts.map(\.isOpen) == [true])
        // Unreadable when it comes to agree, and readable a poll later: only that closes it.
        try world.poll("litemf", "2026-11-03 14:00") { $0.rejected = [Rejected(id: theirs, field: "track")] }
        #expect(
            try world.poll("litemf", "2026-11-03 15:00", [try partner("LP1930191011")]) == [
                "closed two_numbers warning 519"
            ])
        #expect(world.alerts[0].facts.cause == .moved)
    }

    @Test func `an answer that cannot be read begins no disagreement`() throws {
        var world = try RuleWorld()
        let theirs = ExternalID(.parcel, "97304")
        try world.poll("otcommerce", "2026-11-02 09:00", [order(), item(1, 6), try shop("LP1930191011")])
        try world.poll("litemf", "2026-11-02 10:00", [try partner("LP1930191012")])
        try world.poll("litemf", "2026-11-03 10:00") { $0.rejected = [Rejected(id: theirs, field: "track")] }
        #expect(try world.poll("otcommerce", "2026-11-03 11:00", [try shop("LP1930191011")]) == [])
        // Nor is the parcel said to be out of sight for its sake: the shop, which decides, was heard.
        #expect(try world.assessment(.parcel, "519").deadline.map { $0 > (try shanghai("2026-11-03 11:00")) } == true)
        #expect(
            try world.poll("litemf", "2026-11-03 12:00", [try partner("LP1930191012")]) == [
                "opened two_numbers warning 519"
            ])
    }

    @Test func `two numbers end when whoever gave one takes it back, names another, or is gone`() throws {
        var forgotten = try disagreeing()
        #expect(
            try forgotten.poll("litemf", "2026-11-03 12:00", [try partner(nil)]) == ["closed two_numbers warning 519"])
        // A third number is another disagreement, which has to last as the first one had.
        var other = try disagreeing()
        #expect(
            try other.poll("litemf", "2026-11-03 12:00", [try partner("LP1930191013")]) == [
                "closed two_numbers warning 519"
            ])
        #expect(other.alerts[0].facts.cause == .superseded)
        try other.poll("litemf", "2026-11-04 12:00", [try partner("LP1930191013")])
        #expect(
            try other.poll("otcommerce", "2026-11-04 12:30", [try shop("LP1930191011")]) == [
                "opened two_numbers warning 519"
            ])
        var gone = try disagreeing()
        let theirs = ExternalID(.parcel, "97304")
        for hour in ["12", "13"] { try gone.poll("litemf", "2026-11-03 \(hour):00") { $0.absent = [theirs] } }
        #expect(gone.alerts.filter(\.isOpen).map(\.kind) == [.twoNumbers])
        let changes = try gone.poll("litemf", "2026-11-03 13:10") { $0.notFound = [theirs] }
        #expect(changes.sorted() == ["closed two_numbers warning 519", "opened vanished warning 519"])
    }

    @Test func `each partner's own id of one parcel is no contradiction`() throws {
        var world = try RuleWorld()
        var partner = try parcel("97304", .at(.handover), code: "new", items: [1], track: "RP11519", at: "shiptor")
        partner.sameAs = ForeignID("otcommerce", ExternalID(.parcel, "519"))
        let shop = try parcel("519", .at(.handover), items: [1], track: "LP1930191011")
        try world.poll("otcommerce", "2026-11-02 09:00", [order(), item(1, 6), shop])
        try world.poll("shiptor", "2026-11-02 10:00", [partner])
        #expect(try world.poll("otcommerce", "2026-11-04 11:00", [shop]) == [])
        #expect(try world.poll("shiptor", "2026-11-04 12:00", [partner]) == [])
    }

    @Test func `a number that one provider has and the other one hears of in time is no contradiction`() throws {
        var world = try RuleWorld()
        func partner(_ track: String) throws -> Snapshot {
            var snapshot = try parcel("97304", .at(.handover), code: "new", items: [1], track: track, at: "litemf")
            snapshot.sameAs = ForeignID("otcommerce", ExternalID(.parcel, "519"))
            return snapshot
        }
        func shop(_ track: String?) throws -> Snapshot { try parcel("519", .at(.handover), items: [1], track: track) }
        try world.poll("otcommerce", "2026-11-02 09:00", [order(), item(1, 6), try shop(nil)])
        try world.poll("litemf", "2026-11-02 10:00", [try partner("LP1930191012")])
        try world.poll("otcommerce", "2026-11-02 11:00", [try shop("LP1930191011")])
        try world.poll("litemf", "2026-11-02 12:00", [try partner("LP1930191011")])
        #expect(try world.poll("otcommerce", "2026-11-04 11:00", [try shop("LP1930191011")]) == [])
        #expect(try world.poll("litemf", "2026-11-04 12:00", [try partner("LP1930191011")]) == [])
    }
}

struct TellingStepsTests {
    static let steps: [(steps: String, expected: String?)] = [
        ("opened:warning", "opened warning"), ("opened:warning escalated:critical", "opened critical"),
        ("opened:warning closed:warning", "was_silent warning"), ("escalated:critical", "escalated critical"),
        // Back at the level that they heard of: nothing to say.
        ("escalated:critical lowered:warning", nil), ("lowered:warning escalated:critical", nil),
        ("closed:warning reopened:warning", nil), ("reopened:warning closed:warning", nil),
        // Closed and back before anybody knew, and worse by now.
        ("closed:warning reopened:critical", "escalated critical"),
        ("closed:critical reopened:warning", "lowered warning"),
        ("escalated:critical reminded:critical", "escalated critical"), ("reminded:critical", "reminded critical"),
        ("reopened:warning escalated:critical", "reopened critical"),
        ("reminded:critical closed:critical", "closed critical"),
    ]

    @Test(arguments: steps)
    func `what changed more than once before it could be told is told once, against what they heard`(
        steps: String, expected: String?
    ) throws {
        let rows = try steps.split(separator: " ").enumerated().map { index, step in
            let parts = step.split(separator: ":").map(String.init)
            let level: Level = parts[1] == "critical" ? .critical : .warning
            return OutboxRow(
                rowID: Int64(index + 1), recipient: "manager", channel: "telegram", alert: 1, alertKey: "k",
                kind: .stall, change: try #require(Change(rawValue: parts[0])), level: level, isOverview: false,
                facts: AlertFacts(), createdAt: try shanghai("2026-11-06"), notBefore: try shanghai("2026-11-06"))
        }
        let told = compose(rows).map { "\($0.telling.rawValue) \($0.level == .critical ? "critical" : "warning")" }
        #expect(told == expected.map { [$0] } ?? [])
    }
}

struct ServiceDeedTests {
    @Test func `a matter of the service is not closed by hand, because its cause would open it again`() throws {
        let now = try shanghai("2026-11-06 12:00")
        let alert = Alert(
            kind: .coverageEnds, thing: nil, key: "k", level: .warning, openedAt: now, facts: AlertFacts())
        #expect(throws: DeedRefusal.endsByItself) { try change(alert, by: .close, of: "cli:anna", at: now) }
        #expect(try change(alert, by: .acknowledge, of: "cli:anna", at: now)?.change == .acknowledged)
    }

    @Test func `a snooze that is taken back is over at once, so that what it held back is told`() throws {
        var world = try stalledWorld()
        try done(.snooze(until: try shanghai("2026-11-25")), &world, "2026-11-06 12:00")
        try done(.unsnooze, &world, "2026-11-06 13:00")
        #expect(!world.alerts[0].isSnoozed(at: try shanghai("2026-11-06 13:00")))
        #expect(nextReminder(of: world.alerts[0], world.rules) == (try shanghai("2026-11-06 13:00")))
        #expect(
            try change(world.alerts[0], by: .unsnooze, of: "cli:anna", at: try shanghai("2026-11-06 14:00")) == nil)
    }

    @Test func `what cannot be checked besides is told again on the next working day`() throws {
        let world = try RuleWorld()
        var state = ServiceState()
        func look(_ labels: [String], _ known: [Alert], _ at: String) throws -> [AlertChange] {
            state.unchecked = [UncheckedGroup(provider: "litemf", reason: "unreadable", labels: labels)]
            return serviceTransitions(
                state, known: known, downAfter: .hours(1), world.rules, at: try shanghai(at))
        }
        var open = try look(["1907-1"], [], "2026-11-02 12:00").map(\.alert)
        #expect(open.count == 1)
        open[0].rowID = 1
        #expect(try look(["1907-1", "1907-2"], open, "2026-11-02 18:00").isEmpty)
        #expect(try look(["1907-1"], open, "2026-11-03 12:00").isEmpty)
        let again = try look(["1907-2"], open, "2026-11-03 12:00")
        #expect(again.map(\.change) == [.reminded])
        #expect(try look(["1907-2"], again.map(\.alert), "2026-11-03 12:00").isEmpty)
    }
}
