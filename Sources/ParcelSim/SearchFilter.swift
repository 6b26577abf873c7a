// OT Commerce's search parameters: XML text in a form's field. Read by a small reader of its own, which knows elements
// and text and nothing else of XML.

struct OrderFilter {
    private var statuses: Set<String> = []
    private var ids: [String] = []
    private var from: String?
    private var to: String?
    var isOldestFirst = false

    /// Nil for what is no XML of that kind; an empty text filters nothing.
    init?(_ text: String) {
        let root = text.isEmpty ? Element(name: "OrderSearchParameters") : Element.read(text)
        guard let root, root.name == "OrderSearchParameters" else { return nil }
        self.init(root)
    }

    fileprivate init(_ root: Element) {
        statuses = Set(root.texts("StatusIdList", "Id").filter { $0 != "-1" })
        ids = root.texts("OrderIds", "OrderId") + [root.text("Id")].compactMap(\.self)
        from = root.text("CreationDateFrom")
        to = root.text("CreationDateTo")
        isOldestFirst = root.text("OrderBy")?.uppercased().hasSuffix(":ASC") ?? false
    }

    func shows(_ order: Scenario.Order, _ state: Scenario.Step, zoneMinutes: Int) -> Bool {
        guard statuses.isEmpty || statuses.contains(state.status ?? "") else { return false }
        guard ids.isEmpty || ids.contains(where: { isSameThing($0, order.id) }) else { return false }
        let created = local(order.created.ms, minutes: zoneMinutes)
        if let from, created < from { return false }
        if let to, created > to { return false }
        return true
    }
}

struct LineFilter {
    let orders: OrderFilter
    private let statuses: Set<String>
    private let purchases: Set<String>
    private let waybills: Set<String>

    init?(_ text: String) {
        let root = text.isEmpty ? Element(name: "OrderLineSearchParameters") : Element.read(text)
        guard let root, root.name == "OrderLineSearchParameters" else { return nil }
        orders = OrderFilter(
            root.children.first { $0.name == "OrderSearchParameters" } ?? Element(name: "OrderSearchParameters"))
        statuses = Set(root.texts("StatusIdList", "Id"))
        purchases = Set(root.texts("VendorPurchaseIdList", "Id"))
        waybills = Set(root.texts("VendorPurchaseWaybillIdList", "Id"))
    }

    func shows(_ state: Scenario.Step, _ line: Scenario.Line) -> Bool {
        (statuses.isEmpty || statuses.contains(state.status ?? ""))
            && (purchases.isEmpty || purchases.contains(line.externalOrder ?? ""))
            && (waybills.isEmpty || waybills.contains(state.track ?? ""))
    }
}

private struct Element {
    var name: String
    var children: [Element] = []
    var content = ""

    func text(_ name: String) -> String? {
        children.first { $0.name == name }.flatMap { $0.content.isEmpty ? nil : $0.content }
    }

    func texts(_ list: String, _ name: String) -> [String] {
        children.filter { $0.name == list }.flatMap { $0.children.filter { $0.name == name }.map(\.content) }
    }

    /// Nil where a tag is not closed by its own name.
    static func read(_ text: String) -> Element? {
        var open = [Element(name: "")]
        var rest = text[...]
        while let start = rest.firstIndex(of: "<") {
            open[open.count - 1].content += unescaped(rest[..<start])
            guard let end = rest[start...].firstIndex(of: ">") else { return nil }
            let tag = rest[rest.index(after: start)..<end]
            rest = rest[rest.index(after: end)...]
            if tag.hasPrefix("?") { continue }
            if tag.hasPrefix("/") {
                guard open.count > 1, let done = open.popLast(), done.name == tag.dropFirst() else { return nil }
                open[open.count - 1].children.append(done)
            } else {
                let name = String(tag.prefix { $0 != " " && $0 != "/" })
                if name.isEmpty { return nil }
                if tag.hasSuffix("/") {
                    open[open.count - 1].children.append(Element(name: name))
                } else {
                    open.append(Element(name: name))
                }
            }
        }
        return open.count == 1 && open[0].children.count == 1 ? open[0].children[0] : nil
    }

    private static func unescaped(_ text: Substring) -> String {
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")].reduce(String(text)) {
            $0.replacing($1.0, with: $1.1)
        }
    }
}
