// What the callers' threads and the transfer thread share: a locked list of commands and libcurl's wakeup. Nothing else
// crosses between them.

import CCurl
import Glibc
import ParcelCore

typealias Waiting<Answer: Sendable> = CheckedContinuation<Result<Answer, TransportError>, Never>

/// One caller who waits for an answer.
struct Job: Sendable {
    enum Work: Sendable {
        case http(HTTPRequest, HTTPLimits, Waiting<HTTPResponse>)
        case mail(MailEnvelope, Waiting<MailReply>)
    }

    let id: UInt64
    /// Nanoseconds of CLOCK_MONOTONIC.
    let deadline: Int64
    let work: Work

    func fail(_ error: TransportError) {
        switch work {
        case .http(_, _, let waiting): waiting.resume(returning: .failure(error))
        case .mail(_, let waiting): waiting.resume(returning: .failure(error))
        }
    }
}

enum Command: Sendable {
    case start(Job)
    case cancel(UInt64)
}

/// A pthread mutex around a value. Not Synchronization.Mutex: the thread sanitizer does not see into that one and
/// reports races where there are none.
final class Locked<Value: Sendable>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var value: Value

    init(_ value: Value) {
        self.value = value
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&value)
    }
}

/// The multi handle as other threads may hold it: only `curl_multi_wakeup` is allowed away from the transfer thread.
struct MultiReference: @unchecked Sendable {
    let multi: UnsafeMutableRawPointer
}

final class Mailbox: Sendable {
    private struct Contents {
        var commands: [Command] = []
        var lastID: UInt64 = 0
        var isClosed = false
    }

    private let contents = Locked(Contents())
    private let reference: MultiReference

    init(_ reference: MultiReference) { self.reference = reference }

    func nextID() -> UInt64 {
        contents.withLock { contents in
            contents.lastID += 1
            return contents.lastID
        }
    }

    /// False once the client is closed; then the command is dropped.
    func post(_ command: Command) -> Bool {
        contents.withLock { contents in
            guard !contents.isClosed else { return false }
            contents.commands.append(command)
            // One wakeup for all that is queued. Under the lock, because the multi handle lives only until the
            // transfer thread has seen `isClosed`.
            if contents.commands.count == 1 { curl_multi_wakeup(reference.multi) }
            return true
        }
    }

    func close() {
        contents.withLock { contents in
            guard !contents.isClosed else { return }
            contents.isClosed = true
            curl_multi_wakeup(reference.multi)
        }
    }

    func take() -> (commands: [Command], isClosed: Bool) {
        contents.withLock { contents in
            guard !contents.commands.isEmpty else { return ([], contents.isClosed) }
            let commands = contents.commands
            contents.commands = []
            return (commands, contents.isClosed)
        }
    }
}

/// Nanoseconds that only grow, unrelated to the wall clock.
func monotonicNow() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
