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
        // Most are written as they are kept.
        if (1...TrackNumber.longest).contains(text.utf8.count), text.utf8.allSatisfy(TrackNumber.isCanonical) {
            description = text
            return
        }
        // Kept apart at its dashes, because a JD number ends where its last two groups begin.
        var groups: [[UInt8]] = [[]]
        var length = 0
        for scalar in text.unicodeScalars {
            if TrackNumber.isDash(scalar) {
                if groups.last?.isEmpty == false { groups.append([]) }
            } else if !TrackNumber.isIgnored(scalar) {
                guard let byte = TrackNumber.letterOrDigit(scalar), length < 64 else { return nil }
                groups[groups.count - 1].append(byte)
                length += 1
            }
        }
        let canonical = TrackNumber.withoutPieces(groups) ?? Array(groups.joined())
        guard !canonical.isEmpty, canonical.count <= TrackNumber.longest else { return nil }
        description = String(decoding: canonical, as: UTF8.self)
    }

    package static func < (left: TrackNumber, right: TrackNumber) -> Bool { left.description < right.description }

    private static func isCanonical(_ byte: UInt8) -> Bool { (48...57).contains(byte) || (65...90).contains(byte) }

    private static func isDash(_ scalar: Unicode.Scalar) -> Bool {
        // The minus sign and the hyphen bullet look like dashes but are none to Unicode.
        scalar == "-" || scalar.value == 0x2212 || scalar.value == 0x2043
            || (scalar.value > 0x7F && scalar.properties.generalCategory == .dashPunctuation)
    }

    private static func isIgnored(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09...0x0D, 0x20, 0x85, 0x034F, 0xFE00...0xFE0F: return true
        case 0...0x7F: return false
        default: break
        }
        return switch scalar.properties.generalCategory {
        // Zero-width characters, the soft hyphen, marks of direction and of byte order are all formats.
        case .spaceSeparator, .lineSeparator, .paragraphSeparator, .format: true
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

    private static let jd = NumberPattern(TrackNumberFormat.jdForm)

    /// JD's labels add `-1-3-` (piece 1 of 3) to the number; it is no part of it.
    private static func withoutPieces(_ groups: [[UInt8]]) -> [UInt8]? {
        let written = groups.filter { !$0.isEmpty }
        guard written.count >= 3 else { return nil }
        let isCounted = written.suffix(2).allSatisfy { group in
            group.count <= 3 && group.allSatisfy { (48...57).contains($0) }
        }
        let main = Array(written.dropLast(2).joined())
        return isCounted && jd.matches(main) ? main : nil
    }
}
