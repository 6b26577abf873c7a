// Russian Post's answers, spoilt in every way that a loop can think of: nothing crashes, nothing that is known is lost,
// and what cannot be read is named.

import Foundation
import FoundationXML
import ParcelCore
import ParcelProviders
import Testing

/// A whole history or none: an answer that showed a part of it would withdraw the rest.
private func check(
    _ played: Played, keeps count: Int, _ what: String, _ location: SourceLocation = #_sourceLocation
) {
    let told = String(reflecting: played.result)
    #expect(!told.contains(personalMark) && !told.contains(secretMark), "\(what)", sourceLocation: location)
    switch played.result {
    case .failure(let error):
        #expect(!error.reason.isEmpty, "\(what)", sourceLocation: location)
        if case .malformed(let field) = error { #expect(!field.isEmpty, "\(what)", sourceLocation: location) }
    case .success(let report):
        #expect(report.notFound.isEmpty && report.rejected.isEmpty, "\(what)", sourceLocation: location)
        #expect(report.snapshots.map(\.id.key) == [postNumber], "\(what)", sourceLocation: location)
        if let found = report.snapshots.first?.checkpoints {
            #expect(found.count == count, "\(what)", sourceLocation: location)
        }
    }
}

private struct Element {
    let node: XMLElement
    let path: [String]

    /// All elements of the document, without those of the second record and later ones.
    static func all(of document: XMLDocument) -> [Element] {
        func below(_ node: XMLElement, _ path: [String]) -> [Element] {
            let children = (node.children ?? []).compactMap { $0 as? XMLElement }
            var hasRecord = false
            return [Element(node: node, path: path)]
                + children.flatMap { child -> [Element] in
                    let name = child.localName ?? ""
                    if name == "historyRecord" {
                        if hasRecord { return [] }
                        hasRecord = true
                    }
                    return below(child, path + [name])
                }
        }
        return document.rootElement().map { below($0, []) } ?? []
    }

    var name: String { path.suffix(3).joined(separator: ".") }
}

@Suite struct RussianPostBadInputTests {
    private func document() throws -> XMLDocument {
        try XMLDocument(data: Data(try Fixture.bytes("russianpost/in-transit.xml")))
    }

    private func answer(_ document: XMLDocument) -> HTTPResponse {
        HTTPResponse(status: 200, body: Array(document.xmlData))
    }

    @Test func `an answer that is cut short anywhere is no data`() throws {
        let body = try Fixture.bytes("russianpost/in-transit.xml")
        for length in stride(from: 0, to: body.count - 1, by: 37) {
            let played = try postAnswer(HTTPResponse(status: 200, body: Array(body.prefix(length))))
            #expect(played.error?.kind == .notData, "\(length) of \(body.count) bytes")
        }
        #expect(try postAnswer(try fixture("russianpost/malformed.truncated.xml")).error?.kind == .notData)
    }

    @Test func `what is no SOAP is no data`() throws {
        let texts = [
            "", "  \n", "{}", "[]", "null", "text", "<", "<a", "<a>", "<a/>", "<?xml version=\"1.0\"?>", "<?xml",
            "<html><body>blocked</body></html>", "<Envelope/>", "<e:Envelope/>",
            "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body/></e:Envelope>",
            String(repeating: "[", count: 50_000), String(repeating: "<a>", count: 50_000),
        ]
        for text in texts { #expect(try postAnswer(ok(text)).error?.kind == .notData, "\(text.prefix(40))") }
        let page = try fixture("russianpost/malformed.block-page.html")
        #expect(try postAnswer(page).error?.kind == .notData)
        let empty = "<e:Envelope xmlns:e=\"http://www.w3.org/2003/05/soap-envelope\"><e:Body/></e:Envelope>"
        #expect(try postAnswer(ok(empty)).error == .malformed(field: "OperationHistoryData"))
    }

    @Test func `every element left out costs that element or the whole answer`() throws {
        let needed = ["OperType.Id", "OperAttr.Id", "OperDate"].map { "historyRecord[0].OperationParameters." + $0 }
        let paths = Element.all(of: try document()).map(\.path)
        #expect(paths.count > 50)
        for (index, path) in paths.enumerated() where !path.isEmpty {
            let changed = try document()
            let element = Element.all(of: changed)[index]
            element.node.detach()
            let played = try postAnswer(answer(changed))
            let keeps = path.last == "historyRecord" ? 5 : 6
            check(played, keeps: keeps, element.name)
            let field = path.drop { $0 != "historyRecord" }.dropFirst().joined(separator: ".")
            let isNeeded = needed.contains { $0.dropFirst("historyRecord[0].".count).hasPrefix(field) }
            if path.contains("historyRecord"), !field.isEmpty {
                #expect((played.error == nil) == !isNeeded, "\(element.name)")
                if case .malformed(let named)? = played.error { #expect(needed.contains(named)) }
            }
        }
    }

    @Test func `every element may hold anything`() throws {
        let wrong = [
            "", "x", "-1", "0.5", "99999999999999999999", "PERSONAL-name", "вчера", "1970-01-01T00:00:00.000+00:00",
            "2100-01-01T00:00:00.000+03:00", "\u{202E}<&>", String(repeating: "ы", count: 20_000),
        ]
        let paths = Element.all(of: try document()).map(\.path)
        for (index, path) in paths.enumerated() where path.count > 3 {
            // Places and the vendor's own words are shown as they come; no person stands in them.
            let isShown = ["Name", "Description", "Index", "OperDate", "Barcode"].contains(path.last)
            for text in wrong where !(isShown && text.hasPrefix(personalMark)) {
                let changed = try document()
                let element = Element.all(of: changed)[index]
                element.node.stringValue = text
                check(try postAnswer(answer(changed)), keeps: 6, "\(element.name) = \(text.prefix(20))")
            }
        }
        let types = try postAnswer(try fixture("russianpost/malformed.wrong-types.xml"))
        #expect(types.error == .malformed(field: "historyRecord[0].OperationParameters.OperType.Id"))
    }

    @Test func `elements inside elements and between records are not read`() throws {
        let text = String(decoding: try Fixture.bytes("russianpost/in-transit.xml"), as: UTF8.self)
        let nested = text.replacing("<ns3:Id>1</ns3:Id>", with: "<ns3:Id><ns3:Id>1</ns3:Id></ns3:Id>")
        #expect(
            try postAnswer(ok(nested)).error == .malformed(field: "historyRecord[0].OperationParameters.OperType.Id"))
        let extra = text.replacing("<ns3:historyRecord>", with: "<ns3:note>x</ns3:note>y<ns3:historyRecord>")
        #expect(try postSnapshot(ok(extra)).checkpoints?.count == 6)
        let unknown = text.replacing("<ns3:AddressParameters>", with: "<ns3:New><x/></ns3:New><ns3:AddressParameters>")
        #expect(
            try postAnswer(ok(unknown)).report().whole
                == (try postAnswer(try fixture("russianpost/in-transit.xml")).report().whole))
    }

    @Test func `dates that cannot be are kept as they are`() throws {
        let dates = [
            "1970-01-01T00:00:00.000+00:00", "2100-12-31T23:59:59.999+14:00", "0001-01-01T00:00:00",
            "2026-02-30T00:00:00.000+03:00", "вчера", "2026-03-10", "2026-03-10T25:00:00.000+03:00",
        ]
        let found = try postSnapshot(postHistory(dates.map { postRecord("8/0", $0) })).checkpoints ?? []
        #expect(found.count == dates.count)
        #expect(Set(found.compactMap(\.time.text)) == Set(dates))
    }

    @Test func `a record told twice is told twice, and ten thousand are read`() throws {
        let twice = postHistory([postRecord("1/1"), postRecord("8/0"), postRecord("8/0")])
        #expect(try postSnapshot(twice).checkpoints?.map(\.code) == ["1/1", "8/0", "8/0"])
        let many = postHistory(
            (0..<10_000).map { postRecord("8/\($0 % 5)", "2026-03-10T0\($0 / 3600):\(10 + $0 / 60 % 50):00.000+03:00") }
        )
        #expect(try postSnapshot(many).checkpoints?.count == 10_000)
    }

    @Test func `bytes that are no UTF-8 are no data`() throws {
        let body = try Fixture.bytes("russianpost/in-transit.xml")
        for (position, byte) in [(0, 0xFF), (200, 0x80), (700, 0xC0), (body.count / 2, 0xFE)] as [(Int, UInt8)] {
            var spoilt = body
            spoilt[position] = byte
            #expect(try postAnswer(HTTPResponse(status: 200, body: spoilt)).error?.kind == .notData, "\(position)")
        }
        for bytes: [UInt8] in [[0xFF, 0xFE, 0x00], [0xFE, 0xFF, 0x00, 0x3C]] {
            #expect(try postAnswer(HTTPResponse(status: 200, body: bytes)).error?.kind == .notData)
        }
        // What calls itself something else than UTF-8 and is UTF-8 is read as such: no second encoding hides a "<".
        let text = String(decoding: body, as: UTF8.self).replacing("encoding=\"UTF-8\"", with: "encoding=\"UTF-7\"")
        #expect(try postSnapshot(ok(text)).checkpoints?.count == 6)
    }

    @Test func `elements nested a thousand deep are refused`() throws {
        let deep = String(repeating: "<d:x>", count: 1000) + String(repeating: "</d:x>", count: 1000)
        let played = try postAnswer(postHistory([postRecord("1/1", address: deep)]))
        #expect(played.error == .notData(reason: "elements nested too deep"))
        let attributes = "<d:x " + (0..<5000).map { "a\($0)=\"1\"" }.joined(separator: " ") + "/>"
        check(try postAnswer(postHistory([postRecord("1/1", address: attributes)])), keeps: 1, "attributes")
    }

    @Test func `a document type is refused before it is parsed, wherever it stands`() throws {
        let text = String(decoding: try Fixture.bytes("russianpost/in-transit.xml"), as: UTF8.self)
        let root = "<S:Envelope"
        let bomb = (1...9).map { index in
            "<!ENTITY a\(index) \"\(String(repeating: "&a\(index - 1);", count: 10))\">"
        }.joined()
        let types = [
            "<!DOCTYPE x>", "<!DOCTYPE x [<!ENTITY a0 \"PERSONAL-bomb\">\(bomb)]>",
            "<!DOCTYPE x [<!ENTITY a9 SYSTEM \"file:///etc/passwd\">]>",
            "<!DOCTYPE x SYSTEM \"http://127.0.0.1:1/x.dtd\">", "<!doctype html>", "<!-- x --><!DOCTYPE x [\n]>",
        ]
        for type in types {
            for start in [text.replacing(root, with: type + root), type + text] {
                let spoilt = start.replacing("Китай</ns3:Description>", with: "&a9;</ns3:Description>")
                let error = try #require(try postAnswer(ok(spoilt)).error)
                #expect(error.kind == .notData && !error.reason.contains(personalMark), "\(type)")
            }
        }
        let undeclared = text.replacing("Китай</ns3:Description>", with: "&a9;</ns3:Description>")
        #expect(try postAnswer(ok(undeclared)).error?.kind == .notData)
    }
}
