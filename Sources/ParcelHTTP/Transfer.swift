// One libcurl easy handle with the options that are the same for every request, and the request it carries now. Handles
// are used again and again: only what differs from the request before is set anew. Used by the transfer thread alone.

import CCurl
import Glibc
import ParcelCore

final class Transfer: Carried {
    let easy: UnsafeMutableRawPointer
    private(set) var job: Job?
    private var label = ""
    private var waiting: Waiting<HTTPResponse>?
    private var head = AnswerHead()
    private var body: [UInt8] = []
    private var bodyLimit = 0
    /// Set by the callbacks, which can only tell libcurl to stop, not why.
    private var ownFailure: TransportError?

    // What the handle holds from the request before.
    private var list: UnsafeMutablePointer<curl_slist>?
    private var headersSet: (fields: [HTTPField], method: HTTPRequest.Method) = ([], .get)
    private var methodSet = HTTPRequest.Method.get
    private var isSecureSet: Bool?
    private var connectTimeoutSet: Int64 = -1

    /// - Parameter share: TLS sessions that all handles use; nil for a trial.
    init(settings: HTTPSettings, share: UnsafeMutableRawPointer?) throws(HTTPSetupError) {
        guard let easy = curl_easy_init() else { throw HTTPSetupError(description: "libcurl: no easy handle") }
        self.easy = easy
        try setFixedOptions(settings)
        if let share { try accept(ccurl_set_pointer(easy, CURLOPT_SHARE, share), "SHARE") }
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(list)
    }

    /// Takes a job; after a failure the transfer is still good for the next one.
    func begin(
        _ job: Job, _ request: HTTPRequest, _ limits: HTTPLimits, _ waiting: Waiting<HTTPResponse>
    ) throws(TransportError) {
        try set(request, limits)
        self.job = job
        self.waiting = waiting
        label = request.label
        head = AnswerHead()
        bodyLimit = limits.bodyLimit
        ownFailure = nil
    }

    func conclusion(_ code: CURLcode) -> () -> Void {
        let (result, waiting) = (result(code), waiting)
        return { waiting?.resume(returning: result) }
    }

    private func result(_ code: CURLcode) -> Result<HTTPResponse, TransportError> {
        if let ownFailure { return .failure(ownFailure) }
        guard code == CURLE_OK else { return .failure(failure(code, of: easy, label: label)) }
        guard head.isComplete else {
            return .failure(.interrupted("the connection closed before the whole answer came"))
        }
        var status = 0
        ccurl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
        return .success(HTTPResponse(status: status, headers: head.fields, body: body))
    }

    func clear() {
        job = nil
        waiting = nil
        head = AnswerHead()
        body = []
        if methodSet == .post {
            // Setting a body, even none, means POST to libcurl, so the method comes second.
            ccurl_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, nil)
            ccurl_set_long(easy, CURLOPT_HTTPGET, 1)
            methodSet = .get
        }
    }

    fileprivate func receive(head line: UnsafeBufferPointer<UInt8>) -> Bool {
        if head.read(line) { return true }
        ownFailure = .tooLarge(limit: AnswerHead.limit)
        return false
    }

    fileprivate func receive(body part: UnsafeBufferPointer<UInt8>) -> Bool {
        guard part.count <= bodyLimit - body.count else {
            ownFailure = .tooLarge(limit: bodyLimit)
            return false
        }
        if body.isEmpty { body.reserveCapacity(max(part.count, min(head.bodyLength ?? 0, bodyLimit, mostReserved))) }
        body.append(contentsOf: part)
        return true
    }
}

// MARK: the same for every request

