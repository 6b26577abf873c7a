// Pages where a person can follow a number: the carrier's own first, then those that know every carrier, then those into
// which the number has to be typed. parceld only shows them; it reads none.
// Sources: the vendors' own links in their clients and the shop's guide, read 2026-11.

package struct CarrierPage: Sendable, Hashable {
    /// Whose page it is, as it calls itself.
    package let name: String
    package let url: String
    /// Whether the address carries the number; else a person types it there.
    package let hasNumber: Bool

    package init(_ name: String, _ url: String, hasNumber: Bool = true) {
        self.name = name
        self.url = url
        self.hasNumber = hasNumber
    }
}

/// Never empty, the best first, each once.
///
/// - Parameter role: What the number is to the thing that carries it; nil where nothing tells.
package func carrierPages(for number: TrackNumber, role: TrackNumberRole? = nil) -> [CarrierPage] {
    let ids = Set(formats(of: number).map(\.format.id))
    let text = number.description
    var pages: [CarrierPage] = []
    if ids.contains("shiptor") { pages.append(CarrierPage("Shiptor", "https://shiptor.ru/tracking?tracking=\(text)")) }
    let isLiteMF = isLiteMFForm(text)
    // Cainiao's ids begin so too, and are longer.
    if isLiteMF, text.utf8.count <= 12 { pages.append(liteMF(text)) }
    let isRussian = !ids.isDisjoint(with: ["ru_post_domestic", "ru_post_international"])
    // An international number is delivered by Russia's post, whoever posted it.
    if isRussian || (role == .international && ids.contains("upu_s10")) {
        pages.append(CarrierPage("Почта России", "https://www.pochta.ru/tracking?barcode=\(text)"))
    }
    if ids.contains("cdek") {
        pages.append(CarrierPage("СДЭК", "https://www.cdek.ru/ru/tracking?order_id=\(text)"))
    }
    pages.append(CarrierPage("postal.ninja", "https://postal.ninja/widget/tracker?lc=ru&num=\(text)"))
    if isLiteMF, text.utf8.count > 12, role == .forwarder { pages.append(liteMF(text)) }
    if text.hasPrefix("LP"), text.utf8.count > 12 {
        pages.append(CarrierPage("Cainiao", "https://global.cainiao.com/newDetail.htm?mailNoList=\(text)"))
    }
    pages.append(CarrierPage("17TRACK", "https://t.17track.net/en#nums=\(text)"))
    if isChinaPost(text, ids) {
        pages.append(CarrierPage("China Post EMS", "https://www.ems.com.cn/queryList", hasNumber: false))
        pages.append(
            CarrierPage(
                "postal.ninja, China Post", "https://postal.ninja/ru/p/china-post/tracking", hasNumber: false))
    }
    return pages
}

/// The best page for the number.
package func carrierPage(for number: TrackNumber, role: TrackNumberRole? = nil) -> String {
    carrierPages(for: number, role: role)[0].url
}

/// `LP97302`, `LP1930191011`.
private func isLiteMFForm(_ text: String) -> Bool {
    text.hasPrefix("LP") && text.utf8.count > 2 && text.utf8.dropFirst(2).allSatisfy { (48...57).contains($0) }
}

private func liteMF(_ text: String) -> CarrierPage { CarrierPage("LiteMF", "https://litemf.com/ru/tracking/\(text)") }

private func isChinaPost(_ text: String, _ ids: Set<String>) -> Bool {
    ids.contains("chinapost_domestic") || (ids.contains("upu_s10") && text.hasSuffix("CN"))
}
