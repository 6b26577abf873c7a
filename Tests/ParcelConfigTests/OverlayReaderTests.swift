import ParcelConfig
import ParcelCore
import Testing

struct OverlayReaderTests {
    static let whole = """
        overlays:
          - name: Our logist rests
            off: [2027-01-20..2027-02-15, 2027-02-22]
            contacts: logist
          - {name: The warehouse, work: 2027-02-20, week: six, stages: [inbound, handover]}
        """

    @Test func `overlays arrive with their ranges, and reach the stages that they name`() throws {
        let (config, problems) = read(small(13, Self.whole))
        #expect(problems == [])
        let date = { (text: String) in try ISO8601(text).date }
        #expect(
            config.rules.overlays == [
                Overlay(
                    name: "Our logist rests",
                    off: [try date("2027-01-20")...date("2027-02-15"), try date("2027-02-22")...date("2027-02-22")],
                    contacts: [.logist]),
                Overlay(
                    name: "The warehouse", work: [try date("2027-02-20")...date("2027-02-20")], week: .six,
                    stages: [.inbound, .handover]),
            ])
        let names = { (stage: Stage) in config.rules.overlays(of: stage).map(\.name) }
        #expect(names(.purchase) == ["Our logist rests"])
        #expect(names(.inbound) == ["Our logist rests", "The warehouse"])
        // The carrier is the first to be written to there, and does not rest with the logist.
        #expect(names(.origin) == [])
        #expect(names(.payment) == [])
    }

    static let bad: [BadCase] = [
        BadCase(13, "overlays: {name: x}", (13, "overlays", "expected a list")),
        BadCase(13, "overlays:\n  - {off: 2027-01-20, stages: [inbound]}", (14, "overlays[0]", "name is missing")),
        BadCase(13, "overlays:\n  - {name: x, stages: [inbound]}", (14, "overlays[0]", "give it off, work or week")),
        BadCase(13, "overlays:\n  - {name: x, week: six}", (14, "overlays[0]", "which stages or contacts")),
        BadCase(
            13, "overlays:\n  - name: x\n    week: five\n    stages: [inbound]",
            (15, "overlays[0].week", "is not one of six, seven")),
        BadCase(
            13, "overlays:\n  - name: x\n    weeks: six\n    off: 2027-01-20\n    stages: [inbound]",
            (15, "overlays[0].weeks", "did you mean week?")),
        BadCase(
            13, "overlays:\n  - name: x\n    off:\n      - 2027-01-20\n      - 2027-02-30\n    stages: [inbound]",
            (17, "overlays[0].off[1]", "expected a date such as")),
        BadCase(
            13, "overlays:\n  - name: x\n    off: 2027-02-15..2027-01-20\n    stages: [inbound]",
            (15, "overlays[0].off", "ends before it begins")),
        BadCase(
            13, "overlays:\n  - name: x\n    off: 2027-01-20..2028-02-15\n    stages: [inbound]",
            (15, "overlays[0].off", "longer than a year")),
        BadCase(
            13, "overlays:\n  - name: x\n    off: 20 Jan - 15 Feb\n    stages: [inbound]",
            (15, "overlays[0].off", "expected a date such as")),
        BadCase(
            13, "overlays:\n  - name: x\n    off: []\n    stages: [inbound]",
            (15, "overlays[0].off", "the list is empty")),
        BadCase(
            13, "overlays:\n  - name: x\n    off: 2027-01-20..2027-02-15\n    work: 2027-02-01\n    stages: [inbound]",
            (16, "overlays[0].work", "2027-02-01 is both off and work")),
        BadCase(
            13, "overlays:\n  - name: x\n    week: six\n    stages: [inbond]",
            (16, "overlays[0].stages[0]", "did you mean inbound?")),
        BadCase(
            13, "overlays:\n  - name: x\n    week: six\n    contacts: [platform]",
            (16, "overlays[0].contacts", "no stage has the platform as its first contact")),
        BadCase(
            13,
            "overlays:\n  - {name: x, week: six, stages: [inbound]}\n  - {name: x, week: seven, stages: [inbound]}",
            (15, "overlays[1]", "there is an overlay \"x\" already")),
    ]

    @Test(arguments: bad)
    func `what is wrong with an overlay is told with its line`(bad: BadCase) {
        expect(read(small(bad.line, bad.text)).problems, bad.problems)
    }
}