extension Transfer {
    private func setFixedOptions(_ settings: HTTPSettings) throws(HTTPSetupError) {
        try setSafety()
        try setTransport(settings)
        try text(CURLOPT_USERAGENT, settings.userAgent, "USERAGENT")
        // Set even if empty: otherwise libcurl obeys the http_proxy and no_proxy of the environment.
        try text(CURLOPT_PROXY, settings.proxy ?? "", "PROXY")
        try text(CURLOPT_NOPROXY, "", "NOPROXY")
        if let caFile = settings.caFile {
            try text(CURLOPT_CAINFO, caFile, "CAINFO")
            try text(CURLOPT_PROXY_CAINFO, caFile, "PROXY_CAINFO")
        }
        let own = Unmanaged.passUnretained(self).toOpaque()
        try accept(ccurl_set_pointer(easy, CURLOPT_HEADERDATA, own), "HEADERDATA")
        try accept(ccurl_set_pointer(easy, CURLOPT_WRITEDATA, own), "WRITEDATA")
        try accept(ccurl_set_receiver(easy, CURLOPT_HEADERFUNCTION, receiveHead), "HEADERFUNCTION")
        try accept(ccurl_set_receiver(easy, CURLOPT_WRITEFUNCTION, receiveBody), "WRITEFUNCTION")
    }

    private func setSafety() throws(HTTPSetupError) {
        try text(CURLOPT_PROTOCOLS_STR, "http,https", "PROTOCOLS_STR (libcurl 7.85 or newer is needed)")
        try text(CURLOPT_REDIR_PROTOCOLS_STR, "http,https", "REDIR_PROTOCOLS_STR")
        try number(CURLOPT_FOLLOWLOCATION, 0, "FOLLOWLOCATION")
        try number(CURLOPT_SSL_VERIFYPEER, 1, "SSL_VERIFYPEER")
        try number(CURLOPT_SSL_VERIFYHOST, 2, "SSL_VERIFYHOST")
        try number(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2), "SSLVERSION")
        try number(CURLOPT_NOSIGNAL, 1, "NOSIGNAL")
        // Otherwise one name that does not resolve holds up every transfer: libcurl joins the resolver's thread.
        try number(CURLOPT_QUICK_EXIT, 1, "QUICK_EXIT (libcurl 7.87 or newer is needed)")
    }

    private func setTransport(_ settings: HTTPSettings) throws(HTTPSetupError) {
        // Everything this libcurl can decode.
        try text(CURLOPT_ACCEPT_ENCODING, "", "ACCEPT_ENCODING")
        // Wait for the first connection to show whether it carries many requests, instead of opening one for each.
        try number(CURLOPT_PIPEWAIT, 1, "PIPEWAIT")
        try number(CURLOPT_TCP_KEEPALIVE, 1, "TCP_KEEPALIVE")
        // Answers about many numbers have some 200 KiB: libcurl's 16 KiB would take them in a dozen reads.
        try number(CURLOPT_BUFFERSIZE, 128 << 10, "BUFFERSIZE")
        try number(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1, "SUPPRESS_CONNECT_HEADERS")
    }

    private func text(_ option: CURLoption, _ value: String, _ name: StaticString) throws(HTTPSetupError) {
        try accept(ccurl_set_text(easy, option, value), name)
    }

    private func number(_ option: CURLoption, _ value: Int, _ name: StaticString) throws(HTTPSetupError) {
        try accept(ccurl_set_long(easy, option, value), name)
    }

    private func accept(_ code: CURLcode, _ name: StaticString) throws(HTTPSetupError) {
        guard code != CURLE_OK else { return }
        throw HTTPSetupError(
            description:
                "libcurl \(String(cString: curl_version())) refuses the option \(name): \(ParcelHTTP.text(of: code))")
    }
}

// MARK: what a request changes

