// The formats of track numbers, as far as public sources know them. Bare digits are rarely decidable: `detect` says
// whether a match may set the carrier, may be offered, or counts only if the user says so.
// Sources: the vendors' own input checks and public rule sets, read 2026-11; examples are tests.

package struct TrackNumberFormat: Sendable, Hashable {
    package enum CheckDigitRule: Sendable, Hashable { case none, s10, mod10 }
    package enum Detection: String, Sendable, Hashable { case auto, suggest, manual }

    package let id: String
    package let carrier: String
    let patterns: [NumberPattern]
    let rule: CheckDigitRule
    package let detect: Detection

    /// Normalising needs it too: only such a number has pieces.
    static let jdForm = "JDx2d10-12"

    /// In the order in which matches are listed.
    package static let all: [TrackNumberFormat] = [
        .init("upu_s10", "national post (last two letters)", ["l2d9l2"], .s10, .auto),
        .init(
            "s10_private", "private consolidator using S10 shape",
            ["l2d9YP", "l2d9YW", "l2d9YL", "l2d9YE", "l2d9YQ", "l2d9MH", "l2d9MG"], .none, .suggest),
        .init("chinapost_epacket", "China Post ePacket (e邮宝)", ["Lld9CN"], .s10, .auto),
        .init("ems_cn", "EMS China", ["Eld9CN"], .s10, .auto),
        .init(
            "chinapost_domestic", "China Post domestic parcel / EMS domestic", ["9d12", "1[012]d11", "5[012]d11"],
            .none, .suggest),
        .init("cainiao_lp", "Cainiao (AliExpress / Alibaba logistics order)", ["LPd8-18"], .none, .auto),
        .init("cainiao_ru", "Cainiao parcels for Russia", ["AECAd10RUd"], .none, .auto),
        .init("cainiao_cn15", "Cainiao domestic (菜鸟裹裹)", ["621d12", "9d14"], .none, .suggest),
        .init("yunexpress", "YunExpress (云途)", ["YTd16"], .none, .auto),
        .init(
            "yto", "YTO Express (圆通)",
            ["YTd13", "[YTM]d14", "8d17", "99d16", "DDd16", "G8d16", "6d17", "70d16", "78d16", "79d16"], .none, .auto),
        .init("sto", "STO Express (申通)", ["77d13", "43d13", "88d13", "99d13"], .none, .suggest),
        .init("zto", "ZTO Express (中通)", ["7[3456789]d12"], .none, .suggest),
        .init("yunda", "Yunda Express (韵达)", ["[34]d14", "[345]d12", "71d12", "YDd12-13"], .none, .suggest),
        .init("sf", "SF Express (顺丰)", ["SFd12", "SFxd12", "d12"], .none, .suggest),
        .init("jt", "J&T Express China (极兔)", ["JTd12-13"], .none, .auto),
        .init("jd", "JD Logistics (京东)", [jdForm], .none, .auto),
        .init("deppon", "Deppon (德邦)", ["DPKd12"], .none, .auto),
        .init("sunyou", "SunYou (顺友)", ["SYd11", "SYLLDd8"], .none, .auto),
        .init("ru_post_domestic", "Russian Post, domestic", ["[1234568]d13"], .mod10, .auto),
        .init("ru_post_international", "Russian Post, international", ["[CELRUVZ]ld9RU"], .s10, .auto),
        .init("cdek", "CDEK (СДЭК)", ["1d9"], .none, .suggest),
        .init("boxberry", "Boxberry", ["0000d9", "ABRd9", "AFOXd9", "AAQd9", "ALPd9"], .none, .suggest),
        .init("dpd_ru", "DPD Russia", ["RUd9"], .none, .auto),
        .init("shiptor", "Shiptor / SberLogistics (СберЛогистика)", ["RPd5-9"], .none, .auto),
        .init("shiptor_sh", "Shiptor, SH form", ["SHd5-12"], .none, .suggest),
        .init("pony", "Pony Express", ["PNd8"], .none, .auto),
        .init("iml", "IML", ["d13"], .none, .manual),
        .init("qwintry", "Qwintry", ["QRd8"], .none, .auto),
    ]

    private init(
        _ id: String, _ carrier: String, _ patterns: [String], _ rule: CheckDigitRule, _ detect: Detection
    ) {
        self.id = id
        self.carrier = carrier
        self.patterns = patterns.map(NumberPattern.init)
        self.rule = rule
        self.detect = detect
    }
}

package struct FormatMatch: Sendable, Hashable {
    package enum CheckDigit: String, Sendable, Hashable { case valid, invalid, none }

    package let format: TrackNumberFormat
    /// A wrong one is a remark, never a refusal: the sample number in Russian Post's own documentation has one.
    package let checkDigit: CheckDigit
}

/// Every format that the number has the form of, in the table's order.
package func formats(of number: TrackNumber) -> [FormatMatch] {
    let bytes = Array(number.description.utf8)
    return TrackNumberFormat.all.compactMap { format in
        guard format.patterns.contains(where: { $0.matches(bytes) }) else { return nil }
        return FormatMatch(format: format, checkDigit: checkDigit(bytes, format.rule))
    }
}

private func checkDigit(_ bytes: [UInt8], _ rule: TrackNumberFormat.CheckDigitRule) -> FormatMatch.CheckDigit {
    func digit(_ index: Int) -> Int { Int(bytes[index]) - 48 }
    switch rule {
    case .none: return .none
    case .s10:
        let weights = [8, 6, 4, 2, 3, 5, 9, 7]
        let sum = weights.indices.reduce(0) { $0 + weights[$1] * digit($1 + 2) }
        let expected =
            switch 11 - sum % 11 {
            case 10: 0;
            case 11: 5;
            case let rest: rest
            }
        return digit(10) == expected ? .valid : .invalid
    case .mod10:
        let sum = (0..<13).reduce(0) { $0 + ($1.isMultiple(of: 2) ? 3 : 1) * digit($1) }
        return digit(13) == (10 - sum % 10) % 10 ? .valid : .invalid
    }
}

/// A number's own role where nothing else tells: a logistics partner's id, a post's, or a last-mile carrier's.
package func guessedRole(of number: TrackNumber) -> TrackNumberRole {
    let ids = Set(formats(of: number).map(\.format.id))
    if ids.contains("upu_s10") { return .international }
    if number.description.hasPrefix("LP") || ids.contains("shiptor") || ids.contains("shiptor_sh") { return .forwarder }
    return .lastMile
}
