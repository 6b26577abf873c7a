import ArgumentParser
import Foundation
import ParcelChannels
import ParcelConfig
import ParcelCore
import ParcelProviders

/// `parcelctl calendar import FILE`: shows what a published calendar file would change, and with `--write` changes it.
///
/// Exit status: 0; 65 where the file has mistakes, or where something has to be looked at first and `--replace` is missing.
struct CalendarImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Takes over a calendar that others publish; the difference is shown first.",
        discussion: """
            Forms, told by their contents: holiday-cn (JSON, ICS), lanceliao (JSON, ICS), Apple's Chinese calendar (ICS), \
            chinese-days and timor.tech (JSON); xmlcalendar.ru (XML, JSON, CSV, TXT), consultant.ru (JSON), isdayoff.ru; \
            parceld's own CSV. Without --write nothing is written. A file that contradicts itself is refused; one that \
            changes published days needs --replace. Exit status: 0, or 65 where it is refused.
            """)

    @Argument(help: ArgumentHelp("The file.", valueName: "file"))
    var file: String

    @Option(help: ArgumentHelp("Which calendar it is for; else that of the file's country.", valueName: "id"))
    var calendar: String?

    @Option(help: ArgumentHelp("The years for which it is complete, 2027 or 2026..2027.", valueName: "years"))
    var year: String?

    @Flag(help: "Write it, to the file that the configuration names or to --output.")
    var write = false

    @Flag(help: "Although published days change or the data look incomplete.")
    var replace = false

    @Option(help: ArgumentHelp("Write to this file instead.", valueName: "file"))
    var output: String?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let config = try common.readConfiguration()
        let known = KnownCalendars(config: config)
        let years = try wantedYears()
        let read: CalendarFile
        let plan: CalendarImport
        let id: String
        let bytes = try bytes()
        do throws(CalendarError) { read = try readCalendarFile(bytes, year: years?.lowerBound) } catch {
            throw refusal(error)
        }
        id = try target(of: read, known)
        let current = try known.calendar(id)
        do throws(CalendarError) { plan = try importing(read, as: id, over: current, years: years) } catch {
            throw refusal(error)
        }
        let difference = Difference(file: read, current: current, plan: plan, source: file)
        let path = try write ? destination(id, config, known) : nil
        if !common.json { print(difference.text(try common.reader(config))) }
        if common.json, !plan.objections.isEmpty, !replace { print(difference.json(written: nil).text) }
        try refuseObjections(plan)
        if let path { try save(plan, id, known, path) }
        if common.json {
            print(difference.json(written: path).text)
        } else {
            print(try ending(plan, id, known, path, try common.reader(config)))
        }
    }

    // MARK: Asking

    private func bytes() throws -> [UInt8] {
        let unreadable = Trouble(description: "\(file) cannot be read", status: 66)
        guard let handle = FileHandle(forReadingAtPath: file) else { throw unreadable }
        let data: Data
        // Nothing at all is an empty file.
        do { data = try handle.read(upToCount: 9 << 20) ?? Data() } catch { throw unreadable }
        return Array(data)
    }

    private func wantedYears() throws -> ClosedRange<Int>? {
        guard let year else { return nil }
        let parts = year.split(separator: "..", omittingEmptySubsequences: false).map { Int($0) }
        let numbers = parts.compactMap(\.self)
        guard (1...2).contains(parts.count), numbers.count == parts.count, let first = numbers.first,
            let last = numbers.last, first <= last, (1990...2100).contains(first), last <= 2100
        else { throw Trouble.usage("--year \(year.prefix(40)): write a year from 1990 to 2100, or a range 2026..2027") }
        return first...last
    }

    private func target(of read: CalendarFile, _ known: KnownCalendars) throws -> String {
        guard let id = calendar?.lowercased() ?? read.country else {
            throw Trouble.usage("the file does not say whose days it has; say --calendar")
        }
        guard known.ids.contains(id) else {
            throw Trouble.usage(
                "there is no calendar \(id.prefix(40)); known are \(known.ids.joined(separator: ", ")), and others by \"calendars\" in the configuration"
            )
        }
        guard !["plain", "six", "daily"].contains(id) else {
            throw Trouble.usage("\(id) is a week and nothing else; it takes no data")
        }
        if let country = read.country, country != id, ["cn", "ru"].contains(id) {
            throw Trouble(description: "\(file) has the days of \(country), not of \(id)", status: 65)
        }
        return id
    }

    private func refusal(_ error: CalendarError) -> Trouble {
        let rest = error.problems.count > 1 ? " (and \(error.problems.count - 1) more)" : ""
        return Trouble(description: "\(file): \(error.problems.first ?? "")\(rest)", status: 65)
    }

    private func refuseObjections(_ plan: CalendarImport) throws {
        if write, plan.areYearsGuessed {
            throw Trouble.usage(
                "\(file) does not say for which years it is complete; if it is for \(plan.years.map(String.init).joined(separator: ", ")), say --year"
            )
        }
        guard !plan.objections.isEmpty, !replace else { return }
        throw Trouble(
            description:
                "\(file): \(plan.objections.joined(separator: "; ")). Nothing was written; if that is right, say --replace",
            status: 65)
    }

    // MARK: Writing

    private func destination(_ id: String, _ config: Config?, _ known: KnownCalendars) throws -> String {
        if let output { return output }
        if let path = known.path(id) { return path }
        guard config != nil else {
            throw Trouble.usage("nothing says where \(id) is kept; say --config FILE or --output FILE")
        }
        let path = common.besideConfiguration("calendars/\(id).csv")
        // Somebody keeps it there and the configuration does not use it: it is not ours to replace.
        guard !FileManager.default.fileExists(atPath: path) else {
            throw Trouble(
                description:
                    "\(path) is there already, and the configuration does not name it; name it under \"calendars\", or say --output",
                status: 78)
        }
        return path
    }

    private func save(_ plan: CalendarImport, _ id: String, _ known: KnownCalendars, _ path: String) throws {
        let text = plan.calendar.csv(comments: comments(known.csv(id), id))
        // What could not be read again would stop the daemon's next start.
        guard try WorkCalendar(id: id, csv: Array(text.utf8)) == plan.calendar else {
            throw Trouble(description: "\(file): what would be written does not read as it should", status: 70)
        }
        try replaceFile(path, with: text)
    }

    /// Those that the file in use begins with.
    private func comments(_ csv: [UInt8]?, _ id: String) -> [String] {
        let lines = String(decoding: csv ?? [], as: UTF8.self).split(whereSeparator: \.isNewline)
        let own = lines.filter { $0.hasPrefix("#") && !$0.dropFirst().drop { $0 == " " }.hasPrefix("coverage:") }
            .map { String($0.dropFirst()) }
        return own.isEmpty
            ? [" \(id): exceptions to Monday-Friday. off = a free day, work = a worked weekend day."] : own
    }

    private func ending(
        _ plan: CalendarImport, _ id: String, _ known: KnownCalendars, _ path: String?, _ reader: Reader
    ) throws -> String {
        guard let path else {
            var lines = [
                "", reader.say("Ничего не записано; записать: --write", "Nothing was written; to write it: --write"),
            ]
            if plan.areYearsGuessed {
                let years = plan.years.map(String.init).joined(separator: ", ")
                lines.append(
                    reader.say(
                        "Файл не говорит, на какие годы он полон. Если на \(years), добавьте --year.",
                        "The file does not say for which years it is complete. If for \(years), add --year."))
            }
            return lines.joined(separator: "\n")
        }
        var lines = ["", reader.say("Записано: ", "Written: ") + harmless(path, limit: 500)]
        if output == nil, known.path(id) == nil {
            lines.append(
                reader.say(
                    "В настройках его ещё нет; добавьте:", "The configuration does not name it yet; add:")
                    + "\n  calendars:\n    \(id): calendars/\(id).csv")
        }
        lines.append(
            reader.say(
                "parceld возьмёт его при следующем запуске и пересчитает открытое.",
                "parceld takes it at its next start, and counts anew what is open."))
        return lines.joined(separator: "\n")
    }
}