extension Transfer {
    private func set(_ request: HTTPRequest, _ limits: HTTPLimits) throws(TransportError) {
        try accept(ccurl_set_text(easy, CURLOPT_URL, request.url))
        // libcurl repeats by itself what goes over a used connection that turns out to be broken, also a POST.
        try accept(ccurl_set_long(easy, CURLOPT_FRESH_CONNECT, request.isCounted ? 1 : 0))
        try accept(ccurl_set_long(easy, CURLOPT_FORBID_REUSE, request.isCounted ? 1 : 0))
        let isSecure = isSecure(request.url) ?? true
        if isSecure != isSecureSet {
            // HTTP/2 is offered over TLS only. In clear text libcurl must not be let hope for it: with PIPEWAIT it would
            // hold back all other requests to the host until the first one is answered.
            let version = isSecure ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1
            try accept(ccurl_set_long(easy, CURLOPT_HTTP_VERSION, Int(version)))
            isSecureSet = isSecure
        }
        // 0 would mean libcurl's own default of 300 s.
        let connectTimeout = min(max(limits.connectTimeout, .milliseconds(1)), .days(1)).milliseconds
        if connectTimeout != connectTimeoutSet {
            try accept(ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, Int(connectTimeout)))
            connectTimeoutSet = connectTimeout
        }
        if request.method != headersSet.method || request.headers != headersSet.fields { try setHeaders(request) }
        if request.method == .post { try setBody(request.body ?? []) }
    }

    private func setHeaders(_ request: HTTPRequest) throws(TransportError) {
        var lines = request.headers.map { field in
            // "Name:" without a value would tell libcurl to leave the header out.
            field.value.allSatisfy { $0 == " " || $0 == "\t" } ? "\(field.name);" : "\(field.name): \(field.value)"
        }
        if request.method == .post {
            // A large body need not wait for a 100 Continue that many servers never send, and no content type is
            // claimed that the caller has not named.
            lines.append("Expect:")
            let hasType = request.headers.contains { $0.name.lowercased() == "content-type" }
            if !hasType { lines.append("Content-Type:") }
        }
        var made: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let longer = curl_slist_append(made, line) else {
                curl_slist_free_all(made)
                throw .interrupted("libcurl is out of memory")
            }
            made = longer
        }
        ccurl_set_list(easy, CURLOPT_HTTPHEADER, made)
        curl_slist_free_all(list)
        list = made
        headersSet = (request.headers, request.method)
    }

    private func setBody(_ bytes: [UInt8]) throws(TransportError) {
        methodSet = .post
        try accept(ccurl_set_long(easy, CURLOPT_POST, 1))
        try accept(ccurl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, bytes.count))
        // An empty array has no address, and with none libcurl would read the body from standard input.
        let code = bytes.withUnsafeBytes { raw in
            raw.isEmpty
                ? ccurl_set_text(easy, CURLOPT_COPYPOSTFIELDS, "")
                : ccurl_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, raw.baseAddress)
        }
        try accept(code)
    }

    private func accept(_ code: CURLcode) throws(TransportError) {
        guard code != CURLE_OK else { return }
        throw .invalidRequest("libcurl: \(ParcelHTTP.text(of: code))")
    }
}

// C callbacks are free functions of this target: a closure written in main-actor code would inherit its isolation and
// trap on the transfer thread.

private func receiveHead(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ user: UnsafeMutableRawPointer?
) -> Int {
    receive(bytes, size * count, user) { $0.receive(head: $1) }
}

private func receiveBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ user: UnsafeMutableRawPointer?
) -> Int {
    receive(bytes, size * count, user) { $0.receive(body: $1) }
}

/// The count tells libcurl to go on; anything else ends the transfer.
private func receive(
    _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int, _ user: UnsafeMutableRawPointer?,
    _ take: (Transfer, UnsafeBufferPointer<UInt8>) -> Bool
) -> Int {
    guard let bytes, let user, count > 0 else { return count }
    let transfer = Unmanaged<Transfer>.fromOpaque(user).takeUnretainedValue()
    let raw = UnsafeRawBufferPointer(start: bytes, count: count)
    return take(transfer, raw.bindMemory(to: UInt8.self)) ? count : stopped
}

/// What a length that is claimed may cost before the bytes are there.
private let mostReserved = 4 << 20

/// Less than any count that is handed over, so never taken for success.
private let stopped = 0
