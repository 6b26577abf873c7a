import ArgumentParser
import Foundation
import ParcelChannels
import ParcelConfig
import ParcelCore
import ParcelHTTP
import ParcelStore

/// `parcelctl channel`: what a person does with one channel.
struct ChannelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "channel", abstract: "Tries a channel.", subcommands: [ChannelTestCommand.self])
}

/// `parcelctl channel test NAME`: sends a message that says that it is a test, and shows what the other side said.
///
/// Exit status: 0; 1 where the channel refuses for good, 75 where it could be tried again.
struct ChannelTestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Sends a test message and shows what the other side said.",
        discussion: """
            Nothing is stored, and no alert is touched. Exit status: 0 if the message was taken; 1 if the channel refuses \
            it for good; 75 if it could not be delivered now.
            """)

    @Argument(help: "A section's name under channels.")
    var name: String

    @OptionGroup var common: CommonOptions

    func run() async throws {
        guard let config = try common.readConfiguration() else {
            throw Trouble.usage("say which configuration: --config FILE")
        }
        let channel = try channel(config)
        let reader = try common.reader(config)
        let now = try common.now()
        let message = Message(
            items: [], language: reader.language, zone: reader.zone, dedupKey: "parceld-test-\(now.milliseconds)",
            composedAt: now, test: testWords(channel.name, reader, now))
        let ways = try ways(config)
        var outcome = DeliveryOutcome.accepted()
        for (number, part) in channel.parts(of: message).enumerated() {
            let delivery = channel.delivery(of: part, number: number, dedupKey: message.dedupKey)
            outcome = await ways.send(delivery, of: channel, at: now)
            guard case .accepted = outcome else { break }
        }
        try tell(outcome, reader)
    }

    private func tell(_ outcome: DeliveryOutcome, _ reader: Reader) throws {
        let (word, words, status): (String, String?, Int32) =
            switch outcome {
            case .accepted(let reference): ("accepted", reference, 0)
            case .retry(_, let reason): ("retry", reason, 75)
            case .refused(let reason): ("refused", reason, 1)
            }
        if common.json {
            print(
                JSONValue.members([
                    "channel": .string(name), "outcome": .string(word), "words": .optional(words.map { harmless($0) }),
                ]).text)
        } else {
            let said = words.map { ": " + harmless($0, limit: 300) } ?? ""
            switch status {
            case 0: print("\(name): " + reader.say("сообщение принято", "the message was taken") + said)
            case 1: print("\(name): " + reader.say("канал отказывает", "the channel refuses") + said)
            default: print("\(name): " + reader.say("сейчас не доставлено", "not delivered now") + said)
            }
        }
        if status != 0 { throw ExitCode(status) }
    }

    private func channel(_ config: Config) throws -> any Channel {
        guard let section = config.channels.first(where: { $0.name == name }) else {
            let known = config.channels.map(\.name).joined(separator: ", ")
            throw Trouble(
                description: "the configuration has no channel \(name.prefix(40)) (known: \(known))", status: 66)
        }
        let kind = channelKinds.first { $0.schema.name == section.kind }
        guard let made = kind?.make(section.name, try common.withSecrets(section).settings) else {
            throw Trouble(description: "channels.\(name): cannot be used; see parceld check", status: 78)
        }
        return made
    }

    /// As the daemon sends; the journal's lines are shown.
    private func ways(_ config: Config) throws -> Ways {
        let (client, limits) = try common.client(config)
        return Ways(
            http: { request in
                do throws(TransportError) { return .success(try await client.send(request, limits: limits)) } catch {
                    return .failure(error)
                }
            },
            mail: { mail in
                do throws(TransportError) { return .success(try await client.send(mail)) } catch {
                    return .failure(error)
                }
            }, program: { await ParcelHTTP.run($0) }, journal: { print($0.text) })
    }
}

private func testWords(_ name: String, _ reader: Reader, _ now: Timestamp) -> String {
    let shown = harmless(name, limit: 60)
    return reader.say(
        "🔔 Проверка канала \(shown): сообщения parceld доходят", "🔔 Test of channel \(shown): parceld's messages arrive"
    )
        + "\n"
        + reader.say(
            "Отправлено вручную, \(reader.time(now)). Делать ничего не нужно.",
            "Sent by hand, \(reader.time(now)). Nothing has to be done.")
}
