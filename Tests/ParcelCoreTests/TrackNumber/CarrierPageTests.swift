import ParcelCore
import Testing

struct CarrierPageTests {
    private static let ninja = "https://postal.ninja/widget/tracker?lc=ru&num="
    private static let post = "https://www.pochta.ru/tracking?barcode="
    private static let track = "https://t.17track.net/en#nums="
    private static let cainiao = "https://global.cainiao.com/newDetail.htm?mailNoList="
    private static let china = ["https://www.ems.com.cn/queryList", "https://postal.ninja/ru/p/china-post/tracking"]

    private func pages(_ text: String, _ role: TrackNumberRole?) throws -> [CarrierPage] {
        carrierPages(for: try #require(TrackNumber(text)), role: role)
    }

    @Test(
        arguments: [
            ("RP11578", nil, ["https://shiptor.ru/tracking?tracking=RP11578", ninja + "RP11578", track + "RP11578"]),
            ("LP97302", .forwarder, ["https://litemf.com/ru/tracking/LP97302", ninja + "LP97302", track + "LP97302"]),
            (
                "LP1930191011", nil,
                ["https://litemf.com/ru/tracking/LP1930191011", ninja + "LP1930191011", track + "LP1930191011"]
            ),
            (
                "LP00712345678901", nil,
                [ninja + "LP00712345678901", cainiao + "LP00712345678901", track + "LP00712345678901"]
            ),
            (
                "LP00712345678901", .forwarder,
                [
                    ninja + "LP00712345678901", "https://litemf.com/ru/tracking/LP00712345678901",
                    cainiao + "LP00712345678901", track + "LP00712345678901",
                ]
            ),
            ("14102190001239", nil, [post + "14102190001239", ninja + "14102190001239", track + "14102190001239"]),
            ("RA644000001RU", .lastMile, [post + "RA644000001RU", ninja + "RA644000001RU", track + "RA644000001RU"]),
            (
                "RA123456785CN", .international,
                [post + "RA123456785CN", ninja + "RA123456785CN", track + "RA123456785CN"] + china
            ),
            ("RA123456785CN", nil, [ninja + "RA123456785CN", track + "RA123456785CN"] + china),
            ("EA123456754CN", .domestic, [ninja + "EA123456754CN", track + "EA123456754CN"] + china),
            ("1207119765021", .domestic, [ninja + "1207119765021", track + "1207119765021"] + china),
            ("YT7530122849021", .domestic, [ninja + "YT7530122849021", track + "YT7530122849021"]),
            (
                "1105987654", .lastMile,
                [
                    "https://www.cdek.ru/ru/tracking?order_id=1105987654", ninja + "1105987654",
                    track + "1105987654",
                ]
            ),
            ("LPX1", .forwarder, [ninja + "LPX1", track + "LPX1"]), ("LP", .forwarder, [ninja + "LP", track + "LP"]),
        ] as [(String, TrackNumberRole?, [String])])
    func `the carrier's own page comes first, one to type the number into last`(
        _ text: String, _ role: TrackNumberRole?, _ urls: [String]
    ) throws {
        let found = try pages(text, role)
        #expect(found.map(\.url) == urls)
        #expect(carrierPage(for: try #require(TrackNumber(text)), role: role) == urls[0])
    }

    @Test func `whatever the number is, there is a page that takes it, and each stands once`() throws {
        for text in ["1", "A", "ZZZZZZZZZZ", String(repeating: "9", count: 40), "RB123456785CN", "LP12345678"] {
            for role in TrackNumberRole.allCases.map(Optional.init) + [nil] {
                let found = try pages(text, role)
                #expect(found.first?.hasNumber == true)
                #expect(Set(found.map(\.url)).count == found.count && Set(found.map(\.name)).count == found.count)
                for page in found {
                    #expect(page.hasNumber == page.url.hasSuffix(text), "\(page.url)")
                    #expect(page.url.hasPrefix("https://") && !page.name.isEmpty)
                }
                #expect(found.drop { $0.hasNumber }.allSatisfy { !$0.hasNumber })
            }
        }
    }
}
