// What copies of a database need of the file system: names that stand for whole files only, room, and order on the disk.

import Foundation
package import ParcelCore

/// A new file beside the one that it shall become: nobody sees it under its final name before it is whole and on the disk.
struct Draft {
    let path: String
    private let target: String
    private let descriptor: Int32

    /// - Parameter model: Whose owner and mode it gets; 0640 and the folder's owner where there is none.
    init(of target: String, like model: String? = nil) throws(StoreError) {
        self.target = target
        path = "\(target).partial-\(getpid())"
        let name = URL(fileURLWithPath: target).lastPathComponent + ".partial-"
        for left in (try? FileManager.default.contentsOfDirectory(atPath: folder(of: target))) ?? []
        where left.hasPrefix(name) && left.dropFirst(name.count).allSatisfy(\.isNumber) {
            Draft.sweep(folder(of: target) + "/" + left)
        }
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw fileError(target) }
        // Held for as long as it is being written: what nobody holds was left by a program that ended.
        _ = flock(descriptor, LOCK_EX | LOCK_NB)
        takeOver(descriptor, from: model ?? target, mode: model.flatMap(fileStatus).map { $0.st_mode & 0o777 } ?? 0o640)
    }

    func sync() throws(StoreError) { guard fsync(descriptor) == 0 else { throw fileError(path) } }

    /// Under its final name from here on, also after a loss of power.
    func publish(replacing: Bool) throws(StoreError) {
        try sync()
        guard replacing || fileStatus(target) == nil else { throw .exists(target) }
        guard rename(path, target) == 0 else { throw fileError(target) }
        try syncFolder(of: target)
        close(descriptor)
    }

    func discard() {
        close(descriptor)
        for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) }
    }

    /// Removes what programs that were killed left of drafts of that file.
    static func sweep(_ path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
            for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) }
        }
        close(descriptor)
    }
}

/// Where root makes a file for the daemon, it belongs to whom the files there belong. Others cannot give files away, and
/// need not.
///
/// - Parameter model: A file, or one that is not there yet: then its folder.
func takeOver(_ descriptor: Int32, from model: String, mode: mode_t) {
    if let owner = fileStatus(model) ?? fileStatus(folder(of: model)) {
        _ = fchown(descriptor, owner.st_uid, owner.st_gid)
    }
    _ = fchmod(descriptor, mode)
}

/// Belongs to whom the folder around it belongs, also where root makes it: the daemon's user writes there next.
func makeFolder(_ path: String) -> Bool {
    guard mkdir(path, 0o750) == 0 else { return false }
    let made = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    takeOver(made, from: folder(of: path), mode: 0o750)
    close(made)
    return true
}

func fileStatus(_ path: String) -> stat? {
    var status = stat()
    return stat(path, &status) == 0 ? status : nil
}

/// 0 where there is none.
func fileSize(_ path: String) -> Int { fileStatus(path).map { Int($0.st_size) } ?? 0 }

func folder(of path: String) -> String {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    return folder.isEmpty ? "." : folder
}

/// Refuses what would fill the disk; a disk that does not say how full it is is tried.
///
/// - Parameters:
///   - path: What is to be written, as the person named it.
///   - place: Where it will lie.
func requireRoom(
    _ needed: Int, for path: String, beside place: String, _ free: (String) -> Int? = freeBytes
) throws(StoreError) {
    if let free = free(folder(of: place)), free < needed { throw .noRoom(path, needed: needed, free: free) }
}

/// What a program without privileges may still write there; nil where it cannot be told.
func freeBytes(_ folder: String) -> Int? {
    var status = statvfs()
    guard statvfs(folder, &status) == 0 else { return nil }
    return Int(status.f_bavail) * Int(status.f_frsize)
}

/// Names in a folder outlive a loss of power only after this.
func syncFolder(of path: String) throws(StoreError) {
    let descriptor = open(folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw fileError(path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw fileError(path) }
}

/// What the last system call says.
func fileError(_ path: String) -> StoreError {
    switch errno {
    case ENOSPC, EDQUOT, EFBIG: .full
    case EACCES, EPERM, EROFS, ENOENT, ENOTDIR, EISDIR: .unwritable(path)
    default: .io("\(path): \(String(cString: strerror(errno)))")
    }
}

/// `2026-11-25T183000Z`: sorts by time, and is a file's name everywhere.
package func fileStamp(_ instant: Timestamp) -> String {
    Timestamp(seconds: instant.seconds).iso8601.filter { $0 != ":" }
}
