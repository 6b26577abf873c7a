// One ask of an endpoint of the user's: its requests, page after page, and what its answers say before their rows are
// looked at.

import ParcelCore

struct GenericConversation: Conversation {
    /// A list that goes on longer than this is none.
    static let mostPages = 200

    private let recipe: GenericRecipe
    private let label: String
    private let numbers: [TrackNumber]
    private let opening: Opening
    private let pageLimit: Int
    private var values: Template.Values
    /// The next page's, where the answer gives it whole.
    private var nextURL: String?
    private var pages = 0
    /// Rows and next pages that were shown already.
    private var seenRows: Set<String> = []
    private var seenPages: Set<String> = []
    private var report = Report()

    init(provider: Generic, numbers: [TrackNumber], opening: Opening, pageLimit: Int = Self.mostPages) {
        self.pageLimit = pageLimit
        recipe = provider.recipe
        self.numbers = numbers
        self.opening = opening
        label = "\(provider.id) (\(WebAddress(recipe.address).authority))"
        values = Template.Values(
            numbers: numbers.map(\.description), separator: recipe.separator, page: recipe.firstPage,
            secrets: recipe.secrets)
    }

    mutating func next(_ answer: HTTPResponse?) throws(PollError) -> Turn {
        guard let answer else { return .send(request()) }
        let page = try GenericPage(answer, recipe, isForNumbers: recipe.mode != .list, now: opening.now)
        guard recipe.mode == .list else {
            takeNumbers(page)
            return .done(report)
        }
        let hasNew = takeList(page)
        pages += 1
        // A page without a new row is the last, whatever it says: else a list that ignores the page asked for would be
        // read for ever. Absence means nothing, since nobody knows what such a list leaves out.
        guard hasNew, pages < pageLimit, try turnPage(page) else { return .done(report) }
        return .send(request())
    }

    private func request() -> HTTPRequest {
        HTTPRequest(
            recipe.method, nextURL ?? recipe.url.filled(values),
            headers: recipe.headers.map { HTTPField($0.name, $0.value.filled(values)) },
            body: recipe.body.map { Array($0.filled(values).utf8) } ?? (recipe.method == .post ? [] : nil), label: label
        )
    }

    // MARK: Rows

    private mutating func takeNumbers(_ page: GenericPage) {
        var rows: [TrackNumber: GenericRow] = [:]
        var unreadable: String?
        for row in page.rows {
            // Without a pointer to it there is one number, and one row that is about it.
            guard let number = recipe.number == nil ? numbers.first : row.number else {
                unreadable = unreadable ?? row.place(of: recipe.number)
                continue
            }
            if rows[number] == nil { rows[number] = row }
        }
        for number in numbers {
            if recipe.number == nil, page.rows.count > 1 {
                reject(
                    number,
                    "\(recipe.answer.list?.description ?? ""): \(page.rows.count) rows, and no row.number tells which")
            } else if let row = rows[number] {
                take(row, number)
            } else if let unreadable {
                // It may be the row that could not be read.
                reject(number, unreadable)
            } else {
                report.snapshots.append(.notFoundYet(number, code: page.code, text: page.reason))
            }
        }
    }

    /// - Returns: Whether any row was not shown before.
    private mutating func takeList(_ page: GenericPage) -> Bool {
        var hasNew = false
        for row in page.rows {
            guard let number = row.number else {
                let place = row.place(of: recipe.number)
                guard seenRows.insert(row.id.map { "id \($0)" } ?? "\(pages) \(place)").inserted else { continue }
                hasNew = hasNew || row.id != nil
                reject(nil, row.id.map { "\(place) (id \($0))" } ?? place)
                continue
            }
            guard seenRows.insert(row.id.map { "id \($0)" } ?? number.description).inserted else { continue }
            hasNew = true
            take(row, number)
        }
        return hasNew
    }

    private mutating func take(_ row: GenericRow, _ number: TrackNumber) {
        do throws(GenericRow.Mistake) { report.snapshots.append(try row.snapshot(of: number)) } catch {
            reject(number, error.field)
        }
    }

    private mutating func reject(_ number: TrackNumber?, _ field: String) {
        report.rejected.append(
            Rejected(id: number.map { ExternalID(.trackNumber, $0.description) }, field: clipped(field, 150)))
    }

    // MARK: Pages

    /// - Returns: Whether there is another page; the values are those to ask for it with then.
    private mutating func turnPage(_ page: GenericPage) throws(PollError) -> Bool {
        let placeholders = recipe.placeholders
        guard let pointer = recipe.answer.next else {
            values.page += 1
            return placeholders.contains(.page)
        }
        guard let node = page.root.at(pointer), !node.isNull, node.bool != false else { return false }
        guard let next = node.scalar, next.utf8.count <= 4000 else { throw .malformed(field: pointer.description) }
        if next.isEmpty { return false }
        if placeholders.contains(.page), node.bool == true {
            values.page += 1
            return true
        }
        guard seenPages.insert(next).inserted else { return false }
        if placeholders.contains(.cursor) {
            values.cursor = next
        } else if placeholders.contains(.page) {
            guard let number = Int(next), number >= 0 else { throw .malformed(field: pointer.description) }
            guard number != values.page else { return false }
            values.page = number
        } else {
            let current = WebAddress(recipe.address)
            guard let url = current.resolving(next) else {
                throw .refused(
                    reason: "the next page is not at \(current.authority) (\(pointer)); no other host is asked")
            }
            nextURL = url
        }
        return true
    }
}

/// An address as far as it has to be known where it leads.
struct WebAddress {
    /// `https://host:8443`, in small letters.
    let origin: String
    let authority: String
    private let path: Substring

    init(_ text: String) {
        let start = text.firstRange(of: "://")?.upperBound ?? text.startIndex
        let end = text[start...].firstIndex { "/?#".contains($0) } ?? text.endIndex
        authority = text[start..<end].lowercased()
        origin = text[..<start].lowercased() + authority
        path = text[end...].prefix { $0 != "?" && $0 != "#" }
    }

    /// The address that a link on this page leads to; nil where that is elsewhere.
    func resolving(_ link: String) -> String? {
        guard link.utf8.allSatisfy({ $0 > 32 && $0 != 127 && $0 != UInt8(ascii: "\\") }) else { return nil }
        if link.hasPrefix("?") { return origin + path + link }
        if link.hasPrefix("/"), !link.hasPrefix("//") { return origin + link }
        return link.contains("://") && WebAddress(link).origin == origin ? link : nil
    }
}
