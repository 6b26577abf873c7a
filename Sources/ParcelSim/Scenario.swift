// A scenario: what each provider shows and when, what goes wrong, and what a manager should get. A YAML file that a
// person can read; times are `2017-09-26 10:00` in Shanghai unless they carry an offset.

import Foundation
import Yams

package struct ScenarioError: Error, CustomStringConvertible {
    package let description: String
}

package struct Scenario: Decodable, Sendable {
    package struct Accounts: Decodable, Sendable {
        package var instanceKey = "demo-instance-key"
        package var secret: String? = "demo-secret"
        package var login = "operator"
        package var password = "demo-password"
        package var apiKey = "0123456789abcdef0123456789abcdef01234567"
        package var token = "demo-shiptor-token-0123456789abcdef01234"
        package var telegramToken = "1907:demo-telegram-token"

        init() {}
        package init(from decoder: any Decoder) throws { self.init() }
    }

    package struct Step: Decodable, Sendable {
        package var at: Moment
        package var status: String?
        package var name: String?
        /// A track number set from then on; empty: taken away.
        package var track: String?
        package var externalTrack: String?
        package var outgoing: Int?
    }

    package struct Line: Decodable, Sendable {
        package var id: String
        package var num: Int?
        package var title: String?
        package var seller: String?
        package var amount: String?
        package var externalOrder: String?
        package var account: String?
        package var timeline: [Step]
    }

    package struct Package: Decodable, Sendable {
        package var id: String
        package var external: String?
        package var created: Moment
        package var lines: [String]
        package var timeline: [Step]
        package var checkpoints: [Checkpoint]?
    }

    package struct Order: Decodable, Sendable {
        package var id: String
        package var created: Moment
        package var timeline: [Step]
        package var lines: [Line]
        package var packages: [Package]?
    }

    package struct Incoming: Decodable, Sendable {
        package var id: Int
        package var fid: String
        package var timeline: [Step]
    }

    package struct Outgoing: Decodable, Sendable {
        package var id: Int
        package var name: String
        package var incoming: [Int]
        package var timeline: [Step]
    }

    package struct Checkpoint: Decodable, Sendable {
        package var at: Moment
        package var text: String
        package var place: String?
    }

    package struct ShiptorPackage: Decodable, Sendable {
        package var id: Int
        package var externalId: String
        package var articles: [String]
        package var created: Moment
        package var timeline: [Step]
        package var checkpoints: [Checkpoint]?
    }

    package struct Fault: Decodable, Sendable {
        package enum Kind: String, Decodable, Sendable {
            case outage, refuse, reset, status, html, auth, truncated, hang, malformed, empty, dropLast = "drop_last"
            /// Taken and recorded, and then answered with a failure: the sender has to repeat.
            case lostAnswer = "lost_answer"
        }

        package var provider: String
        package var method: String?
        package var from: Moment
        package var to: Moment
        package var kind: Kind
        package var code: Int?
        package var retryAfter: String?

        package init(provider: String, from: Moment, to: Moment, kind: Kind) {
            self.provider = provider
            self.from = from
            self.to = to
            self.kind = kind
        }
    }

    package struct ClockLie: Decodable, Sendable {
        package var from: Moment
        package var to: Moment
        package var shiftMinutes: Int

        package init(from: Moment, to: Moment, shiftMinutes: Int) {
            self.from = from
            self.to = to
            self.shiftMinutes = shiftMinutes
        }
    }

    package struct Expectation: Decodable, Sendable {
        /// Moscow's date of the message.
        package var date: String
        package var thing: String
        package var kind: String
        /// What its text has to contain, by language.
        package var ru: [String]?
        package var en: [String]?

        package init(date: String, thing: String, kind: String, ru: [String], en: [String]) {
            self.date = date
            self.thing = thing
            self.kind = kind
            self.ru = ru
            self.en = en
        }
    }

    package struct Generate: Decodable, Sendable {
        package var orders: Int
        package var linesPerOrder: Int
        package var packages: Int
    }

    /// An instant in milliseconds since 1970.
    package struct Moment: Decodable, Sendable, Comparable {
        package let ms: Int64

        package init(ms: Int64) { self.ms = ms }

        package init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            let text = try container.decode(String.self)
            guard let ms = Moment.parse(text) else {
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "\(text) is not a time such as 2017-09-26 10:00")
            }
            self.ms = ms
        }

        package static func parse(_ text: String) -> Int64? {
            var text = text.replacingOccurrences(of: " ", with: "T")
            if text.count == 10 { text += "T00:00" }
            let time = text.split(separator: "T").last ?? ""
            let hasOffset = time.contains("+") || time.contains("-") || time.hasSuffix("Z")
            let clock = time.prefix { $0 != "+" && $0 != "-" && $0 != "Z" }
            if clock.count == 5 { text = text.replacingOccurrences(of: clock, with: clock + ":00") }
            if !hasOffset { text += "+08:00" }
            guard let date = try? Date(text, strategy: .iso8601) else { return nil }
            return Int64((date.timeIntervalSince1970 * 1000).rounded())
        }

        package static func < (left: Moment, right: Moment) -> Bool { left.ms < right.ms }
    }

    package struct LiteMF: Decodable, Sendable {
        package var incoming: [Incoming]?
        package var outgoing: [Outgoing]?
    }

    package struct Shiptor: Decodable, Sendable {
        package var packages: [ShiptorPackage]?
    }

    package var start: Moment
    package var end: Moment
    package var orders: [Order]?
    package var litemf: LiteMF?
    package var shiptor: Shiptor?
    package var faults: [Fault]?
    package var clock: [ClockLie]?
    package var expect: [Expectation]?
    package var generate: Generate?
    /// How long each answer takes, in real milliseconds; none if left out.
    package var latencyMilliseconds: Int?
    package var accounts: Accounts = Accounts()

    private enum CodingKeys: String, CodingKey {
        case start, end, orders, litemf, shiptor, faults, clock, expect, generate, latencyMilliseconds
    }

    package static func read(_ path: String) throws -> Scenario {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw ScenarioError(description: "\(path) cannot be read")
        }
        return try read(text: text, name: path)
    }

    package static func read(text: String, name: String) throws -> Scenario {
        let decoder = YAMLDecoder()
        do {
            return try decoder.decode(Scenario.self, from: text)
        } catch let error as DecodingError {
            throw ScenarioError(description: "\(name): \(explain(error))")
        } catch {
            throw ScenarioError(description: "\(name): \(error)")
        }
    }

    private static func explain(_ error: DecodingError) -> String {
        let context: DecodingError.Context
        var detail = ""
        switch error {
        case .typeMismatch(_, let found), .valueNotFound(_, let found), .dataCorrupted(let found): context = found
        case .keyNotFound(let key, let found):
            context = found
            detail = "\(key.stringValue) is missing"
        @unknown default: return "\(error)"
        }
        let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
        return "\(path): \(detail.isEmpty ? context.debugDescription : detail)"
    }
}

extension [Scenario.Step] {
    /// What the steps until then add up to; nil before the first.
    func state(at now: Int64) -> Scenario.Step? {
        var state: Scenario.Step?
        for step in self where step.at.ms <= now {
            guard var known = state else {
                state = step
                continue
            }
            known.at = step.at
            if let status = step.status { known.status = status }
            if let name = step.name { known.name = name }
            if let track = step.track { known.track = track }
            if let track = step.externalTrack { known.externalTrack = track }
            if let outgoing = step.outgoing { known.outgoing = outgoing }
            state = known
        }
        return state
    }
}
