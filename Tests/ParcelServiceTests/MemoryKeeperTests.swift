import ParcelCore
import ParcelService
import Testing

struct MemoryKeeperTests {
    @Test func `memory is given back when enough of it came since the last time`() {
        let (resident, left, isGivenBack) = (Locked(0), Locked(0), Locked(false))
        let keeper = MemoryKeeper {
            resident.withLock { $0 << 20 }
        } giveBack: {
            isGivenBack.withLock { $0 = true }
            resident.withLock { $0 = left.withLock { $0 } }
        }
        // MiB in memory before a sleep, and what is left of it where something is given back.
        let steps: [(before: Int, left: Int?)] = [
            (40, 12),  // the start
            (12, nil), (15, nil),  // a wake-up with nothing to do
            (60, 14),  // a pass
            (17, nil), (17, nil), (18, 16), (19, nil),
            (9, nil), (12, nil), (13, 10),  // some of it went by itself
        ]
        for (number, step) in steps.enumerated() {
            resident.withLock { $0 = step.before }
            left.withLock { $0 = step.left ?? 0 }
            isGivenBack.withLock { $0 = false }
            keeper.note()
            #expect(isGivenBack.withLock { $0 } == (step.left != nil), "step \(number)")
        }
    }

    @Test func `what was given back is there again when it is used`() {
        #expect(residentBytes() > 1 << 20)
        let text = String(repeating: "x", count: 1 << 20)
        // Other tests use memory meanwhile.
        let isLess = (0..<50).contains { _ in
            let before = residentBytes()
            MemoryKeeper().note()
            return residentBytes() < before
        }
        #expect(isLess)
        #expect(text.utf8.count == 1 << 20 && text.allSatisfy { $0 == "x" })
    }
}
