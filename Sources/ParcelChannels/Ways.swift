// The ways on which a delivery leaves, and what its end means. The ways themselves do the I/O and are given: real ones by the
// programs, scripted ones by the tests.

package import ParcelCore

package struct Ways: Sendable {
    package var http: @Sendable (HTTPRequest) async -> Result<HTTPResponse, TransportError>
    package var mail: @Sendable (MailEnvelope) async -> Result<MailReply, TransportError>
    package var program: @Sendable (ProgramCall) async -> ProgramEnd
    package var journal: @Sendable (JournalLine) -> Void

    package init(
        http: @escaping @Sendable (HTTPRequest) async -> Result<HTTPResponse, TransportError>,
        mail: @escaping @Sendable (MailEnvelope) async -> Result<MailReply, TransportError>,
        program: @escaping @Sendable (ProgramCall) async -> ProgramEnd,
        journal: @escaping @Sendable (JournalLine) -> Void
    ) {
        self.http = http
        self.mail = mail
        self.program = program
        self.journal = journal
    }

    package func send(_ delivery: Delivery, of channel: any Channel, at now: Timestamp) async -> DeliveryOutcome {
        switch delivery {
        case .http(let request): return await post(request, channel)
        case .signed(let request, let secret): return await post(signed(request, with: secret, at: now), channel)
        case .mail(let envelope): return outcome(of: await mail(envelope), for: envelope)
        case .program(let call): return outcome(of: await program(call))
        case .journal(let lines):
            lines.forEach(journal)
            return .accepted()
        }
    }

    private func post(_ request: HTTPRequest, _ channel: any Channel) async -> DeliveryOutcome {
        switch await http(request) {
        case .success(let response):
            let plainer = channel.plainer(request, after: response)
            return plainer.isEmpty ? channel.outcome(of: response) : await post(plainer, channel)
        case .failure(let error): return .retry(after: nil, reason: "\(error)")
        }
    }

    /// All of them, or as far as they are taken; what becomes of the last stands for all.
    private func post(_ requests: [HTTPRequest], _ channel: any Channel) async -> DeliveryOutcome {
        var outcome = DeliveryOutcome.accepted()
        for request in requests {
            switch await http(request) {
            case .success(let response): outcome = channel.outcome(of: response)
            case .failure(let error): outcome = .retry(after: nil, reason: "\(error)")
            }
            guard case .accepted = outcome else { break }
        }
        return outcome
    }
}
