import ArgumentParser
import Foundation
import ParcelChannels
import ParcelConfig
import ParcelCore
import ParcelHTTP
import ParcelProviders
import ParcelStore

/// `parcelctl provider test NAME [--number N]`: sends one request and shows what each pointer found in the answer.
///
/// Exit status: 0; 1 where the answer, or a row of it, cannot be used; 69 where none came.
struct ProviderTestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Sends one request and shows what is found in the answer.",
        discussion: """
            Nothing is stored, and nothing that changes anything at the provider is sent. Exit status: 0; 1 if the answer \
            or a row of it cannot be used; 69 if none came.
            """)

    @Argument(help: "A section's name under providers.")
    var name: String

    @Option(help: "The track number to ask about.")
    var number: String?

    @Option(help: "How many rows of a list are shown.")
    var rows = 3

    @OptionGroup var common: CommonOptions

    func run() async throws {
        guard (1...1000).contains(rows) else { throw Trouble.usage("--rows \(rows): write a number from 1 to 1000") }
        guard let config = try common.readConfiguration() else {
            throw Trouble.usage("say which configuration: --config FILE")
        }
        let (provider, settings) = try provider(config)
        let ask = try ask(provider)
        var trial = ProviderTrial(
            provider: provider, settings, ask: ask, now: try common.now(), zone: try zone(of: provider, config))
        try await trial.run(over: try sender(config), rows: rows)
        let reader = try common.reader(config)
        print(common.json ? trial.json.text : trial.text(reader))
        if !trial.isUsable { throw ExitCode(1) }
    }

    private func provider(_ config: Config) throws -> (any Provider, SettingValues) {
        guard let found = config.providers.first(where: { $0.name == name }) else {
            let known = config.providers.map(\.name).joined(separator: ", ")
            throw Trouble(
                description: "the configuration has no provider \(name.prefix(40)) (known: \(known))", status: 66)
        }
        let section = try common.withSecrets(found)
        let kind = providerKinds.first { $0.schema.name == section.kind }
        guard let made = kind?.make(section.settings, as: ProviderID(section.name)) else {
            throw Trouble(description: "providers.\(name): cannot be used; see parceld check", status: 78)
        }
        return (made, section.settings)
    }

    private func ask(_ provider: any Provider) throws -> Ask {
        guard let text = number else {
            guard let list = provider.lists.first else {
                throw Trouble.usage("\(name) is asked about numbers; say which: --number LP1930191011")
            }
            return list.ask
        }
        guard let number = TrackNumber(text) else {
            throw Trouble.usage("--number \(text.prefix(60)): no track number")
        }
        let roles: [TrackNumberRole?] = [guessedRole(of: number), nil] + TrackNumberRole.allCases
        let asks = roles.lazy.compactMap { provider.ask(following: FollowedNumber(number, role: $0)) }
        if let ask = asks.first { return ask }
        guard provider.lists.isEmpty else {
            throw Trouble.usage("\(name) is asked for its list as a whole; leave --number out")
        }
        throw Trouble.usage("\(name) does not follow numbers such as \(number); see parcelctl track-number \(number)")
    }

    private func zone(of provider: any Provider, _ config: Config) throws -> Zone? {
        guard let name = provider.zoneName else { return nil }
        do throws(ZoneError) { return try readZone(name, in: config.zoneinfo) } catch {
            throw Trouble(description: "providers.\(self.name): \(error)", status: 78)
        }
    }

    /// As the daemon sends.
    private func sender(_ config: Config) throws -> ProviderTrial.Send {
        let (client, limits) = try common.client(config)
        return { request in
            do throws(TransportError) { return .success(try await client.send(request, limits: limits)) } catch {
                return .failure(error)
            }
        }
    }
}
