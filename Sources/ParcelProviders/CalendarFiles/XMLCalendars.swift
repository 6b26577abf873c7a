// The calendar of xmlcalendar.ru in XML: <calendar year country><days><day d="MM.DD" t="1|2|3" h f="MM.DD"/>. A day with
// t=1 is free, 2 is worked and shortened (it may be a Saturday), 3 is a worked weekend; others are Monday to Friday.
// Read 2026-11.

import FoundationEssentials
import FoundationXML
import ParcelCore

func xmlCalendar(_ bytes: [UInt8]) throws(CalendarError) -> CalendarFile {
    // Document types are what web pages and entity bombs begin with: none is parsed.
    let head = String(decoding: bytes.prefix(4096), as: UTF8.self).lowercased()
    if head.contains("<!doctype html") || head.contains("<html") {
        throw CalendarError("it is a web page, not a calendar; save the file that it links to")
    }
    let reader = XMLCalendarReader()
    guard !String(decoding: bytes, as: UTF8.self).lowercased().contains("<!doctype") else {
        throw CalendarError("it has a document type; calendars need none")
    }
    let parser = XMLParser(data: Data(bytes))
    parser.delegate = reader
    parser.shouldResolveExternalEntities = false
    _ = parser.parse()
    if let problem = reader.problem { throw problem }
    guard parser.parserError == nil, reader.isWhole, let file = reader.file else {
        throw CalendarError("line \(max(1, parser.lineNumber)): it is not XML, or is cut short")
    }
    return file
}

private final class XMLCalendarReader: XMLParserDelegate {
    var file: CalendarFile?
    var problem: CalendarError?
    var isWhole = false
    private var year = 0
    private var source = ""
    private var titles: [String: String] = [:]
    private var moved: [(to: LocalDate, from: LocalDate)] = []

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        do throws(CalendarError) {
            switch name {
            case "calendar": try begin(attributes)
            case "holiday": if let id = attributes["id"] { titles[id] = attributes["title"] ?? "" }
            case "day": try take(attributes, at: "line \(parser.lineNumber)")
            default: if file == nil { throw CalendarError("its root is <\(shown(name))>, not <calendar>") }
            }
        } catch {
            problem = problem ?? error
            parser.abortParsing()
        }
    }

    func parser(
        _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
    ) { if name == "calendar" { isWhole = true } }

    private func begin(_ attributes: [String: String]) throws(CalendarError) {
        guard file == nil else { throw CalendarError("it holds two calendars") }
        guard let year = attributes["year"].flatMap({ Int($0) }) else {
            throw CalendarError("calendar: year is missing")
        }
        self.year = year
        source = "xmlcalendar.ru" + (attributes["date"].map { ", \($0)" } ?? "")
        var file = CalendarFile(form: "xmlcalendar.ru XML", country: (attributes["country"] ?? "ru").lowercased())
        try file.declare(year)
        self.file = file
    }

    private func take(_ attributes: [String: String], at place: String) throws(CalendarError) {
        guard file != nil else { throw CalendarError("\(place): a day stands outside the calendar") }
        guard let text = attributes["d"], let date = dottedDate(text, year: year) else {
            throw CalendarError("\(place): \(shown(attributes["d"] ?? "")) is no day of \(year)")
        }
        switch attributes["t"] {
        case "1":
            let from = attributes["f"].flatMap { dottedDate($0, year: year) }
            let title = attributes["h"].flatMap { titles[$0] } ?? ""
            let name = title.isEmpty ? from.map(movedDayOff) ?? "" : title
            try file?.add(.off, date, name: name, source: source, at: place)
        case "2", "3": try file?.add(.work, date, name: "", source: source, at: place)
        default: throw CalendarError("\(place): t is \(shown(attributes["t"] ?? "")), not 1, 2 or 3")
        }
    }
}
