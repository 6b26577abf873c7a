import Foundation
import ParcelChannels
import ParcelCore
import Testing

@Test func `every channel is made from its required settings and not without them`() throws {
    #expect(Set(channelKinds.map(\.schema.name)) == ["telegram", "mail", "webhook", "alertmanager", "exec", "journal"])
    for kind in channelKinds {
        var values: [String: SettingValue] = [:]
        for key in kind.schema.keys where key.isRequired {
            #expect(kind.make("mine", SettingValues(values)) == nil, "\(kind.schema.name) without \(key.name)")
            values[key.name] = sample(key)
        }
        let channel = try #require(kind.make("mine", SettingValues(values)))
        #expect(channel.name == "mine")
    }
}

private func sample(_ key: SettingKey) -> SettingValue {
    switch key.kind {
    case .secret: .secret(Secret("s3cret"))
    case .names, .words: .names(["/s3cret"])
    default: .text("https://x.example/s3cret")
    }
}

@Test func `every channel can be tried with a message that is only a test`() throws {
    for kind in channelKinds {
        var values: [String: SettingValue] = [:]
        for key in kind.schema.keys where key.isRequired { values[key.name] = sample(key) }
        let channel = try #require(kind.make("mine", SettingValues(values)))
        var message = try message([])
        message.test = "trial"
        let parts = channel.parts(of: message)
        #expect(parts.count == 1, "\(kind.schema.name)")
        let shown = try #require(parts.first)
        #expect(shown.contains("trial") || shown.contains(Data("trial\r\n".utf8).base64EncodedString()))
    }
}

@Test func `no channel shows a secret in a label or a reason`() throws {
    for kind in channelKinds {
        var values: [String: SettingValue] = [:]
        for key in kind.schema.keys where key.isRequired {
            values[key.name] = sample(key)
        }
        let channel = try #require(kind.make("mine", SettingValues(values)))
        if case .http(let request) = channel.delivery(of: "x", number: 0, dedupKey: "key") {
            #expect(!request.label.contains("s3cret"))
        }
        for status in [200, 301, 400, 401, 404, 429, 500] {
            let echo = answer(status, #"{"ok":false,"description":"s3cret is wrong"}"#)
            #expect(!"\(channel.outcome(of: echo))".contains("s3cret"))
        }
    }
}