/// What would change, for people and for programs.
private struct Difference {
    let file: CalendarFile
    let current: WorkCalendar?
    let plan: CalendarImport
    /// The file's name.
    let source: String

    func text(_ reader: Reader) -> String {
        let years = plan.years.map(String.init).joined(separator: ", ")
        var lines = ["\(harmless(source, limit: 500)): \(file.form), \(years)", coverage(reader)]
        for count in plan.counts {
            lines.append("")
            lines += year(count, reader)
        }
        let others = plan.changes.filter { !plan.years.contains($0.date.year) }
        if !others.isEmpty { lines += [""] + corrections(others, reader) }
        return lines.joined(separator: "\n")
    }

    private func coverage(_ reader: Reader) -> String {
        let name = "\(reader.calendar(plan.calendar.id)) (\(plan.calendar.id))"
        let words = { (years: ClosedRange<Int>) in "\(years.lowerBound)–\(years.upperBound)" }
        let after = plan.calendar.coverage.map(words) ?? ""
        guard let before = current?.coverage.map(words) else {
            return reader.say("\(name): данных ещё нет; будут на \(after)", "\(name) has no data yet; with it \(after)")
        }
        return before == after
            ? reader.say("\(name): известен на \(before)", "\(name) covers \(before)")
            : reader.say(
                "\(name): известен на \(before), станет на \(after)", "\(name) covers \(before); with it \(after)")
    }

