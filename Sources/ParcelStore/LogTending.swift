// Keeps the write-ahead log small. SQLite brings it into the file by itself after every thousand pages, but not what a
// reader may still need: one that keeps a transaction open for hours makes it grow for hours, and readers that overlap
// without end keep it from ever beginning anew.

import Foundation
import GRDB

package struct FileSizes: Sendable, Hashable {
    package var database: Int
    package var log: Int
    /// Beyond it something is wrong.
    package static let largestLog = 64 << 20

    package var isLogLarge: Bool { log > FileSizes.largestLog }
}

extension Store {
    package var sizes: FileSizes { FileSizes(database: fileSize(path), log: fileSize(path + "-wal")) }

    /// Brings the log into the file and empties it, unless somebody reads an older state: then it stays, and so does
    /// everybody's work. Waits for nobody.
    ///
    /// - Returns: Whether it is empty now.
    package func emptyLog() throws(StoreError) -> Bool {
        try using { database in
            try database.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA busy_timeout = 0")
                defer { try? db.execute(sql: "PRAGMA busy_timeout = 5000") }
                return try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)").map { $0[0] == 0 } ?? false
            }
        }
    }

    /// Processes that read the database in a transaction now, as far as this user may see them.
    package var readers: [Int32] {
        guard let shared = fileStatus(path + "-shm"), let locks = kernelText("/proc/locks") else { return [] }
        return readingProcesses(locks, inode: UInt64(shared.st_ino)).filter { $0 != getpid() }
    }
}

/// A file that the kernel makes up while it is read: it says that it has no size, and gives a page at a time.
private func kernelText(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = read(file, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
        bytes += buffer[..<count]
    }
}

/// From the lines of /proc/locks: shared locks on the bytes of the log's index by which SQLite marks readers.
func readingProcesses(_ locks: String, inode: UInt64) -> [Int32] {
    let processes = locks.split(separator: "\n").compactMap { line -> Int32? in
        let words = line.split(separator: " ")
        guard words.count >= 8, words[1] == "POSIX", words[3] == "READ", words[5].hasSuffix(":\(inode)"),
            let first = Int(words[6]), (123...127).contains(first)
        else { return nil }
        return Int32(words[4])
    }
    return Set(processes).sorted()
}
