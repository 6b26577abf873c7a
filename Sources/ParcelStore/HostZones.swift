// The host's time zones, read from its tzdata, so that the updates of the distribution count.

import Foundation
package import ParcelCore

/// Reads a zone from the host's tzdata. Names that leave the folder are refused.
package func readZone(_ name: String, in folder: String) throws(ZoneError) -> Zone {
    if name == "UTC" { return .utc }
    let isPlain = name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
        !part.isEmpty && part != "." && part != ".."
            && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "+-_".contains($0)) }
    }
    guard isPlain, let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else {
        throw ZoneError(description: "there is no zone \(name.prefix(60)); write an IANA name such as Europe/Moscow")
    }
    return try Zone(name: name, tzif: Array(data))
}