    private func year(_ count: CalendarImport.YearCount, _ reader: Reader) -> [String] {
        let changes = plan.changes.filter { $0.date.year == count.year }
        guard let before = count.before else {
            let shown = ShownYear(
                calendar: plan.calendar, path: nil, view: CalendarYear(count.year, of: plan.calendar))
            return ["\(count.year): " + reader.say("новый год, ", "new, ") + reader.workingDays(count.after)]
                + shown.body(reader)
        }
        guard !changes.isEmpty else {
            return ["\(count.year): " + reader.say("без изменений, ", "no change, ") + reader.workingDays(before)]
        }
        let sum = before == count.after ? reader.workingDays(before) : "\(before) → \(reader.workingDays(count.after))"
        return ["\(count.year): " + reader.say("меняется, ", "changes, ") + sum] + corrections(changes, reader)
    }

    private func corrections(_ changes: [CalendarImport.Change], _ reader: Reader) -> [String] {
        [
            table(
                changes.map { change in
                    [
                        "\(reader.weekdayDate(change.date)) \(change.date.year)",
                        change.isWorking
                            ? reader.say("был свободен, станет рабочим", "was free, becomes worked")
                            : reader.say("был рабочим, станет свободен", "was worked, becomes free"),
                        change.name.isEmpty ? "" : reader.holiday(change.name),
                    ]
                }, indent: "  ")
        ]
    }

    func json(written path: String?) -> JSONValue {
        .members([
            "form": .string(file.form), "calendar": .string(plan.calendar.id),
            "years": .array(
                plan.counts.map { count in
                    .members([
                        "year": .integer(count.year), "before": count.before.map { .integer($0) } ?? .null,
                        "after": .integer(count.after),
                    ])
                }), "yearsGuessed": .bool(plan.areYearsGuessed),
            "changes": .array(
                plan.changes.map { change in
                    .members([
                        "date": .string(change.date.description), "working": .bool(change.isWorking),
                        "name": .string(change.name), "correction": .bool(change.isCorrection),
                    ])
                }), "objections": .array(plan.objections.map { .string($0) }), "written": .optional(path),
        ])
    }
}
