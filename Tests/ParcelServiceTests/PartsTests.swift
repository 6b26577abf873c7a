// A message of several parts, and a daemon that is killed between two of them.

import Foundation
import GRDB
import ParcelCore
import Testing

@testable import ParcelService
@testable import ParcelStore

private let monday = Timestamp(seconds: 1_507_528_800)  // 2017-10-09T06:00:00Z

/// Which part the channel had just taken when the daemon was killed, and how often each is told in all.
@Test(arguments: [(0, [2, 1, 1]), (1, [1, 2, 1]), (2, [1, 1, 2])])
func `a kill between the parts of a message repeats the part in hand and no other`(part: Int, told: [Int]) async throws
{
    let bureau = try Bureau(monday)
    let around = try bureau.around([try Bureau.recipient("anna: office")])
    // Posts carry a hundred matters each.
    for number in 1...250 { try bureau.open(.providerDown, ProviderID("p\(number)"), around, at: monday) }
    let path = bureau.folder.appending(path: "left.sqlite").path
    let count = Locked(0)
    bureau.status.withLock {
        $0 = { [store = bureau.store] _ in
            let number = count.withLock { count -> Int in
                count += 1
                return count - 1
            }
            // It does not live to hear the answer.
            if number == part {
                try? store.database.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO '\(path)'") }
            }
            return 200
        }
    }
    _ = await (try bureau.dispatcher("office", around)).tick(now: monday)
    let sent = bureau.posts.withLock { $0.map(\.key) }
    #expect(sent.count == 3 && Set(sent).count == 3)
    let before = sent.prefix(part + 1)
    bureau.posts.withLock { $0.removeAll() }
    let survivor = try Store.open(path, .daemon)
    let again = try bureau.around([try Bureau.recipient("anna: office")], over: survivor)
    for minute in [5, 10] as [Int64] {
        _ = await (try bureau.dispatcher("office", again)).tick(now: monday + .minutes(minute))
    }
    let all = before + bureau.posts.withLock { $0.map(\.key) }
    #expect(sent.map { key in all.count { $0 == key } } == told)
    #expect(try survivor.messages().allSatisfy { $0.deliveredAt != nil })
}

@Test func `a stop between the parts of a message leaves the rest for the next start, and nothing is told twice`()
    async throws
{
    let bureau = try Bureau(monday)
    let around = try bureau.around([try Bureau.recipient("anna: office")])
    for number in 1...250 { try bureau.open(.providerDown, ProviderID("p\(number)"), around, at: monday) }
    bureau.status.withLock {
        $0 = { _ in
            around.ending.begin()
            return 200
        }
    }
    _ = await (try bureau.dispatcher("office", around)).tick(now: monday)
    #expect(bureau.posts.withLock { $0.count } == 1)
    bureau.status.withLock { $0 = { _ in 200 } }
    let next = try bureau.around([try Bureau.recipient("anna: office")])
    _ = await (try bureau.dispatcher("office", next)).tick(now: monday + .minutes(1))
    let keys = bureau.posts.withLock { $0.map(\.key) }
    #expect(keys.count == 3 && Set(keys).count == 3)
    #expect(try bureau.store.messages().allSatisfy { $0.deliveredAt != nil })
}
