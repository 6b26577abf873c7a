// A track number in canonical form, so that one number written in five ways is one number. It links things; it never
// identifies one, because carriers reuse numbers and one number may carry several items.

/// Upper-case ASCII letters and digits, at least one and at most 40.
package struct TrackNumber: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// No carrier's is longer; what is longer is something else that was pasted.
    package static let longest = 40

    package let description: String

    /// Takes full-width letters, small letters, spaces, hyphens and dashes of all kinds, invisible characters and,
    /// where Latin letters and digits result, their Cyrillic look-alikes. The letter O is never read as zero.
    /// Nil where something else is left, nothing is, or too much.
    package init?(_ text: String) {
        var canonical: [UInt8] = []
        for scalar in text.unicodeScalars {
            guard !TrackNumber.isIgnored(scalar) else { continue }
            guard let byte = TrackNumber.letterOrDigit(scalar), canonical.count < 64 else { return nil }
            canonical.append(byte)
        }
        if let main = TrackNumber.withoutPieceSuffix(text, canonical) { canonical = main }
        guard !canonical.isEmpty, canonical.count <= TrackNumber.longest else { return nil }
        description = String(decoding: canonical, as: UTF8.self)
    }

    package static func < (left: TrackNumber, right: TrackNumber) -> Bool { left.description < right.description }

    private static func isIgnored(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09...0x0D, 0x20, 0x2D, 0x85, 0xA0, 0xAD, 0x1680, 0x180E, 0x2000...0x200F, 0x2010...0x2015,
            0x2028...0x202F, 0x205F...0x2064, 0x2066...0x206F, 0x2212, 0x3000, 0xFE00...0xFE0F, 0xFE58, 0xFE63,
            0xFEFF, 0xFF0D:
            true
        default: false
        }
    }

    private static func letterOrDigit(_ scalar: Unicode.Scalar) -> UInt8? {
        var value = scalar.value
        if (0xFF01...0xFF5E).contains(value) { value -= 0xFEE0 }
        switch value {
        case 48...57, 65...90: return UInt8(value)
        case 97...122: return UInt8(value - 32)
        default: return lookAlikes[Unicode.Scalar(value) ?? " "]
        }
    }

    private static let lookAlikes: [Unicode.Scalar: UInt8] = {
        var found: [Unicode.Scalar: UInt8] = [:]
        for (cyrillic, latin) in zip("АВЕКМНОРСТХавекмнорстх".unicodeScalars, "ABEKMHOPCTXABEKMHOPCTX".utf8) {
            found[cyrillic] = latin
        }
        return found
    }()

    /// JD's labels add `-1-3-` (piece 1 of 3) to the number; it is no part of it.
    private static func withoutPieceSuffix(_ text: String, _ canonical: [UInt8]) -> [UInt8]? {
        guard canonical.starts(with: "JD".utf8) else { return nil }
        let groups = text.split(separator: "-", omittingEmptySubsequences: true)
        guard groups.count == 3, groups[1...].allSatisfy({ (1...3).contains($0.count) && $0.allSatisfy(\.isNumber) })
        else { return nil }
        let main = groups[0].unicodeScalars.compactMap { isIgnored($0) ? nil : letterOrDigit($0) }
        return (14...16).contains(main.count) ? main : nil
    }
}
