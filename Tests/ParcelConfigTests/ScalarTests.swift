@testable import ParcelConfig
import ParcelCore
import Testing

/// One setting of a provider, and a part of what is said about it; empty where it is fine.
typealias SettingCase = (text: String, part: String)

struct ScalarTests {
    private func messages(_ setting: String) -> [String] {
        let problems = read(small(4, "    token: {file: token}\n    \(setting)")).problems
        #expect(problems.allSatisfy { $0.line == 5 })
        return problems.map(\.message)
    }

    private func expect(_ bad: SettingCase) {
        let found = messages(bad.text)
        #expect(found.count == (bad.part.isEmpty ? 0 : 1), "\(bad.text): \(found)")
        for message in found { #expect(message.contains(bad.part), "\(bad.text)") }
    }

    static let durations: [SettingCase] = [
        ("every: 90 s", ""), ("every: 15 min", ""), ("every: 2h", ""), ("every: '1 d'", ""), ("every: 366 d", ""),
        ("every: 15", "15 has no unit: 15 s, 15 min, 15 h, 15 d?"),
        ("every: 15 m", "\"15 m\" has no known unit (known: s, min, h, d)"),
        ("every: 15 MIN", "no known unit"),
        ("every: 1 h 30 min", "no known unit"),
        ("every: 1.5 h", "no known unit"),
        ("every: 0 s", "too little"), ("every: 367 d", "too much"),
        ("every: 9223372036854775807 d", "too much"),
        ("every: 99999999999999999999 s", "such as 90 s, 15 min, 2 h or 1 d"),
        ("every: -5 min", "expected a time with its unit"), ("every: +5 min", "expected a time"),
        ("every: 015 min", "expected a time"), ("every: often", "expected a time with its unit, such as 90 s"),
        ("every: min", "expected a time"), ("every: ٣ min", "expected a time"),
        ("every: [15 min]", "found a list"), ("every:", "found nothing"), ("every: ~", "found nothing"),
        ("every: true", "expected a time"),
    ]

    @Test(arguments: durations)
    func `a time has its unit`(bad: SettingCase) { expect(bad) }

    static let numbers: [SettingCase] = [
        ("parallel: 4", ""), ("parallel: 64", ""),
        ("parallel: 0", "0 is not between 1 and 64"), ("parallel: 65", "65 is not between"),
        ("parallel: 010", "\"010\"; write it in decimal, without leading zeros"),
        ("parallel: 0x10", "expected a whole number"), ("parallel: 0o7", "expected a whole number"),
        ("parallel: 1e1", "expected a whole number"), ("parallel: +4", "expected a whole number"),
        ("parallel: 4.0", "expected a whole number, found 4.0"), ("parallel: '4'", "found \"4\" in quotes"),
        ("parallel: 1_0", "expected a whole number"), ("parallel: four", "found \"four\""),
        ("parallel: 99999999999999999999", "expected a whole number"), ("parallel: yes", "expected a whole number"),
        ("parallel: {a: 1}", "expected a whole number, found a section"), ("parallel: ４", "expected a whole number"),
        ("requests_per_second: 1", ""), ("requests_per_second: 0.01", ""), ("requests_per_second: 2.50", ""),
        ("requests_per_second: 0", "not between"), ("requests_per_second: .5", "expected a number"),
        ("requests_per_second: 5.", "expected a number"), ("requests_per_second: 01.5", "without leading zeros"),
        ("requests_per_second: .inf", "expected a number"), ("requests_per_second: nan", "expected a number"),
        ("requests_per_second: 1,5", "expected a number"), ("requests_per_second: -1", "-1 is not between"),
    ]

    @Test(arguments: numbers)
    func `a number is decimal and within its bounds`(bad: SettingCase) { expect(bad) }

    static let booleans: [SettingCase] = [
        ("archive: true", ""), ("archive: false", ""), ("archive: yes", "expected true or false, found \"yes\""),
        ("archive: 'true'", "expected true or false"), ("archive: 1", "expected true or false"),
        ("archive: True", "expected true or false"), ("archive: []", "expected true or false, found a list"),
    ]

    @Test(arguments: booleans)
    func `true and false are the only booleans`(bad: SettingCase) { expect(bad) }

    static let addresses: [SettingCase] = [
        ("url: https://api.example", ""), ("url: HTTPS://api.example:8443/v1?x=1", ""), ("url: https://бот.рф/", ""),
        ("url: http://127.0.0.1:8080/x", ""), ("url: http://127.9.9.9", ""), ("url: 'http://[::1]:1'", ""),
        ("url: http://localhost", ""),
        ("url: http://api.example", "http is allowed to this machine only; write https://"),
        ("url: http://127.0.0.1.example", "http is allowed to this machine only"),
        ("url: http://128.0.0.1", "http is allowed"), ("url: http://127.0.0.256", "http is allowed"),
        ("url: http://127.0.0.1@api.example", "must not hold a name or password"),
        ("url: http://127.0.0.1:80@api.example/", "must not hold a name or password"),
        ("url: 'http://127.0.0.1\\@api.example'", "no backslashes"),
        ("url: api.example", "begins with https:// or http://"), ("url: ftp://api.example", "begins with https://"),
        ("url: //api.example", "begins with https://"), ("url: https:/api.example", "begins with https://"),
        ("url: https://", "expected a host"), ("url: https:///x", "expected a host"),
        ("url: https://?x", "expected a host"),
        ("url: https://a..b", "expected a host"), ("url: https://.b", "expected a host"),
        ("url: https://a!b", "expected a host"), ("url: 'https://[::1'", "expected a host"),
        ("url: 'https://a:'", "expected a port"), ("url: https://a:0", "expected a port"),
        ("url: https://a:65536", "expected a port"), ("url: https://a:+80", "expected a port"),
        ("url: https://a b", "no spaces"), ("url: 5", "begins with https://"), ("url: [https://a]", "found a list"),
    ]

    @Test(arguments: addresses)
    func `an address has a scheme and a host, and is encrypted unless it stays here`(bad: SettingCase) { expect(bad) }

    static let maps: [SettingCase] = [
        ("package_statuses: {'11': sent}", ""), ("package_statuses: {}", ""),
        (
            "package_statuses: {11: sen}",
            "\"sen\" is not one of handover, sent, delivered, cancelled; did you mean sent?"
        ),
        ("package_statuses: {11: [sent]}", "found a list"), ("package_statuses: [sent]", "found a list"),
        ("package_statuses: {[a]: sent}", "expected a key, found a list"),
        ("delivery_system: shipto", "did you mean shiptor?"), ("login: true", "found true; put it in quotes"),
        ("login: 007", ""), ("login: 'true'", ""),
    ]

    @Test(arguments: maps)
    func `a map has words as keys and one of the known values`(bad: SettingCase) {
        let shop = "  otcommerce:\n    {instance_key: {file: k}, password: {file: p}"
        let login = bad.text.hasPrefix("login") ? "" : ", login: x"
        let problems = read(small(4, "    token: {file: token}\n\(shop)\(login), \(bad.text)}")).problems
        #expect(problems.count == (bad.part.isEmpty ? 0 : 1), "\(bad.text): \(problems)")
        for problem in problems {
            #expect(problem.line == 6)
            #expect(problem.message.contains(bad.part), "\(bad.text)")
        }
    }

    @Test func `only addresses of this machine are loopback`() {
        let here = ["http://127.0.0.1", "https://LOCALHOST:1/x", "http://[::1]/", "socks5://127.1.2.3:9"]
        let elsewhere = [
            "http://127.0.0.1@evil.example", "http://localhost.evil.example", "http://127.1", "http://[::2]",
            "127.0.0.1",
            "http://0.0.0.0", "http://127.0.0.1:x@evil.example/", "", "http://127.+1.0.1",
        ]
        #expect(here.filter { !isLoopback($0) } == [])
        #expect(elsewhere.filter(isLoopback) == [])
    }
}
