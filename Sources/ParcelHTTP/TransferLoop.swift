// The one thread that owns libcurl: it takes commands from the mailbox, drives the transfers and resumes who waits.
// Nothing here leaves the thread but results.

import CCurl
import Glibc
import ParcelCore

final class TransferLoop {
    private typealias Continuation = CheckedContinuation<Result<HTTPResponse, TransportError>, Never>

    private struct Running {
        let handle: EasyHandle
        let continuation: Continuation
        let deadline: UInt64
        let limits: HTTPLimits
    }

    private let multi: UnsafeMutableRawPointer
    private let settings: HTTPSettings
    private let mailbox: MailboxLock
    private let share: UnsafeMutableRawPointer?
    private var idle: [EasyHandle] = []
    private var running: [UInt64: Running] = [:]
    private var ids: [UnsafeMutableRawPointer: UInt64] = [:]

    init(multi: UnsafeMutableRawPointer, settings: HTTPSettings, mailbox: MailboxLock) {
        self.multi = multi
        self.settings = settings
        self.mailbox = mailbox
        share = curl_share_init()
        if let share { _ = parceld_share_session(share) }
    }

    func run() {
        while true {
            let (commands, isClosed) = mailbox.withLock { box in
                defer { box.commands.removeAll(keepingCapacity: true) }
                return (box.commands, box.isClosed)
            }
            for command in commands {
                switch command {
                case .start(let id, let request, let limits, let continuation):
                    start(id, request, limits, continuation)
                case .cancel(let id): finish(id, .failure(.cancelled))
                }
            }
            if isClosed { break }
            var active: Int32 = 0
            curl_multi_perform(multi, &active)
            collect()
            expire()
            curl_multi_poll(multi, nil, 0, pollTimeout(), nil)
        }
        for id in running.keys { finish(id, .failure(.cancelled)) }
        idle.removeAll()
        if let share { curl_share_cleanup(share) }
    }

    private func start(_ id: UInt64, _ request: HTTPRequest, _ limits: HTTPLimits, _ continuation: Continuation) {
        if let problem = EasyHandle.problem(in: request) {
            return continuation.resume(returning: .failure(.invalidRequest(problem)))
        }
        guard let handle = idle.popLast() ?? EasyHandle(settings, share: share) else {
            return continuation.resume(returning: .failure(.interrupted("libcurl gives no handle")))
        }
        handle.prepare(request, limits)
        running[id] = Running(
            handle: handle, continuation: continuation,
            deadline: monotonicMilliseconds() + UInt64(limits.total.milliseconds),
            limits: limits)
        ids[handle.pointer] = id
        let added = curl_multi_add_handle(multi, handle.pointer)
        if added != CURLM_OK { finish(id, .failure(.interrupted("libcurl refuses the transfer"))) }
    }

    private func collect() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle, let id = ids[easy],
                let transfer = running[id]
            else { continue }
            finish(id, transfer.handle.result(parceld_message_result(message), limits: transfer.limits))
        }
    }

    /// libcurl does not enforce its time limits in every state: this does.
    private func expire() {
        let now = monotonicMilliseconds()
        for (id, transfer) in running where transfer.deadline <= now { finish(id, .failure(.timedOut)) }
    }

    private func pollTimeout() -> Int32 {
        guard let next = running.values.map(\.deadline).min() else { return Int32.max }
        let now = monotonicMilliseconds()
        return next <= now ? 0 : Int32(min(next - now, 60_000))
    }

    private func finish(_ id: UInt64, _ result: Result<HTTPResponse, TransportError>) {
        guard let transfer = running.removeValue(forKey: id) else { return }
        ids[transfer.handle.pointer] = nil
        curl_multi_remove_handle(multi, transfer.handle.pointer)
        transfer.handle.clear()
        if idle.count < 64 { idle.append(transfer.handle) }
        transfer.continuation.resume(returning: result)
    }
}

private func monotonicMilliseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1000 + UInt64(time.tv_nsec) / 1_000_000
}
