// Writes a file whole or not at all: whoever reads it meanwhile, or after a power cut, has the old one or the new one.

import Foundation

func replaceFile(_ path: String, with text: String) throws {
    // A link stays one: what it leads to is replaced.
    let target = URL(fileURLWithPath: path).resolvingSymlinksInPath()
    var old = stat()
    let exists = stat(target.path, &old) == 0
    if exists, old.st_mode & S_IFMT != S_IFREG {
        throw Trouble(description: "\(path) is no file; nothing was written", status: 73)
    }
    try? FileManager.default.createDirectory(
        at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
    let new = target.path + ".new-\(getpid())"
    let descriptor = Foundation.open(new, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure(path) }
    do {
        // Whoever could read the old one can read the new one.
        if exists {
            _ = fchown(descriptor, old.st_uid, old.st_gid)
            guard fchmod(descriptor, old.st_mode & 0o777) == 0 else { throw failure(path) }
        }
        try FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).write(contentsOf: Data(text.utf8))
        guard fsync(descriptor) == 0, close(descriptor) == 0, rename(new, target.path) == 0 else { throw failure(path) }
    } catch {
        unlink(new)
        throw error as? Trouble ?? failure(path)
    }
}

private func failure(_ path: String) -> Trouble {
    let reason = String(cString: strerror(errno))
    return Trouble(description: "\(path) cannot be written: \(reason); nothing was changed", status: 73)
}
