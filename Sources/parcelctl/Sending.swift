// What the commands that send something themselves need: the secrets of a section, and a client as the daemon's.

import ArgumentParser
import ParcelConfig
import ParcelCore
import ParcelHTTP
import ParcelStore

extension CommonOptions {
    func withSecrets(_ section: Section) throws -> Section {
        var section = section
        for (name, source) in section.secrets {
            do throws(SecretError) {
                let path =
                    switch source.kind {
                    case .file(let path): besideConfiguration(path)
                    case .credential(let name): try credentialPath(name)
                    }
                section.settings.values[name] = .secret(try readSecret(at: path))
            } catch {
                let line = source.line.map { "line \($0): " } ?? ""
                throw Trouble(description: "\(line)\(source.path): \(error)", status: 78)
            }
        }
        return section
    }

    func client(_ config: Config) throws -> (HTTPClient, HTTPLimits) {
        let options = config.http
        let limits = HTTPLimits(
            connectTimeout: options.connectTimeout, totalTimeout: options.timeout, bodyLimit: options.bodyLimit)
        do throws(HTTPSetupError) {
            let client = try HTTPClient(
                settings: HTTPSettings(
                    userAgent: "parceld/\(Parcelctl.configuration.version)", proxy: options.proxy,
                    caFile: options.caFile.map(besideConfiguration)))
            return (client, limits)
        } catch { throw Trouble(description: "\(error)", status: 70) }
    }
}
