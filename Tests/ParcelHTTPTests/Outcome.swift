// An outcome as a value, so that tests can compare it.

import ParcelCore
import ParcelHTTP

extension HTTPClient {
    func outcome(
        _ request: HTTPRequest, _ limits: HTTPLimits = HTTPLimits()
    ) async -> Result<HTTPResponse, TransportError> {
        do throws(TransportError) {
            return .success(try await send(request, limits: limits))
        } catch {
            return .failure(error)
        }
    }
}

/// The case of an error, where its text is libcurl's own.
enum Kind {
    case timedOut, cannotResolve, cannotConnect, tls, tooLarge, interrupted, invalidRequest, cancelled
}

extension TransportError {
    var kind: Kind {
        switch self {
        case .timedOut: .timedOut
        case .cannotResolve: .cannotResolve
        case .cannotConnect: .cannotConnect
        case .tls: .tls
        case .tooLarge: .tooLarge
        case .interrupted: .interrupted
        case .invalidRequest: .invalidRequest
        case .cancelled: .cancelled
        }
    }
}

extension Result where Failure == TransportError {
    var failure: TransportError? {
        guard case .failure(let error) = self else { return nil }
        return error
    }
}
