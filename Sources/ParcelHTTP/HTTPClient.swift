// libcurl behind one function. Everything that is libcurl's lives on one thread (TransferLoop); here are only a locked
// mailbox and the wake-up, so the client may be used from any task.

import CCurl
import Glibc
package import ParcelCore

package struct HTTPSettings: Sendable {
    package var userAgent: String
    /// Nil: no proxy, whatever the environment says.
    package var proxy: String?
    /// PEM file with the trusted roots; nil for the system's.
    package var caFile: String?

    package init(userAgent: String, proxy: String? = nil, caFile: String? = nil) {
        self.userAgent = userAgent
        self.proxy = proxy
        self.caFile = caFile
    }
}

package struct HTTPLimits: Sendable, Hashable {
    package var connect: Duration
    package var total: Duration
    /// Of the decoded body.
    package var bodyBytes: Int

    package init(connect: Duration = .seconds(10), total: Duration = .seconds(60), bodyBytes: Int = 16 << 20) {
        self.connect = connect
        self.total = total
        self.bodyBytes = bodyBytes
    }
}

package struct HTTPClientError: Error, CustomStringConvertible {
    package let description: String
}

package final class HTTPClient: Sendable {
    enum Command {
        case start(UInt64, HTTPRequest, HTTPLimits, CheckedContinuation<Result<HTTPResponse, TransportError>, Never>)
        case cancel(UInt64)
    }

    struct Mailbox {
        var commands: [Command] = []
        var nextID: UInt64 = 0
        var isClosed = false
    }

    private let mailbox = MailboxLock()
    private let multi: MultiReference
    private let finished: ExitLatch

    package init(_ settings: HTTPSettings) throws(HTTPClientError) {
        curl_global_init(Int(CURL_GLOBAL_DEFAULT))
        guard let pointer = curl_multi_init() else { throw HTTPClientError(description: "libcurl cannot start") }
        multi = MultiReference(pointer)
        finished = ExitLatch()
        if let refused = EasyHandle.firstRefusedOption(settings) {
            curl_multi_cleanup(pointer)
            throw HTTPClientError(description: "libcurl refuses \(refused); version 7.88 or later is needed")
        }
        let (mailbox, multi, finished) = (mailbox, multi, finished)
        let started = startThread {
            TransferLoop(multi: multi.pointer, settings: settings, mailbox: mailbox).run()
            curl_multi_cleanup(multi.pointer)
            finished.open()
        }
        guard started else { throw HTTPClientError(description: "no thread for libcurl could be started") }
    }

    /// Sends one request and waits for its whole answer. Cancelling the task ends the transfer.
    package func send(_ request: HTTPRequest, limits: HTTPLimits = HTTPLimits()) async throws(TransportError)
        -> HTTPResponse
    {
        guard let id = mailbox.withLock({ $0.isClosed ? nil : $0.newID() }) else { throw .cancelled }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard post(.start(id, request, limits, continuation)) else {
                    return continuation.resume(returning: .failure(.cancelled))
                }
                // The handler below may have run before the start was queued.
                if Task.isCancelled { _ = post(.cancel(id)) }
            }
        } onCancel: {
            _ = post(.cancel(id))
        }
        return try result.get()
    }

    /// Ends what is in flight and the thread; returns when both are done.
    package func close() {
        mailbox.withLock { $0.isClosed = true }
        curl_multi_wakeup(multi.pointer)
        finished.wait()
    }

    private func post(_ command: Command) -> Bool {
        let accepted = mailbox.withLock { box -> Bool in
            guard !box.isClosed else { return false }
            box.commands.append(command)
            return true
        }
        if accepted { curl_multi_wakeup(multi.pointer) }
        return accepted
    }
}

extension HTTPClient.Mailbox {
    mutating func newID() -> UInt64 {
        nextID += 1
        return nextID
    }
}

/// `@unchecked`: only `curl_multi_wakeup`, which libcurl allows from any thread, is called off the transfer thread.
private final class MultiReference: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer
    init(_ pointer: UnsafeMutableRawPointer) { self.pointer = pointer }
}

/// `@unchecked`: the value is only touched between lock and unlock.
final class MailboxLock: @unchecked Sendable {
    private var value = HTTPClient.Mailbox()
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>

    init() {
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    func withLock<Result>(_ body: (inout HTTPClient.Mailbox) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&value)
    }
}

/// `@unchecked`: a semaphore is made for use from several threads.
private final class ExitLatch: @unchecked Sendable {
    private let semaphore: UnsafeMutablePointer<sem_t>

    init() {
        semaphore = .allocate(capacity: 1)
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func open() { sem_post(semaphore) }

    func wait() {
        while sem_wait(semaphore) != 0, errno == EINTR {}
        sem_post(semaphore)
    }
}

private final class ThreadBody {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

private func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
    var thread = pthread_t()
    let box = Unmanaged.passRetained(ThreadBody(body))
    let status = pthread_create(
        &thread, nil,
        { argument in
            guard let argument else { return nil }
            Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
            return nil
        }, box.toOpaque())
    if status != 0 { box.release() } else { pthread_detach(thread) }
    return status == 0
}
