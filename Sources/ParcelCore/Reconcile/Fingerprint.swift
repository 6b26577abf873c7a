// A stable 64-bit fingerprint of what a provider said (FNV-1a), so that an unchanged answer costs one comparison.
// Swift's own Hasher differs from run to run.

package struct Fingerprint: Sendable {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    package init() {}

    package mutating func add(_ text: String) {
        var (text, sum) = (text, state)
        text.withUTF8 { for byte in $0 { sum = Fingerprint.sum(sum, byte) } }
        // No byte of UTF-8 is 0xff: it ends the text, so that "ab" + "c" differs from "a" + "bc".
        state = Fingerprint.sum(sum, 0xff)
    }

    private static func sum(_ state: UInt64, _ byte: UInt8) -> UInt64 { (state ^ UInt64(byte)) &* 0x100_0000_01b3 }

    package var value: Int64 { Int64(bitPattern: state) }
}

extension Snapshot {
    /// Of everything but the checkpoints, which not every answer carries.
    package var digest: Int64 {
        var print = Fingerprint()
        print.add(label ?? "")
        print.add(display ?? "")
        print.add(order ?? "")
        print.add(sameAs.map { "\($0.system)/\($0.id.kind.rawValue)/\($0.id.key)" } ?? "")
        print.add(status.code)
        print.add(status.text)
        print.add(status.condition?.rawValue ?? "")
        print.add(status.time.text ?? "")
        print.add(created.text ?? "")
        print.add(changeSignal ?? "")
        for number in numbers { print.add(number.role.rawValue + number.number.description) }
        for content in contents {
            switch content {
            case .external(let id): print.add("=" + id.key)
            case .label(let label): print.add("#" + label)
            }
        }
        if let amount { print.add("\(amount.minor)\(amount.currency)") }
        for (key, value) in facts.sorted(by: { $0.key < $1.key }) {
            print.add(key.rawValue)
            print.add(value)
        }
        return print.value
    }

    package var checkpointDigest: Int64? {
        guard let checkpoints else { return nil }
        var print = Fingerprint()
        for checkpoint in checkpoints { checkpoint.add(to: &print) }
        return print.value
    }
}

extension Checkpoint {
    fileprivate func add(to print: inout Fingerprint) {
        print.add(time.text ?? "")
        print.add(code)
        print.add(text)
        print.add(place)
    }

    /// The same happening reported again has the same identity, whatever else changed in the answer.
    package func identity(provider: ProviderID, source: String) -> Int64 {
        var print = Fingerprint()
        print.add(provider.description)
        print.add(source)
        add(to: &print)
        return print.value
    }
}
