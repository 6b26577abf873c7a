import Foundation
import Glibc
import ParcelConfig
import Testing

@testable import ParcelService

@Test(arguments: [EMFILE, ENFILE, ENOBUFS, ENOMEM])
func `a lack of descriptors or memory is waited for, and callers are taken in again`(lack: Int32) {
    var script: [Int32] = [-lack, -lack, 7, -EINTR, -ECONNABORTED, 8, -EINVAL, 9]
    var (rests, served) = (0, [Int32]())
    takeCallers {
        let next = script.removeFirst()
        errno = -min(next, 0)
        return next < 0 ? -1 : next
    } isOver: {
        false
    } rest: {
        rests += 1
    } serve: {
        served.append($0)
    }
    #expect(served == [7, 8] && rests == 2 && script == [9])
}

@Test func `nobody rests after the end`() {
    var (isOver, tries) = (false, 0)
    takeCallers {
        tries += 1
        errno = EMFILE
        return -1
    } isOver: {
        isOver
    } rest: {
        isOver = true
    } serve: { _ in
        Issue.record("nobody called")
    }
    #expect(tries == 1)
}

@Test func `a closed socket lets its thread close the descriptor, and its address is free again`() async throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "l-\(UUID().uuidString.prefix(8))").path
    weak var former: ListeningSocket?
    for _ in 1...50 {
        let socket = try ListeningSocket(on: .unix(path: path), name: "test") { Glibc.close($0) }
        #expect(FileManager.default.fileExists(atPath: path))
        socket.close()
        socket.close()
        #expect(!FileManager.default.fileExists(atPath: path))
        former = socket
    }
    // The thread holds it until it has closed the descriptor.
    while former != nil { try await Task.sleep(for: .milliseconds(1)) }
}
