// One mail on its way: a libcurl handle made for it, and what the server said. Mails are few, so nothing is used again, and
// each connection ends after its mail. Used by the transfer thread alone.

import CCurl
import ParcelCore

final class MailTransfer: Carried {
    let easy: UnsafeMutableRawPointer
    private(set) var job: Job?
    private let mail: MailEnvelope
    private let waiting: Waiting<MailReply>
    private var recipients: UnsafeMutablePointer<curl_slist>?
    private var sent = 0
    private var said = SMTPReply()

    init(_ job: Job, _ mail: MailEnvelope, _ waiting: Waiting<MailReply>, caFile: String?) throws(TransportError) {
        guard let easy = curl_easy_init() else { throw .interrupted("libcurl is out of memory") }
        self.easy = easy
        self.job = job
        self.mail = mail
        self.waiting = waiting
        try setSafety(caFile)
        try setEnvelope()
        let own = Unmanaged.passUnretained(self).toOpaque()
        try accept(ccurl_set_pointer(easy, CURLOPT_HEADERDATA, own))
        try accept(ccurl_set_receiver(easy, CURLOPT_HEADERFUNCTION, receiveLine))
        try accept(ccurl_set_pointer(easy, CURLOPT_READDATA, own))
        try accept(ccurl_set_receiver(easy, CURLOPT_READFUNCTION, giveText))
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(recipients)
    }

    func clear() { job = nil }

    func conclusion(_ code: CURLcode) -> () -> Void {
        let (result, waiting) = (result(code), waiting)
        return { waiting.resume(returning: result) }
    }

    private func result(_ code: CURLcode) -> Result<MailReply, TransportError> {
        switch code {
        case CURLE_OK: return .success(reply(.mail))
        case CURLE_USE_SSL_FAILED: return .success(reply(.encryption))
        case CURLE_LOGIN_DENIED: return .success(reply(.login))
        // Whatever libcurl calls it: the server said no, and that was its last word.
        case _ where said.code >= 400: return .success(reply(.mail))
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL:
            return .failure(.interrupted("the answer is not SMTP"))
        default: return .failure(failure(code, of: easy, label: mail.label))
        }
    }

    private func reply(_ step: MailReply.Step) -> MailReply {
        MailReply(step: step, code: said.code, words: said.words)
    }

    private func setSafety(_ caFile: String?) throws(TransportError) {
        try text(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        let security = mail.security == .required ? CURLUSESSL_ALL : CURLUSESSL_NONE
        try number(CURLOPT_USE_SSL, Int(security.rawValue))
        try number(CURLOPT_SSL_VERIFYPEER, 1)
        try number(CURLOPT_SSL_VERIFYHOST, 2)
        try number(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let caFile { try text(CURLOPT_CAINFO, caFile) }
        try number(CURLOPT_NOSIGNAL, 1)
        try number(CURLOPT_QUICK_EXIT, 1)
        // Set even if empty: otherwise libcurl obeys the environment.
        try text(CURLOPT_PROXY, "")
        try number(CURLOPT_FRESH_CONNECT, 1)
        try number(CURLOPT_FORBID_REUSE, 1)
        try number(
            CURLOPT_CONNECTTIMEOUT_MS, Int(min(max(mail.connectTimeout, .milliseconds(1)), .days(1)).milliseconds))
        // Also how long the goodbye is waited for.
        try number(CURLOPT_SERVER_RESPONSE_TIMEOUT, Int(max(1, min(mail.totalTimeout, .days(1)).milliseconds / 1000)))
    }

    private func setEnvelope() throws(TransportError) {
        try text(CURLOPT_URL, mail.url)
        if let user = mail.user, let password = mail.password {
            try text(CURLOPT_USERNAME, user)
            try text(CURLOPT_PASSWORD, password.revealed)
        }
        try text(CURLOPT_MAIL_FROM, "<\(mail.from)>")
        for address in mail.to {
            guard let longer = curl_slist_append(recipients, "<\(address)>") else {
                throw .interrupted("libcurl is out of memory")
            }
            recipients = longer
        }
        try accept(ccurl_set_list(easy, CURLOPT_MAIL_RCPT, recipients))
        try number(CURLOPT_UPLOAD, 1)
        try accept(ccurl_set_offset(easy, CURLOPT_INFILESIZE_LARGE, mail.text.count))
    }

    private func text(_ option: CURLoption, _ value: String) throws(TransportError) {
        try accept(ccurl_set_text(easy, option, value))
    }

    private func number(_ option: CURLoption, _ value: Int) throws(TransportError) {
        try accept(ccurl_set_long(easy, option, value))
    }

    private func accept(_ code: CURLcode) throws(TransportError) {
        guard code != CURLE_OK else { return }
        throw .invalidRequest("libcurl: \(ParcelHTTP.text(of: code))")
    }

    fileprivate func receive(_ line: UnsafeRawBufferPointer) { said.read(line) }

    /// The next bytes of the text, which libcurl escapes where a line begins with a dot.
    fileprivate func give(_ room: UnsafeMutableRawBufferPointer) -> Int {
        let part = mail.text[sent..<min(sent + room.count, mail.text.count)]
        room.copyBytes(from: part)
        sent += part.count
        return part.count
    }
}

private func receiveLine(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ user: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let user else { return size * count }
    Unmanaged<MailTransfer>.fromOpaque(user).takeUnretainedValue()
        .receive(UnsafeRawBufferPointer(start: bytes, count: size * count))
    return size * count
}

private func giveText(
    _ room: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ user: UnsafeMutableRawPointer?
) -> Int {
    guard let room, let user else { return 0 }
    return Unmanaged<MailTransfer>.fromOpaque(user).takeUnretainedValue()
        .give(UnsafeMutableRawBufferPointer(start: room, count: size * count))
}
