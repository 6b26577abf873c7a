// What providers write reaches a person as text: terminals, messages, the journal and tables are not steered by it.

import Foundation
import ParcelSim
import Testing

/// In double quotes of YAML: an escape sequence, markup, another line, turned writing, a formula.
private let hostile = #"\e[2J\e[31m<b>_*[`\r\nSubject: x\u202E=cmd()|"#

private func steers(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 10: false
    case 0..<32, 127...0x9F, 0x200E...0x200F, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
}

@Test func `what a provider writes steers no terminal, no message, no journal and no table`() async throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "hostile-\(UUID().uuidString).yaml")
    defer { try? FileManager.default.removeItem(at: file) }
    let story = try String(
        contentsOf: Harness.root.appending(path: "config/demo/story.yaml"), encoding: .utf8
    ).replacing(#/(title|seller): "/#) { "\($0.1): \"\(hostile)" }
    try Data(story.utf8).write(to: file)
    var scenario = try Scenario.read(file.path)
    scenario.start = Scenario.Moment(ms: try #require(Scenario.Moment.parse("2017-09-25 09:00+03:00")))
    let harness = try Harness(scenario)
    defer { harness.end() }
    try await harness.finish(try harness.start())
    let messages = harness.simulator.world.received
    #expect(messages.contains { $0.text.contains("=cmd()") }, "it is told")
    for message in messages {
        #expect(!message.text.unicodeScalars.contains(where: steers), "\(message.text.debugDescription)")
    }
    #expect(!harness.playground.log.unicodeScalars.contains(where: steers))
    for language in ["ru", "en"] {
        for words in [
            "list", "list items", "show 1907-2", "history 1907-2", "explain 1907-2", "alerts --all", "stalled",
            "status",
            "letter 1907-2", "export things --format csv", "export events --format csv", "export alerts --format csv",
        ] {
            let shown = try Playground.run(
                Harness.parcelctl,
                words.split(separator: " ").map(String.init)
                    + ["--config", harness.playground.config.path, "--language", language])
            #expect([0, 1].contains(shown.status), "\(words): \(shown.errors)")
            #expect(
                !shown.output.unicodeScalars.contains { steers($0) && $0 != "\r" },
                "\(words): \(shown.output.debugDescription)")
            for field in shown.output.split(whereSeparator: { $0 == "," || $0.isNewline }) where words.hasSuffix("csv")
            {
                #expect(!field.hasPrefix("=") && !field.hasPrefix("\"="), "\(words): \(field)")
            }
        }
    }
}
