@testable import ParcelConfig
import Testing

struct SecretTests {
    /// What people write where `{file: PATH}` belongs; none of it may come back.
    static let inline = [
        "token: hunter2", "token: 'hunter2'", "token: [hunter2]", "token: {hunter2}", "token: {hunter2: file}",
        "token: {file:hunter2}", "token: {file: [hunter2]}", "token: {file: {hunter2: x}}",
        "token: {file: a, hunter2: b}",
        "token: {credential: hunter2/x}", "token: {text: hunter2}", "token:hunter2", "token=hunter2",
        "token: &a hunter2\n    every: *a", "token: !secret hunter2", "token: |\n      hunter2\n      hunter2",
        "token: {file: \"hunter2\\nhunter2\"}", "tokn: hunter2", "token:hunter2: x", "\"token hunter2\": x",
        "url: https://user:hunter2@api.example", "url: hunter2", "url: ftp://hunter2",
        "url: http://api.example/hunter2",
        "url: https://api.example:hunter2", "url: https://hunter2..x", "token: hunter2: x", "token: {file: hunter2",
        "token: {file: t}\n    token: hunter2", "{token: hunter2}: x", "\"token\\u0000hunter2\": x",
    ]

    @Test(arguments: inline)
    func `a secret in the file is refused and never repeated`(text: String) {
        let (config, problems) = read(small(4, "    \(text)"))
        #expect(!problems.isEmpty)
        #expect(
            !problems.contains { $0.description.contains("hunter2") && !text.hasPrefix("token: &a") }, "\(problems)")
        #expect(config.providers.allSatisfy { !"\($0.settings)".contains("hunter2") })
    }

    @Test func `a secret in the file comes with what to do instead`() {
        let problems = read(small(4, "    token: hunter2")).problems
        #expect(problems.map(\.line) == [4])
        #expect(problems.map(\.path) == ["providers.shiptor.token"])
        #expect(
            problems[0].message.contains("write it to a file of its own and give {file: PATH} or {credential: NAME}"))
    }

    @Test func `a proxy with a password is refused without it`() {
        let problems = read(small(13, "http: {proxy: \"http://me:hunter2@proxy.example:3128\"}")).problems
        #expect(problems.map(\.path) == ["http.proxy"])
        #expect(!problems[0].message.contains("hunter2"))
    }

    static let sources: [(text: String, part: String)] = [
        ("token:", "has no value; give {file: PATH}"), ("token: {}", "expected {file: PATH} or {credential: NAME}"),
        ("token: {file: a, credential: b}", "and nothing else"), ("token: {file: }", "found nothing"),
        ("token: {credential: ../shadow}", "a plain name"), ("token: {credential: .hidden}", "a plain name"),
        ("token: []", "does not belong in this file"),
    ]

    @Test(arguments: sources)
    func `a secret is named by one file or one credential`(text: String, part: String) {
        let problems = read(small(4, "    \(text)")).problems
        #expect(problems.count == 1)
        #expect(problems.first?.line == 4)
        #expect(problems.first?.message.contains(part) == true, "\(problems)")
    }
}
