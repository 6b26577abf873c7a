// Secrets, each in a file of its own or in a credential that systemd gives. What is wrong with one is told without it.

import Foundation
package import ParcelCore

package struct SecretError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String
}

/// What stands in the shipped examples until somebody puts the real one there.
package let secretPlaceholder = "replace-me"

package func credentialPath(_ name: String) throws(SecretError) -> String {
    guard let directory = ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"] else {
        throw SecretError(
            description: "there are no credentials: systemd gives them with LoadCredential=\(name):PATH")
    }
    return directory + "/" + name
}

/// Who may read a secret's file beside its owner, root and parceld's group; nil where nobody may.
package func secretReaders(at path: String) -> String? {
    let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: real),
        let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue
    else { return nil }
    if mode & 0o007 != 0 { return "everybody" }
    let group = attributes[.groupOwnerAccountName] as? String ?? ""
    let own = (attributes[.groupOwnerAccountID] as? NSNumber)?.uint32Value == getegid()
    return mode & 0o070 == 0 || own || ["root", "parceld"].contains(group) ? nil : "the group \(group)"
}

/// One line of text; what stands around it is white space.
package func readSecret(at path: String) throws(SecretError) -> Secret {
    guard let data = FileManager.default.contents(atPath: path), let text = String(data: data, encoding: .utf8) else {
        throw SecretError(description: "\(path) cannot be read; create it, readable for parceld alone")
    }
    let secret = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard !secret.isEmpty else { throw SecretError(description: "the secret's file is empty") }
    guard !secret.contains(where: { $0.isNewline || $0.asciiValue.map { $0 < 32 } == true }) else {
        throw SecretError(description: "the secret has more than one line")
    }
    return Secret(secret)
}
