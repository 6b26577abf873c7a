// The one thread that talks to libcurl. It takes commands from the mailbox, moves all transfers along with
// curl_multi_poll and keeps every total deadline itself, because libcurl does not watch the time of what it makes wait.
// Everything here is made and used on this thread only.

import CCurl
import Glibc
import ParcelCore

/// All that the thread is given.
final class TransferThread: Sendable {
    let reference: MultiReference
    let mailbox: Mailbox
    let settings: HTTPSettings

    init(_ reference: MultiReference, _ mailbox: Mailbox, _ settings: HTTPSettings) {
        self.reference = reference
        self.mailbox = mailbox
        self.settings = settings
    }
}

/// The thread frees the multi handle when it ends; on an error that stays with the caller.
func startTransferThread(_ given: TransferThread) throws(HTTPSetupError) -> pthread_t {
    var thread = pthread_t()
    let retained = Unmanaged.passRetained(given)
    let code = pthread_create(&thread, nil, runTransferThread, retained.toOpaque())
    guard code == 0 else {
        retained.release()
        throw HTTPSetupError(description: "cannot start the transfer thread: \(String(cString: strerror(code)))")
    }
    return thread
}

private func runTransferThread(_ given: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let given else { return nil }
    // With NOSIGNAL libcurl leaves SIGPIPE to us; a peer that hangs up must not end the program.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    let start = Unmanaged<TransferThread>.fromOpaque(given).takeRetainedValue()
    TransferLoop(start).run()
    curl_multi_cleanup(start.reference.multi)
    return nil
}

/// One job with the handle that libcurl moves along.
protocol Carried: AnyObject {
    var easy: UnsafeMutableRawPointer { get }
    var job: Job? { get }
    /// Reads what came of it, and says how its caller is told that once the handle is let go.
    func conclusion(_ code: CURLcode) -> () -> Void
    /// Lets go of the job and of all that was received or sent for it.
    func clear()
}

final class TransferLoop {
    private let multi: UnsafeMutableRawPointer
    private let mailbox: Mailbox
    private let settings: HTTPSettings
    private let share: UnsafeMutableRawPointer?

    private var running: [UInt64: any Carried] = [:]
    /// The jobs by their handles.
    private var ids: [UnsafeMutableRawPointer: UInt64] = [:]
    private var idle: [Transfer] = []
    private var waiting: [UInt64: Job] = [:]
    /// Ids in the order they came. Those no longer in `waiting` have been cancelled or are too late.
    private var queue: ArraySlice<UInt64> = []
    /// No deadline is earlier. It may be too early itself: what finishes does not move it.
    private var earliestDeadline = Int64.max

    init(_ start: TransferThread) {
        multi = start.reference.multi
        mailbox = start.mailbox
        settings = start.settings
        // One thread uses it, so it needs no locks. Without it TLS sessions are resumed only now and then.
        share = curl_share_init()
        if let share { ccurl_share(share, CURL_LOCK_DATA_SSL_SESSION) }
    }

    deinit {
        idle = []
        if let share { curl_share_cleanup(share) }
    }

    func run() {
        while true {
            let mail = mailbox.take()
            for command in mail.commands { obey(command) }
            if mail.isClosed { break }
            var stillRunning: Int32 = 0
            survive(curl_multi_perform(multi, &stillRunning))
            collect()
            expire()
            admit()
            survive(curl_multi_poll(multi, nil, 0, pollTimeout(), nil))
        }
        endAll(.cancelled)
    }

    private func obey(_ command: Command) {
        switch command {
        case .start(let job):
            earliestDeadline = min(earliestDeadline, job.deadline)
            if queue.isEmpty, running.count < settings.maximumTransfers {
                begin(job)
            } else {
                waiting[job.id] = job
                queue.append(job.id)
            }
        case .cancel(let id): end(id, .cancelled)
        }
    }

    private func begin(_ job: Job) {
        do throws(TransportError) {
            let carried = try carried(job)
            running[job.id] = carried
            ids[carried.easy] = job.id
            let code = curl_multi_add_handle(multi, carried.easy)
            if code != CURLM_OK { end(job.id, reason(code)) }
        } catch {
            job.fail(error)
        }
    }

    private func carried(_ job: Job) throws(TransportError) -> any Carried {
        switch job.work {
        case .mail(let mail, let waiting): return try MailTransfer(job, mail, waiting, caFile: settings.caFile)
        case .http(let request, let limits, let waiting):
            let transfer = try idleTransfer()
            do throws(TransportError) {
                try transfer.begin(job, request, limits, waiting)
            } catch {
                transfer.clear()
                idle.append(transfer)
                throw error
            }
            return transfer
        }
    }

    private func idleTransfer() throws(TransportError) -> Transfer {
        if let transfer = idle.popLast() { return transfer }
        do throws(HTTPSetupError) {
            return try Transfer(settings: settings, share: share)
        } catch {
            throw .interrupted(error.description)
        }
    }

    /// Hands out what libcurl has finished.
    private func collect() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            let code = message.pointee.data.result
            guard let id = ids[easy], let carried = running[id] else { continue }
            finish(id, carried, carried.conclusion(code))
        }
    }

    private func finish(_ id: UInt64, _ carried: any Carried, _ tell: () -> Void) {
        curl_multi_remove_handle(multi, carried.easy)
        running[id] = nil
        ids[carried.easy] = nil
        carried.clear()
        if let transfer = carried as? Transfer, idle.count < settings.maximumIdleConnections { idle.append(transfer) }
        tell()
    }

    private func end(_ id: UInt64, _ error: TransportError) {
        if let carried = running[id], let job = carried.job {
            finish(id, carried) { job.fail(error) }
        } else if let job = waiting.removeValue(forKey: id) {
            job.fail(error)
        }
    }

    private func admit() {
        while running.count < settings.maximumTransfers, let id = queue.popFirst() {
            if let job = waiting.removeValue(forKey: id) { begin(job) }
        }
    }

    private func expire() {
        if running.isEmpty, waiting.isEmpty { earliestDeadline = .max }
        guard earliestDeadline != .max else { return }
        let now = monotonicNow()
        guard earliestDeadline <= now else { return }
        let jobs = running.values.compactMap(\.job) + Array(waiting.values)
        for job in jobs where job.deadline <= now { end(job.id, .timedOut) }
        earliestDeadline = jobs.lazy.map(\.deadline).filter { $0 > now }.min() ?? .max
    }

    /// Milliseconds until the next deadline, rounded up; libcurl wakes earlier for its own timers and for the mailbox.
    private func pollTimeout() -> Int32 {
        guard earliestDeadline != .max else { return .max }
        let left = max(0, earliestDeadline - monotonicNow())
        return Int32(clamping: (left + 999_999) / 1_000_000)
    }

    /// Errors of the multi handle as a whole: out of memory, or poll(2) itself failed. What is in flight cannot be moved.
    private func survive(_ code: CURLMcode) {
        guard code != CURLM_OK else { return }
        endAll(reason(code))
        // The next try would fail at once too; this keeps a sick machine from a busy loop.
        usleep(100_000)
    }

    private func endAll(_ error: TransportError) {
        for id in Array(running.keys) + Array(waiting.keys) { end(id, error) }
        queue = []
    }

    private func reason(_ code: CURLMcode) -> TransportError {
        .interrupted("libcurl: \(String(cString: curl_multi_strerror(code)))")
    }
}
