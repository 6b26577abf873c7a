// The ways out of the machine, as the configuration's section `http` says. Kept over a reload that does not change it, with
// their open connections.

package import ParcelConfig
package import ParcelCore
import ParcelHTTP

package struct Outward: Sendable {
    package typealias Open = @Sendable (HTTPOptions) throws(StartError) -> Outward

    /// Nil: no longer than `http.timeout`.
    package var http: @Sendable (HTTPRequest, Duration?) async -> Result<HTTPResponse, TransportError>
    package var mail: @Sendable (MailEnvelope) async -> Result<MailReply, TransportError>
    /// Ends what is in flight.
    package var close: @Sendable () -> Void

    package init(
        http: @escaping @Sendable (HTTPRequest, Duration?) async -> Result<HTTPResponse, TransportError>,
        mail: @escaping @Sendable (MailEnvelope) async -> Result<MailReply, TransportError>,
        close: @escaping @Sendable () -> Void
    ) {
        self.http = http
        self.mail = mail
        self.close = close
    }

    /// libcurl's.
    package static let curl: Open = { (options: HTTPOptions) throws(StartError) -> Outward in
        let settings = HTTPSettings(
            userAgent: "parceld/\(version)", proxy: options.proxy, caFile: options.caFile)
        let (client, mailClient): (HTTPClient, HTTPClient)
        do throws(HTTPSetupError) {
            client = try HTTPClient(settings: settings)
            mailClient = try HTTPClient(settings: settings)
        } catch { throw StartError(description: "\(error)", status: 70) }
        return Outward { request, timeout in
            let limits = HTTPLimits(
                connectTimeout: options.connectTimeout, totalTimeout: timeout ?? options.timeout,
                bodyLimit: options.bodyLimit)
            do throws(TransportError) { return .success(try await client.send(request, limits: limits)) } catch {
                return .failure(error)
            }
        } mail: { mail in
            do throws(TransportError) { return .success(try await mailClient.send(mail)) } catch {
                return .failure(error)
            }
        } close: {
            client.close()
            mailClient.close()
        }
    }
}
