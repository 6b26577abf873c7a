// Says in TransportError's words why libcurl gave no answer. libcurl's own message buffer is not used, because it may
// quote the URL; its fixed texts and the codes beside them hold nothing of the request.

import CCurl
import Glibc
import ParcelCore

func text(of code: CURLcode) -> String { String(cString: curl_easy_strerror(code)) }

func failure(_ code: CURLcode, of easy: UnsafeMutableRawPointer, label: String) -> TransportError {
    switch code {
    case CURLE_OPERATION_TIMEDOUT: .timedOut
    case CURLE_COULDNT_RESOLVE_HOST: .cannotResolve("the host of \(label)")
    case CURLE_COULDNT_RESOLVE_PROXY: .cannotResolve("the proxy")
    case CURLE_COULDNT_CONNECT: .cannotConnect(connectReason(easy))
    case CURLE_PROXY: .cannotConnect("the proxy refused")
    case CURLE_URL_MALFORMAT: .invalidRequest("the URL cannot be read")
    // The scheme was checked before, so this is the answer's: libcurl says it for HTTP/0.9.
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY: .interrupted("the answer is not HTTP")
    case CURLE_BAD_CONTENT_ENCODING: .interrupted("the body cannot be decompressed")
    case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING: .interrupted("the connection closed before the whole answer came")
    case CURLE_PEER_FAILED_VERIFICATION: .tls(verificationReason(easy))
    case CURLE_SSL_CACERT_BADFILE: .tls("the file of certificate authorities cannot be used")
    case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS,
        CURLE_SSL_ENGINE_INITFAILED:
        .tls(text(of: code))
    case CURLE_RECV_ERROR where isTunnelRefused(easy):
        .cannotConnect("the proxy answered \(number(easy, CURLINFO_HTTP_CONNECTCODE))")
    default: .interrupted(text(of: code))
    }
}

private func number(_ easy: UnsafeMutableRawPointer, _ info: CURLINFO) -> Int {
    var value = 0
    return ccurl_get_long(easy, info, &value) == CURLE_OK ? value : 0
}

private func isTunnelRefused(_ easy: UnsafeMutableRawPointer) -> Bool {
    let status = number(easy, CURLINFO_HTTP_CONNECTCODE)
    return status != 0 && !(200...299).contains(status)
}

private func connectReason(_ easy: UnsafeMutableRawPointer) -> String {
    let error = number(easy, CURLINFO_OS_ERRNO)
    return error == 0 ? text(of: CURLE_COULDNT_CONNECT) : String(cString: strerror(Int32(truncatingIfNeeded: error)))
}

/// OpenSSL's verification codes (x509_vfy.h) that an operator meets, in words he can act on.
private func verificationReason(_ easy: UnsafeMutableRawPointer) -> String {
    switch number(easy, CURLINFO_SSL_VERIFYRESULT) {
    // OpenSSL found no fault, or libcurl left the code at "unspecified": the host's name was libcurl's own objection.
    case 0, 1: "the certificate is for another host"
    case 9: "the certificate is not valid yet; is this machine's clock right?"
    case 10: "the certificate has expired"
    case 18, 19: "the certificate is self-signed"
    case 20, 21: "the certificate's issuer is unknown"
    case 23: "the certificate was revoked"
    case let code: "the certificate is refused (OpenSSL's verification error \(code))"
    }
}
