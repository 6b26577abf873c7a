import ArgumentParser
import Foundation
import ParcelChannels
import ParcelConfig
import ParcelCore

/// `parcelctl calendar show|import`: the calendars that days are counted by.
struct CalendarCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calendar", abstract: "Shows a year of a calendar, and takes over new data.",
        subcommands: [CalendarShowCommand.self, CalendarImportCommand.self])
}

/// The calendars of the programs and of the configuration, with where each comes from.
struct KnownCalendars {
    let config: Config?

    var ids: [String] {
        Set(["cn", "ru", "plain", "six", "daily"] + (config?.calendarFiles.keys.map { $0 } ?? [])).sorted()
    }

    func path(_ id: String) -> String? { config?.calendarFiles[id]?.path }

    /// The text of its file; nil for one that has none, and for one whose file is not there yet.
    func csv(_ id: String) -> [UInt8]? {
        if let path = path(id), let data = FileManager.default.contents(atPath: path) { return Array(data) }
        return BuiltinCalendars.files.first { $0.id == id }.map { Array($0.csv.utf8) }
    }

    /// Nil where the configuration names a file that is not there.
    func calendar(_ id: String) throws -> WorkCalendar? {
        guard let csv = csv(id) else { return try BuiltinCalendars.all()[id] }
        do throws(CalendarError) { return try WorkCalendar(id: id, csv: csv) } catch {
            throw Trouble(description: "\(path(id) ?? id): \(error.problems.first ?? "")", status: 65)
        }
    }

    func isFile(_ id: String) -> Bool { path(id).map { FileManager.default.fileExists(atPath: $0) } ?? false }
}

/// `parcelctl calendar show cn 2026`: free ranges, worked weekends and working days of one year.
struct CalendarShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "One year: what is free, which weekends are worked, how much there is to work.")

    @Argument(help: "cn, ru, plain, six, daily, or one of the configuration's.")
    var calendar: String

    @Argument(help: "This one where none is given.")
    var year: Int?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let config = try common.readConfiguration()
        let known = KnownCalendars(config: config)
        let id = calendar.lowercased()
        guard known.ids.contains(id) else {
            throw Trouble.usage(
                "there is no calendar \(calendar.prefix(40)); known are \(known.ids.joined(separator: ", "))")
        }
        let year = try self.year ?? Zone.utc.date(of: common.now()).year
        guard (1900...2999).contains(year) else { throw Trouble.usage("\(year): write a year from 1900 to 2999") }
        guard let calendar = try known.calendar(id) else {
            throw Trouble(description: "\(known.path(id) ?? id) cannot be read", status: 66)
        }
        let shown = ShownYear(
            calendar: calendar, path: known.isFile(id) ? known.path(id) : nil, view: CalendarYear(year, of: calendar))
        print(common.json ? shown.json.text : shown.text(try common.reader(config)))
    }
}

/// A year of a calendar, as it is printed.
struct ShownYear {
    let calendar: WorkCalendar
    /// Nil for one that is built in.
    let path: String?
    let view: CalendarYear

    func text(_ reader: Reader) -> String {
        var lines = [heading(reader)]
        if !view.isCovered {
            lines.append(
                reader.say(
                    "На этот год данных нет: считаем пн–пт, тревоги предварительные.",
                    "There are no data for this year: Mon–Fri are counted, alerts are provisional."))
        }
        lines += body(reader)
        if !view.sources.isEmpty {
            lines += ["", reader.say("Источник", "Source")] + view.sources.map { "  " + harmless($0) }
        }
        return lines.joined(separator: "\n")
    }

    private func heading(_ reader: Reader) -> String {
        let place = path.map { harmless($0) } ?? reader.say("встроен", "built in")
        let years =
            calendar.coverage.map {
                reader.say("известен на \($0.lowerBound)–\($0.upperBound)", "covers \($0.lowerBound)–\($0.upperBound)")
            }
            ?? reader.say("без праздников", "no holidays")
        return
            "\(reader.calendar(calendar.id)) (\(calendar.id)) \(view.year): \(reader.workingDays(view.total)); \(place), \(years)"
    }

    /// Free ranges, worked weekends, and the sums of the months.
    func body(_ reader: Reader) -> [String] {
        var lines: [String] = []
        if !view.rests.isEmpty {
            let rows = view.rests.map { rest in
                [
                    reader.range(rest.first, rest.last), weekdays(rest, reader), reader.days(rest.length),
                    rest.names.map { reader.holiday($0) }.joined(separator: "; "),
                ]
            }
            lines += ["", reader.say("Свободно", "Free"), table(rows, indent: "  ")]
        }
        if !view.workedWeekends.isEmpty {
            let rows = view.workedWeekends.map { [reader.weekdayDate($0.date), reader.dayName($0.name)] }
            lines += ["", reader.say("Рабочие выходные", "Worked weekends"), table(rows, indent: "  ")]
        }
        lines += ["", reader.say("Рабочих дней", "Working days")]
        let cells = view.workingDays.enumerated().map { month, count in
            let name = LocalDate(year: view.year, month: month + 1, day: 1).map { reader.monthWord($0) } ?? ""
            return [name, count < 10 ? " \(count)" : "\(count)"]
        }
        // Four quarters, one below the other.
        lines.append(table(stride(from: 0, to: 12, by: 3).map { cells[$0..<$0 + 3].flatMap(\.self) }, indent: "  "))
        return lines
    }

    private func weekdays(_ rest: CalendarYear.Rest, _ reader: Reader) -> String {
        let first = reader.weekday(rest.first)
        return rest.length == 1 ? first : "\(first)–\(reader.weekday(rest.last))"
    }

    var json: JSONValue {
        .members([
            "calendar": .string(calendar.id), "year": .integer(view.year), "covered": .bool(view.isCovered),
            "coverage": calendar.coverage.map {
                .members(["from": .integer($0.lowerBound), "to": .integer($0.upperBound)])
            } ?? .null,
            "file": .optional(path), "workingDays": .integer(view.total),
            "months": .array(view.workingDays.map { .integer($0) }),
            "free": .array(
                view.rests.map { rest in
                    .members([
                        "from": .string(rest.first.description), "to": .string(rest.last.description),
                        "days": .integer(rest.length), "names": .array(rest.names.map { .string($0) }),
                    ])
                }),
            "workedWeekends": .array(
                view.workedWeekends.map {
                    .members(["date": .string($0.date.description), "name": .string($0.name)])
                }),
            "sources": .array(view.sources.map { .string($0) }),
        ])
    }
}

extension Reader {
    /// `3 дня`, `3 days`.
    func days(_ count: Int) -> String {
        guard language == .ru else { return "\(count) \(count == 1 ? "day" : "days")" }
        return "\(count) \(plural(count, "день", "дня", "дней"))"
    }

    /// A holiday, or what a weekend is worked for: `春节（调休上班）` is worked for 春节.
    func dayName(_ name: String) -> String {
        let mark = "（调休上班）"
        guard name.hasSuffix(mark) else { return holiday(name) }
        return say("рабочий за ", "worked for ") + holiday(String(name.dropLast(mark.count)))
    }

    /// `чт`, `Thu`.
    func weekday(_ date: LocalDate) -> String { String(weekdayDate(date).prefix { $0 != " " }) }

    /// `янв`, `Jan`.
    func monthWord(_ date: LocalDate) -> String {
        let name = dayAndMonth(date).drop { $0 != " " }.dropFirst().prefix(3)
        // The only one whose genitive shows in three letters.
        return name == "мая" ? "май" : String(name)
    }
}
