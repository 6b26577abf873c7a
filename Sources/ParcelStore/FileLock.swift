// Keeps two daemons from sharing one file: a lock beside it that the kernel drops however its holder ends.

import Foundation

final class FileLock: Sendable {
    private let descriptor: Int32
    /// Whether the last holder ended without closing the database, as by a kill or a loss of power.
    let isAfterCrash: Bool

    /// - Parameter path: Of the database, with symbolic links resolved: one file under two names is one file.
    init(_ path: String) throws(StoreError) {
        let lockPath = path + ".lock"
        let isNew = fileStatus(lockPath) == nil
        let descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw .unwritable(lockPath) }
        // The daemon has to be able to open it after root did something here.
        if isNew { takeOver(descriptor, from: path, mode: 0o640) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let isHeld = errno == EWOULDBLOCK
            let holder = FileLock.holder(descriptor)
            close(descriptor)
            throw isHeld ? .locked(path, process: holder) : .unwritable(lockPath)
        }
        self.descriptor = descriptor
        isAfterCrash = FileLock.holder(descriptor) != nil
        // For messages, and for the next start; the lock itself is the kernel's.
        let text = Array("\(getpid())\n".utf8)
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, text, text.count, 0)
    }

    /// Another may have the database now.
    ///
    /// - Parameter isWhole: Whether nothing of it is only in its log.
    func release(isWhole: Bool) {
        if isWhole { _ = ftruncate(descriptor, 0) }
        _ = flock(descriptor, LOCK_UN)
    }

    deinit { close(descriptor) }

    private static func holder(_ descriptor: Int32) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return Int32(String(decoding: bytes.prefix(count).prefix { $0 != 10 }, as: UTF8.self))
    }
}
