// Reads what Russian Post's rtm34 answers: SOAP 1.2, as a stream of elements of which only the mirrored ones are kept.
// People's names, addresses and money stand in elements that are never looked at. What the records mean is decided in
// RussianPost.swift.

import FoundationEssentials
import FoundationXML
import ParcelCore

enum SOAP {
    static let envelope = "http://www.w3.org/2003/05/soap-envelope"
    static let history = "http://russianpost.org/operationhistory"
    static let data = "http://russianpost.org/operationhistory/data"

    /// The texts of a record's elements by their path below it, `OperationParameters/OperType/Id`.
    typealias Record = [String: String]

    enum Contents: Equatable {
        case records([Record])
        case fault(Fault)
    }

    struct Fault: Equatable {
        /// Name of the element that carries the detail; empty where there is none.
        var kind = ""
        var detail = ""
        var reason = ""
    }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    static func contents(of body: [UInt8]) throws(PollError) -> Contents {
        let parser = XMLParser(data: Data(try plain(body)))
        let reader = SOAPReader()
        parser.delegate = reader
        parser.shouldProcessNamespaces = true
        parser.shouldResolveExternalEntities = false
        // What `parse` returns says nothing: it is true also for a document that is cut short.
        _ = parser.parse()
        if let problem = reader.problem { throw problem }
        guard parser.parserError == nil, reader.isWhole else {
            throw .notData(reason: "the answer is not XML, or is cut short")
        }
        return try reader.contents()
    }

    /// The document without its declaration, so that it is read as the UTF-8 that it was found to be. Document types
    /// are refused before anything is parsed: they are what entity bombs and foreign files come in.
    private static func plain(_ body: [UInt8]) throws(PollError) -> ArraySlice<UInt8> {
        guard body.count <= SOAPReader.mostBytes else { throw .notData(reason: "the answer is too long") }
        guard String(validating: body, as: UTF8.self) != nil else { throw .notData(reason: "the answer is not UTF-8") }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        var rest = body[...]
        if rest.starts(with: mark) { rest = rest.dropFirst(mark.count) }
        rest = rest.drop { $0 <= 32 }
        guard let first = rest.first else { throw .notData(reason: "an empty answer") }
        guard first == UInt8(ascii: "<") else { throw .notData(reason: "the answer is not XML") }
        if hasDocumentType(rest) { throw .notData(reason: "a web page or a document type instead of plain XML") }
        guard rest.starts(with: "<?xml".utf8) else { return rest }
        guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else {
            throw .notData(reason: "the answer is not XML, or is cut short")
        }
        return rest[rest.index(after: end)...].drop { $0 <= 32 }
    }

    private static func hasDocumentType(_ document: ArraySlice<UInt8>) -> Bool {
        let word = Array("doctype".utf8)
        var rest = document
        while let start = rest.firstIndex(of: UInt8(ascii: "!")) {
            rest = rest[(start + 1)...]
            if rest.prefix(word.count).map({ $0 | 0x20 }) == word { return true }
        }
        return false
    }
}

/// Elements are known by their namespace, never by the prefix that an answer happens to use for it.
private final class SOAPReader: XMLParserDelegate {
    static let mostBytes = 32 << 20
    private static let mostRecords = 50_000
    private static let deepest = 32
    private static let longestText = 4000

    private static let fault = "S:Envelope/S:Body/S:Fault"
    private static let listing = "S:Envelope/S:Body/H:getOperationHistoryResponse/D:OperationHistoryData"
    private static let record = listing + "/D:historyRecord"
    private static let kept: Set = [
        "OperationParameters/OperType/Id", "OperationParameters/OperType/Name", "OperationParameters/OperAttr/Id",
        "OperationParameters/OperAttr/Name", "OperationParameters/OperDate", "AddressParameters/OperationAddress/Index",
        "AddressParameters/OperationAddress/Description", "AddressParameters/CountryOper/Id",
        "AddressParameters/CountryOper/Code2A", "ItemParameters/Barcode", "ItemParameters/Mass",
    ]

    private(set) var problem: PollError?
    private(set) var isWhole = false
    /// From the root; inside a record from the record.
    private var path = ""
    /// Lengths of the path before each open element, in bytes.
    private var lengths: [Int] = []
    /// The text of the element that was opened last, where it is kept and has no element inside.
    private var leaf: (key: String, text: String)?
    private var found: SOAP.Fault?
    private var records: [SOAP.Record]?
    private var current: SOAP.Record?

    func contents() throws(PollError) -> SOAP.Contents {
        if let found { return .fault(found) }
        guard let records else { throw .malformed(field: "OperationHistoryData") }
        return .records(records)
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        guard problem == nil else { return }
        leaf = nil
        guard lengths.count < Self.deepest else { return stop(parser, .notData(reason: "elements nested too deep")) }
        lengths.append(path.utf8.count)
        path += (path.isEmpty ? "" : "/") + prefix(namespaceURI) + name
        if lengths.count == 1, path != "S:Envelope" {
            return stop(parser, .notData(reason: "XML, but not of this service"))
        }
        switch path {
        case Self.fault: found = SOAP.Fault()
        case Self.listing: records = records ?? []
        case Self.record:
            current = [:]
            path = ""
        default: leaf = key(name).map { ($0, "") }
        }
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) { add(text) }

    func parser(_ parser: XMLParser, foundCDATA block: Data) { add(String(decoding: block, as: UTF8.self)) }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        guard problem == nil, let length = lengths.popLast() else { return }
        if let leaf { keep(leaf.text.split(whereSeparator: \.isWhitespace).joined(separator: " "), as: leaf.key) }
        leaf = nil
        if path.isEmpty, let current {
            records?.append(current)
            self.current = nil
            path = Self.record
            if (records?.count ?? 0) > Self.mostRecords { stop(parser, .malformed(field: "historyRecord (too many)")) }
        }
        path = String(decoding: path.utf8.prefix(length), as: UTF8.self)
        isWhole = lengths.isEmpty
    }

    private func prefix(_ namespace: String?) -> String {
        switch namespace {
        case SOAP.envelope: "S:"
        case SOAP.history: "H:"
        case SOAP.data: current == nil ? "D:" : ""
        default: "?:"
        }
    }

    /// What the element that was just opened is kept as; nil for one that is not.
    private func key(_ name: String) -> String? {
        if current != nil { return Self.kept.contains(path) ? path : nil }
        guard found != nil, path.hasPrefix(Self.fault + "/") else { return nil }
        if path == Self.fault + "/S:Reason/S:Text" { return "reason" }
        guard path == Self.fault + "/S:Detail/D:" + name else { return nil }
        found?.kind = name
        return "detail"
    }

    private func keep(_ text: String, as key: String) {
        if current != nil {
            current?[key] = text
        } else if key == "detail" {
            found?.detail = text
        } else {
            found?.reason = text
        }
    }

    private func add(_ text: String) {
        guard problem == nil, let length = leaf?.text.utf8.count, length < Self.longestText else { return }
        leaf?.text += text
    }

    private func stop(_ parser: XMLParser, _ problem: PollError) {
        self.problem = problem
        parser.abortParsing()
    }
}
