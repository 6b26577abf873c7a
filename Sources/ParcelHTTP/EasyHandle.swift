// One reusable libcurl handle: its options, and the answer that it gathers. Used on the transfer thread alone.

import CCurl
import ParcelCore

final class EasyHandle {
    let pointer: UnsafeMutableRawPointer
    private var body: [UInt8] = []
    private var head: [UInt8] = []
    private var bodyLimit = 0
    private var isTooLarge = false
    private var list: UnsafeMutablePointer<curl_slist>?

    init?(_ settings: HTTPSettings, share: UnsafeMutableRawPointer?) {
        guard let pointer = curl_easy_init() else { return nil }
        self.pointer = pointer
        _ = EasyHandle.setFixedOptions(pointer, settings)
        if let share { _ = parceld_set_share(pointer, share) }
    }

    deinit {
        curl_easy_cleanup(pointer)
        curl_slist_free_all(list)
    }

    /// The name of the first option that this libcurl does not know; nil where it knows all.
    static func firstRefusedOption(_ settings: HTTPSettings) -> String? {
        guard let pointer = curl_easy_init() else { return "to give a handle" }
        defer { curl_easy_cleanup(pointer) }
        return setFixedOptions(pointer, settings)
    }

    private static func setFixedOptions(_ handle: UnsafeMutableRawPointer, _ settings: HTTPSettings) -> String? {
        let numbers: [(String, CURLoption, Int)] = [
            ("NOSIGNAL", CURLOPT_NOSIGNAL, 1), ("FOLLOWLOCATION", CURLOPT_FOLLOWLOCATION, 0),
            ("SSL_VERIFYPEER", CURLOPT_SSL_VERIFYPEER, 1), ("SSL_VERIFYHOST", CURLOPT_SSL_VERIFYHOST, 2),
            ("HTTP_VERSION", CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS)),
            ("PIPEWAIT", CURLOPT_PIPEWAIT, 1), ("TCP_KEEPALIVE", CURLOPT_TCP_KEEPALIVE, 1),
            // A hung resolver thread would be waited for at the end of its transfer, and stop every other one.
            ("QUICK_EXIT", CURLOPT_QUICK_EXIT, 1),
        ]
        for (name, option, value) in numbers where parceld_set_long(handle, option, value) != CURLE_OK { return name }
        var texts: [(String, CURLoption, String)] = [
            ("PROTOCOLS_STR", CURLOPT_PROTOCOLS_STR, "http,https"), ("ACCEPT_ENCODING", CURLOPT_ACCEPT_ENCODING, ""),
            ("USERAGENT", CURLOPT_USERAGENT, settings.userAgent),
            // Empty: the proxy variables of the environment do not count.
            ("PROXY", CURLOPT_PROXY, settings.proxy ?? ""),
        ]
        if let file = settings.caFile { texts.append(("CAINFO", CURLOPT_CAINFO, file)) }
        for (name, option, value) in texts where parceld_set_text(handle, option, value) != CURLE_OK { return name }
        return nil
    }

    /// Why the request cannot be sent at all; a line break would start another header or request.
    static func problem(in request: HTTPRequest) -> String? {
        func isPlain(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 32 && $0 != 127 } }
        guard isPlain(request.url), !request.url.isEmpty, !request.url.utf8.contains(32) else {
            return "the address of \(request.label) has a character that is not allowed"
        }
        let scheme = request.url.prefix(8).lowercased()
        guard scheme.hasPrefix("http://") || scheme.hasPrefix("https://") else {
            return "the address of \(request.label) is neither http nor https"
        }
        guard request.headers.allSatisfy({ isPlain($0.name) && isPlain($0.value) && !$0.name.contains(":") }) else {
            return "a header of \(request.label) has a character that is not allowed"
        }
        return nil
    }

    func prepare(_ request: HTTPRequest, _ limits: HTTPLimits) {
        bodyLimit = limits.bodyBytes
        isTooLarge = false
        _ = parceld_set_text(pointer, CURLOPT_URL, request.url)
        _ = parceld_set_long(pointer, CURLOPT_CONNECTTIMEOUT_MS, Int(limits.connect.milliseconds))
        _ = parceld_set_long(pointer, CURLOPT_TIMEOUT_MS, Int(limits.total.milliseconds))
        // Moves less than this for half a minute: it is not going to arrive.
        _ = parceld_set_long(pointer, CURLOPT_LOW_SPEED_LIMIT, 10)
        _ = parceld_set_long(pointer, CURLOPT_LOW_SPEED_TIME, 30)
        if request.method == .post {
            var upload = request.body ?? []
            _ = parceld_set_long(pointer, CURLOPT_POST, 1)
            _ = parceld_set_long(pointer, CURLOPT_POSTFIELDSIZE, upload.count)
            upload.append(0)
            // COPY: the array's storage is only ours while this closure runs.
            upload.withUnsafeMutableBytes { _ = parceld_set_pointer(pointer, CURLOPT_COPYPOSTFIELDS, $0.baseAddress) }
        } else {
            _ = parceld_set_long(pointer, CURLOPT_HTTPGET, 1)
        }
        for field in request.headers { list = curl_slist_append(list, "\(field.name): \(field.value)") }
        // Without this libcurl asks "Expect: 100-continue" for larger bodies and waits a second for old servers.
        list = curl_slist_append(list, "Expect:")
        _ = parceld_set_list(pointer, CURLOPT_HTTPHEADER, list)
        let me = Unmanaged.passUnretained(self).toOpaque()
        _ = parceld_set_function(pointer, CURLOPT_WRITEFUNCTION, receiveBody)
        _ = parceld_set_pointer(pointer, CURLOPT_WRITEDATA, me)
        _ = parceld_set_function(pointer, CURLOPT_HEADERFUNCTION, receiveHead)
        _ = parceld_set_pointer(pointer, CURLOPT_HEADERDATA, me)
    }

    /// Forgets the request and its secrets; the connection stays for the next one.
    func clear() {
        curl_slist_free_all(list)
        list = nil
        _ = parceld_set_list(pointer, CURLOPT_HTTPHEADER, nil)
        body = []
        head.removeAll(keepingCapacity: true)
    }

    fileprivate func take(body bytes: UnsafeRawBufferPointer) -> Int {
        guard body.count + bytes.count <= bodyLimit else {
            isTooLarge = true
            return 0
        }
        body.append(contentsOf: bytes)
        return bytes.count
    }

    fileprivate func take(head bytes: UnsafeRawBufferPointer) -> Int {
        // Each answer begins with a status line: of several (100 Continue, a proxy's) the last one counts.
        if bytes.starts(with: "HTTP/".utf8) {
            head.removeAll(keepingCapacity: true)
            body.removeAll(keepingCapacity: true)
        }
        guard head.count + bytes.count <= 256 << 10 else {
            isTooLarge = true
            return 0
        }
        head.append(contentsOf: bytes)
        return bytes.count
    }

    func result(_ code: CURLcode, limits: HTTPLimits) -> Result<HTTPResponse, TransportError> {
        guard code == CURLE_OK else { return .failure(error(code, limits)) }
        var status = 0
        _ = parceld_get_long(pointer, CURLINFO_RESPONSE_CODE, &status)
        return .success(HTTPResponse(status: status, headers: fields(), body: body))
    }

    private func fields() -> [HTTPField] {
        head.split(separator: 10).dropFirst().compactMap { line in
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
            let name = String(decoding: line[..<colon], as: UTF8.self)
            var value = line[(colon + 1)...]
            while let first = value.first, first == 32 || first == 9 { value = value.dropFirst() }
            while let last = value.last, last == 13 || last == 32 || last == 9 { value = value.dropLast() }
            return HTTPField(name, String(decoding: value, as: UTF8.self))
        }
    }

    /// The reason in libcurl's general words: its detailed text may hold the address, and so a secret.
    private func error(_ code: CURLcode, _ limits: HTTPLimits) -> TransportError {
        if isTooLarge || code == CURLE_FILESIZE_EXCEEDED { return .tooLarge(limit: limits.bodyBytes) }
        let reason = curl_easy_strerror(code).map { String(cString: $0) } ?? "error \(code.rawValue)"
        switch code {
        case CURLE_OPERATION_TIMEDOUT: return .timedOut
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: return .cannotResolve("the host's name")
        case CURLE_COULDNT_CONNECT: return .cannotConnect(reason)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CIPHER,
            CURLE_SSL_CERTPROBLEM, CURLE_SSL_ISSUER_ERROR:
            return .tls(reason)
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: return .invalidRequest(reason)
        default: return .interrupted(reason)
        }
    }
}

private func receiveBody(
    _ data: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let data, let context else { return 0 }
    let handle = Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
    return handle.take(body: UnsafeRawBufferPointer(start: data, count: size * count))
}

private func receiveHead(
    _ data: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let data, let context else { return 0 }
    let handle = Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
    return handle.take(head: UnsafeRawBufferPointer(start: data, count: size * count))
}
