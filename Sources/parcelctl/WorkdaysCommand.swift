import ArgumentParser
import Foundation
import ParcelCore
import ParcelStore

/// `parcelctl workdays elapsed|due|working`: counts working days; needs neither configuration nor database.
struct WorkdaysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workdays", abstract: "Counts working days of China and Russia.",
        subcommands: [Elapsed.self, Due.self, Working.self])

    struct CalendarOptions: ParsableArguments {
        @Option(
            name: .customLong("calendar"), help: "cn, ru, plain (Mon-Fri), six (Mon-Sat) or daily; may be repeated.")
        var calendars: [String] = []

        @Option(help: "all: a day counts if every calendar works; any: if one does.")
        var combine = "all"

        @Option(help: "IANA zone in which dates are taken.")
        var zone = "Asia/Shanghai"

        @Flag(help: "Print JSON.")
        var json = false

        func days() throws -> WorkingDays {
            let known = try BuiltinCalendars.all()
            let chosen = try (calendars.isEmpty ? ["cn"] : calendars).map { id in
                guard let calendar = known[id.lowercased()] else {
                    throw Trouble.usage(
                        "--calendar \(id.prefix(40)): there is none; known are \(known.keys.sorted().joined(separator: ", "))"
                    )
                }
                return calendar
            }
            guard let combination = Combination(rawValue: combine) else {
                throw Trouble.usage("--combine \(combine.prefix(40)): write all or any")
            }
            return WorkingDays(calendars: chosen, combine: combination, zone: try chosenZone())
        }

        private func chosenZone() throws -> Zone {
            do throws(ZoneError) { return try readZone(zone, in: zoneinfo) } catch {
                // A file that is there has its own trouble; a name that is not has a neighbour.
                if !zone.isEmpty, FileManager.default.fileExists(atPath: "\(zoneinfo)/\(zone)") {
                    throw Trouble.usage("--zone: \(error)")
                }
                let shown = zone.isEmpty ? "\"\"" : String(zone.prefix(40))
                throw Trouble.usage("--zone \(shown): \(ZoneSuggestion.advice(zone, in: zoneinfo))")
            }
        }

        /// `(calendars cn and ru, Europe/Moscow)`.
        var description: String {
            let ids = calendars.isEmpty ? ["cn"] : calendars.map { $0.lowercased() }
            let joined = ids.joined(separator: combine == Combination.all.rawValue ? " and " : " or ")
            return "calendar\(ids.count == 1 ? "" : "s") \(joined), \(zone)"
        }

        func remark(_ certain: Bool) -> String {
            certain ? "" : " (provisional: no calendar data for some of these days, counted Mon-Fri)"
        }
    }

    struct Elapsed: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Working days after A, up to and including B.")

        @Option(help: "ISO 8601 with offset, or a date.")
        var from: String

        @Option(help: "ISO 8601 with offset, or a date.")
        var to: String

        @OptionGroup var options: CalendarOptions

        func run() throws {
            let result = try options.days().elapsed(from: moment(from), to: moment(to))
            if options.json {
                print(JSONValue.members(["elapsed": .integer(result.days), "certain": .bool(result.certain)]).text)
            } else {
                let count = "\(result.days) working \(result.days == 1 ? "day" : "days")"
                print("\(count) from \(from) to \(to) (\(options.description))\(options.remark(result.certain))")
            }
        }
    }

    struct Due: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The first instant of the N-th working date after A.")

        @Option(help: "ISO 8601 with offset, or a date.")
        var from: String

        @Option(parsing: .unconditional, help: "A whole number from 0 to 100000.")
        var days: String

        @OptionGroup var options: CalendarOptions

        func run() throws {
            guard let count = Int(days), (0...100_000).contains(count) else {
                throw Trouble.usage("--days \(days.prefix(40)): write a whole number from 0 to 100000")
            }
            let working = try options.days()
            guard let due = working.due(from: try moment(from), after: count) else {
                throw Trouble.usage("these calendars have no working day for years; choose others")
            }
            guard working.zone.date(of: due.instant).year <= 9999 else {
                throw Trouble.usage("that day is after the year 9999; write an earlier --from or fewer --days")
            }
            let local = due.instant.iso8601(in: working.zone)
            if options.json {
                print(
                    JSONValue.members([
                        "due": .instant(due.instant), "dueLocal": .string(local), "certain": .bool(due.certain),
                    ]).text)
            } else {
                print("\(local) (\(options.description))\(options.remark(due.certain))")
            }
        }
    }

    struct Working: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Whether a date is worked.")

        @Option(help: "A date, 2026-10-10.")
        var date: String

        @OptionGroup var options: CalendarOptions

        func run() throws {
            guard case .date(let day) = try moment(date) else {
                throw Trouble.usage("--date \(date.prefix(40)): write a date without a time")
            }
            let result = try options.days().day(day)
            if options.json {
                print(JSONValue.members(["working": .bool(result.counts), "certain": .bool(result.isCertain)]).text)
            } else {
                let name = result.name.isEmpty ? "" : ", \(result.name)"
                print(
                    "\(day) is \(result.counts ? "worked" : "free")\(name) (\(options.description))\(options.remark(result.isCertain))"
                )
            }
        }
    }
}
