import ParcelCore
import Testing

@testable import ParcelConfig

struct RoutingReaderTests {
    private func read(_ lines: [String]) -> (Config, [Problem]) {
        ParcelConfigTests.read((small + lines).joined(separator: "\n"))
    }

    @Test func `routes and intervals are laid over the standard ones`() {
        let (config, problems) = read([
            "routes:", "  lp: [shiptor]", "  \"80\": [shiptor]", "cadence:", "  origin_transit: 3 h", "  longest: 2 d",
        ])
        #expect(problems.isEmpty)
        #expect(config.routes == ["LP": ["shiptor"], "80": ["shiptor"]])
        #expect(config.cadence.every[.originTransit] == .hours(3))
        #expect(config.cadence.every[.accepted] == Cadence.standard.every[.accepted])
        #expect(config.cadence.longest == .days(2))
    }

    static let mistakes: [BadCase] = [
        .init(1, "routes:\n  \"№\": [shiptor]", (2, "routes.№", "letters and digits")),
        .init(1, "routes:\n  LP: []", (2, "routes.LP", "at least one provider")),
        .init(1, "routes:\n  LP: [nobody]", (2, "routes.LP", "nobody")),
        .init(1, "cadence:\n  someday: 3 h", (2, "cadence", "someday")),
        .init(1, "cadence:\n  delivered: 3", (2, "cadence.delivered", "unit")),
        .init(1, "cadence:\n  delivered: 1 min", (2, "cadence.delivered", "between 10 min and 7 d")),
        .init(1, "cadence:\n  delivered: 30 d", (2, "cadence.delivered", "between 10 min and 7 d")),
    ]

    @Test(arguments: mistakes) func `a mistake is told with its line`(_ mistake: BadCase) {
        let (_, problems) = read(mistake.text.split(separator: "\n").map(String.init))
        #expect(problems.count == 1)
        for (problem, wanted) in zip(problems, mistake.problems) {
            #expect(problem.line == small.count + (wanted.line ?? 0))
            #expect("\(problem)".contains(wanted.part), "\(problem)")
        }
    }
}
