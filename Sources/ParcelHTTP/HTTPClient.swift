// The one way out: send(request) -> response or a typed error, and the same for mail. All of libcurl happens on one thread of its own
// (TransferLoop), so that no blocking C call sits on Swift's few cooperative threads. This file is the part callers see.
// Retries, rate limits and the meaning of a status are left to them.

import CCurl
import Glibc
package import ParcelCore

package final class HTTPClient: Sendable {
    private static let globalState = ccurl_global_init()

    private let mailbox: Mailbox
    /// Nil once somebody has joined it.
    private let thread: Locked<pthread_t?>

    /// Fails where libcurl, the CA file or the settings are no good, so that it is told at the start, not by every request.
    package init(settings: HTTPSettings) throws(HTTPSetupError) {
        guard HTTPClient.globalState == CURLE_OK else {
            throw HTTPSetupError(description: "libcurl cannot start: \(text(of: HTTPClient.globalState))")
        }
        try settings.check()
        // Made only to be tried: an option this libcurl does not know shows here.
        _ = try Transfer(settings: settings, share: nil)
        let reference = try HTTPClient.makeMulti(settings)
        mailbox = Mailbox(reference)
        do throws(HTTPSetupError) {
            thread = Locked(try startTransferThread(TransferThread(reference, mailbox, settings)))
        } catch {
            curl_multi_cleanup(reference.multi)
            throw error
        }
    }

    deinit { close() }

    /// Sends one request and waits for the whole answer. Any status is an answer, a redirect too; it is not followed.
    ///
    /// Cancelling the task ends the transfer with `.cancelled`; so does `close`. No error holds the URL or a header's value.
    package func send(
        _ request: HTTPRequest, limits: HTTPLimits = HTTPLimits()
    ) async throws(TransportError) -> HTTPResponse {
        try check(request)
        return try await answer(within: limits.totalTimeout) { .http(request, limits, $0) }
    }

    /// Hands one mail to its server and waits for the server's last word. Any word is an answer, a refusal too.
    ///
    /// Goodbyes are waited for on the transfer thread (libcurl knows no other way), so mails have a client of their own.
    package func send(_ mail: MailEnvelope) async throws(TransportError) -> MailReply {
        try check(mail)
        return try await answer(within: mail.totalTimeout) { .mail(mail, $0) }
    }

    private func answer<Answer: Sendable>(
        within timeout: Duration, _ work: (Waiting<Answer>) -> Job.Work
    ) async throws(TransportError) -> Answer {
        guard !Task.isCancelled else { throw .cancelled }
        let deadline = HTTPClient.deadline(after: timeout)
        let id = mailbox.nextID()
        let mailbox = mailbox
        let result: Result<Answer, TransportError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let job = Job(id: id, deadline: deadline, work: work(continuation))
                guard mailbox.post(.start(job)) else { return continuation.resume(returning: .failure(.cancelled)) }
                // The handler may have run before the start was queued, and its command been dropped as unknown.
                if Task.isCancelled { _ = mailbox.post(.cancel(id)) }
            }
        } onCancel: {
            _ = mailbox.post(.cancel(id))
        }
        return try result.get()
    }

    /// Ends what is in flight with `.cancelled` and returns when the thread has ended. It waits for no network.
    package func close() {
        mailbox.close()
        let joined = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let joined { pthread_join(joined, nil) }
    }

    private static func makeMulti(_ settings: HTTPSettings) throws(HTTPSetupError) -> MultiReference {
        guard let multi = curl_multi_init() else { throw HTTPSetupError(description: "libcurl: no multi handle") }
        // No CURLMOPT_MAX_TOTAL_CONNECTIONS or ..._HOST_CONNECTIONS: libcurl does not watch the time of what it makes
        // wait for them. The loop has a queue of its own instead.
        let codes = [
            ccurl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX)),
            ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, settings.maximumIdleConnections),
        ]
        if let refused = codes.first(where: { $0 != CURLM_OK }) {
            curl_multi_cleanup(multi)
            throw HTTPSetupError(description: "libcurl: \(String(cString: curl_multi_strerror(refused)))")
        }
        return MultiReference(multi: multi)
    }

    /// A year stands for all longer timeouts, so that nothing overflows.
    private static func deadline(after timeout: Duration) -> Int64 {
        let bounded = min(max(timeout, .zero), .days(365))
        return monotonicNow() + bounded.milliseconds * 1_000_000
    }
}

extension HTTPSettings {
    fileprivate func check() throws(HTTPSetupError) {
        guard maximumTransfers >= 1, maximumIdleConnections >= 1 else {
            throw HTTPSetupError(description: "maximumTransfers and maximumIdleConnections must be at least 1")
        }
        guard isHeaderValue(userAgent) else {
            throw HTTPSetupError(description: "the User-Agent holds a control character")
        }
        if let caFile, access(caFile, R_OK) != 0 {
            throw HTTPSetupError(description: "cannot read the CA file \(caFile): \(String(cString: strerror(errno)))")
        }
    }
}
