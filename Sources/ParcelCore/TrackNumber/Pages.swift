// Pages where a person can follow a number, also where its carrier has no interface that could be polled.
// Addresses: the vendors' own pages and public clients, read 2026-11. China Post's page takes no number in its address.

package struct TrackingPage: Sendable, Hashable {
    package let name: String
    package let url: String
}

/// The carrier's own first, those that collect from many carriers last.
package func trackingPages(for number: TrackNumber) -> [TrackingPage] {
    let ids = Set(formats(of: number).map(\.format.id))
    var pages: [TrackingPage] = []
    if ids.contains("shiptor") {
        pages.append(TrackingPage(name: "Shiptor", url: "https://shiptor.ru/tracking?tracking=\(number)"))
    }
    if ids.contains("cainiao_lp") {
        pages.append(TrackingPage(name: "LiteMF", url: "https://litemf.com/ru/tracking/\(number)"))
    }
    if !ids.isDisjoint(with: ["ru_post_domestic", "ru_post_international", "upu_s10"]) {
        pages.append(TrackingPage(name: "pochta.ru", url: "https://www.pochta.ru/tracking?barcode=\(number)"))
    }
    if ids.contains("cdek") {
        pages.append(TrackingPage(name: "cdek.ru", url: "https://www.cdek.ru/ru/tracking?order_id=\(number)"))
    }
    pages.append(
        TrackingPage(name: "postal.ninja", url: "https://postal.ninja/widget/tracker?lc=ru&num=\(number)"))
    pages.append(TrackingPage(name: "17TRACK", url: "https://t.17track.net/en#nums=\(number)"))
    return pages
}
