// A socket on which programs of this machine ask, and the thread that takes them in. Only that thread closes the
// descriptor: closed by another, its number could be another file's while the thread still asks by it.

import Glibc
import ParcelConfig

enum ListenError: Error {
    case pathTooLong
    case refused(reason: String)
}

final class ListeningSocket: Sendable {
    private let path: String?
    /// Nil once its thread has closed it.
    private let descriptor: Locked<Int32?>
    private let isOver = Locked(false)

    /// - Parameter serve: Called on the thread with each caller's descriptor, which it has to close.
    init(
        on address: LocalAddress, name: String, serve: @escaping @Sendable (Int32) -> Void
    ) throws(ListenError) {
        let made = try listening(on: address)
        descriptor = Locked(made)
        path = if case .unix(let path) = address { path } else { nil }
        Worker.start(name: name) { [self] in
            takeCallers {
                accept(made, nil, nil)
            } isOver: {
                isOver.withLock { $0 }
            } rest: {
                usleep(100_000)
            } serve: {
                serve($0)
            }
            descriptor.withLock { open in
                Glibc.close(made)
                open = nil
            }
        }
    }

    /// Nobody is taken in from here on; who was is still served.
    func close() {
        if let path { unlink(path) }
        isOver.withLock { $0 = true }
        descriptor.withLock { if let open = $0 { shutdown(open, Int32(SHUT_RDWR)) } }
    }
}

/// What the thread does until nobody is taken in any more.
///
/// - Parameters:
///   - accept: Gives the next caller's descriptor; below zero `errno` says why there is none.
///   - rest: Waits a little: what there is too little of comes back when others end.
func takeCallers(
    accept: () -> Int32, isOver: () -> Bool, rest: () -> Void, serve: (Int32) -> Void
) {
    while !isOver() {
        let caller = accept()
        guard caller < 0 else {
            serve(caller)
            continue
        }
        switch errno {
        case EINTR, ECONNABORTED: continue
        case EINVAL, EBADF, ENOTSOCK: return
        default: rest()
        }
    }
}

private func listening(on address: LocalAddress) throws(ListenError) -> Int32 {
    let (family, bound): (Int32, (Int32) -> Int32)
    switch address {
    case .unix(let path):
        guard let (found, length) = unixAddress(path) else { throw .pathTooLong }
        // The database's lock says that no other daemon lives: a socket that lies here is a dead one's.
        if isSocket(path) { unlink(path) }
        (family, bound) = (AF_UNIX, { bindTo(found, length, $0) })
    case .loopback(let host, let port) where host.contains(":"):
        var inet = sockaddr_in6()
        inet.sin6_family = sa_family_t(AF_INET6)
        inet.sin6_port = port.bigEndian
        inet.sin6_addr = in6addr_loopback
        (family, bound) = (AF_INET6, { [inet] in bindTo(inet, socklen_t(MemoryLayout<sockaddr_in6>.size), $0) })
    case .loopback(_, let port):
        var inet = sockaddr_in()
        inet.sin_family = sa_family_t(AF_INET)
        inet.sin_port = port.bigEndian
        inet.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        (family, bound) = (AF_INET, { [inet] in bindTo(inet, socklen_t(MemoryLayout<sockaddr_in>.size), $0) })
    }
    let descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    guard descriptor >= 0, bound(descriptor) == 0, listen(descriptor, 8) == 0 else {
        let reason = String(cString: strerror(errno))
        if descriptor >= 0 { close(descriptor) }
        throw .refused(reason: reason)
    }
    if case .unix(let path) = address { chmod(path, 0o660) }
    return descriptor
}

/// Whatever else lies there is not ours to take away.
private func isSocket(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
}

private func bindTo<Address>(_ address: Address, _ length: socklen_t, _ descriptor: Int32) -> Int32 {
    withUnsafePointer(to: address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
    }
}
