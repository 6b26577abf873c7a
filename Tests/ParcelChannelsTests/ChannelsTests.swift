import ParcelChannels
import ParcelCore
import Testing

@Test func `every channel is made from its required settings and not without them`() throws {
    #expect(Set(channelKinds.map(\.schema.name)) == ["telegram", "webhook", "journal"])
    for kind in channelKinds {
        var values: [String: SettingValue] = [:]
        for key in kind.schema.keys where key.isRequired {
            #expect(kind.make("mine", SettingValues(values)) == nil, "\(kind.schema.name) without \(key.name)")
            values[key.name] = key.kind == .secret ? .secret(Secret("s3cret")) : .text("https://x.example/s3cret")
        }
        let channel = try #require(kind.make("mine", SettingValues(values)))
        #expect(channel.name == "mine")
    }
}

@Test func `no channel shows a secret in a label or a reason`() throws {
    for kind in channelKinds {
        var values: [String: SettingValue] = [:]
        for key in kind.schema.keys where key.isRequired {
            values[key.name] = key.kind == .secret ? .secret(Secret("s3cret")) : .text("https://x.example/s3cret")
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
