// How a webhook's receiver knows that a post is parceld's and new: HMAC-SHA256 with the shared secret over the timestamp, a
// full stop and the body, in hexadecimal.

import Crypto
import ParcelCore

/// The request with `Parceld-Timestamp` (seconds since 1970) and `Parceld-Signature` (`v1=` and the digits).
func signed(_ request: HTTPRequest, with secret: Secret, at instant: Timestamp) -> HTTPRequest {
    var mac = HMAC<SHA256>(key: SymmetricKey(data: Array(secret.revealed.utf8)))
    mac.update(data: Array("\(instant.seconds).".utf8))
    mac.update(data: request.body ?? [])
    let digits = mac.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    var request = request
    request.headers += [
        HTTPField("Parceld-Timestamp", "\(instant.seconds)"), HTTPField("Parceld-Signature", "v1=\(digits)"),
    ]
    return request
}
