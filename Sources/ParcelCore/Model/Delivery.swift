// What leaves other than over HTTP, as plain values: a mail for an SMTP server, and a program with its input. ParcelHTTP
// and ParcelService send them; nothing here does.

/// One mail for one server. The server sees these addresses; what people see is in `text`.
package struct MailEnvelope: Sendable, Hashable {
    package enum Security: Sendable, Hashable {
        /// TLS from the first byte (smtps), or STARTTLS before anything else is said (smtp). Without it nothing is sent.
        case required
        /// Clear text, for a server on this machine.
        case none
    }

    /// `smtp://host:587` or `smtps://host`.
    package var url: String
    package var security: Security
    package var user: String?
    package var password: Secret?
    /// Plain addresses, `name@host`.
    package var from: String
    package var to: [String]
    /// The whole message with its headers (RFC 5322), lines ended by CRLF.
    package var text: [UInt8]
    /// From the first try to connect to the end of the handshake.
    package var connectTimeout: Duration
    /// From the call to the server's last word.
    package var totalTimeout: Duration
    /// What may be shown in logs and errors.
    package var label: String

    package init(
        url: String, security: Security, user: String?, password: Secret?, from: String, to: [String], text: [UInt8],
        connectTimeout: Duration, totalTimeout: Duration, label: String
    ) {
        self.url = url
        self.security = security
        self.user = user
        self.password = password
        self.from = from
        self.to = to
        self.text = text
        self.connectTimeout = connectTimeout
        self.totalTimeout = totalTimeout
        self.label = label
    }
}

/// The SMTP server's last word about one mail.
package struct MailReply: Sendable, Hashable {
    package enum Step: Sendable, Hashable {
        /// It offers no TLS, or takes the offer back: nothing was said in clear text.
        case encryption
        case login
        /// From the sender's address to the end of the text. A code of 2xx means that it has taken the mail.
        case mail
    }

    package var step: Step
    /// Three digits, 250 or 550.
    package var code: Int
    /// What it said beside the code, in one line; may be hostile.
    package var words: String

    package init(step: Step, code: Int, words: String) {
        self.step = step
        self.code = code
        self.words = words
    }
}

/// One program that is given one part of a message.
package struct ProgramCall: Sendable, Hashable {
    /// The program's path, then its arguments. No shell reads them.
    package var arguments: [String]
    package var input: [UInt8]
    /// Beside PATH and LANG, which are all that it gets of ours.
    package var environment: [String: String]
    /// After that long it and everything it started are ended.
    package var timeLimit: Duration
    package var label: String

    package init(
        arguments: [String], input: [UInt8], environment: [String: String], timeLimit: Duration, label: String
    ) {
        self.arguments = arguments
        self.input = input
        self.environment = environment
        self.timeLimit = timeLimit
        self.label = label
    }
}

/// How a program ended.
package enum ProgramEnd: Sendable, Hashable {
    /// - errors: The first line of its standard error; may be hostile.
    case exited(status: Int32, errors: String)
    case killed(signal: Int32, errors: String)
    case timedOut(errors: String)
    /// - isForGood: There is no such program, or it may not be run.
    case notStarted(reason: String, isForGood: Bool)
}
