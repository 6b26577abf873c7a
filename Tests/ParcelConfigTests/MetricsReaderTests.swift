import ParcelCore
import Testing

@testable import ParcelConfig

@Test(arguments: [
    ("127.0.0.1:9472", LocalAddress.loopback(host: "127.0.0.1", port: 9472)),
    ("localhost:1", .loopback(host: "127.0.0.1", port: 1)), ("[::1]:65535", .loopback(host: "::1", port: 65_535)),
    ("unix:/run/parceld/metrics.sock", .unix(path: "/run/parceld/metrics.sock")), ("0.0.0.0:9472", nil),
    ("192.168.0.7:9472", nil), ("example.com:9472", nil), ("127.0.0.1", nil), ("127.0.0.1:0", nil),
    ("127.0.0.1:65536", nil), ("127.0.0.1:+80", nil), ("[::]:9472", nil), ("unix:metrics.sock", nil), (":9472", nil),
    ("", nil),
])
func `figures are shown to this machine only`(text: String, address: LocalAddress?) {
    #expect(LocalAddress(text) == address)
}

struct MetricsSectionTests {
    private static let cases: [(text: String, path: String, part: String)] = [
        ("metrics: {}", "metrics", "say where: listen, textfile or both"),
        ("metrics: {listen: \"0.0.0.0:9472\"}", "metrics.listen", "no address of this machine"),
        ("metrics: {textfile: /tmp/parceld.txt}", "metrics.textfile", "has to end with .prom"),
        ("metrics: {listen: 127.0.0.1:9472, every: 1 min}", "metrics.every", "there is none"),
        ("metrics: {textfile: /tmp/a.prom, every: 60}", "metrics.every", "has no unit"),
        ("metrics: {port: 9472}", "metrics.port", "unknown key"),
    ]

    @Test(arguments: cases)
    func `a mistake is told with its line`(text: String, path: String, part: String) {
        let problems = read((small + [text]).joined(separator: "\n")).problems
        let told = problems.first { $0.path == path && $0.message.contains(part) }
        #expect(told?.line == small.count + 1, "\(problems)")
    }

    @Test func `what is chosen arrives`() {
        let (config, problems) = read(
            (small + ["metrics: {listen: \"[::1]:9472\", textfile: /srv/parceld.prom, every: 30 s}"])
                .joined(separator: "\n"))
        #expect(problems.isEmpty)
        #expect(
            config.metrics
                == MetricsOptions(
                    listen: .loopback(host: "::1", port: 9472), textfile: "/srv/parceld.prom", every: .seconds(30)))
        #expect(read(small.joined(separator: "\n")).config.metrics == nil)
    }
}
