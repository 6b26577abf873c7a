import ParcelCore
import Testing

private let families = [
    MetricFamily(
        "parceld_polls", .counter, "Polls by what came of them.",
        [
            .init([.init("provider", "shiptor"), .init("outcome", "ok")], .number(12)),
            .init([.init("provider", #"a"b\c"# + "\n"), .init("outcome", "ok")], .number(0.25)),
        ]),
    MetricFamily("parceld_empty", .gauge, "Has no sample.", []),
    MetricFamily("parceld_up", .gauge, "One \\ line\nonly.", [.init([], .number(1_764_000_000.5))]),
]

@Test func `the older format names a counter as its samples are named`() {
    #expect(
        exposition(families, as: .text) == #"""
            # HELP parceld_polls_total Polls by what came of them.
            # TYPE parceld_polls_total counter
            parceld_polls_total{provider="shiptor",outcome="ok"} 12
            parceld_polls_total{provider="a\"b\\c\n",outcome="ok"} 0.25
            # HELP parceld_up One \\ line\nonly.
            # TYPE parceld_up gauge
            parceld_up 1764000000.5

            """#)
}

@Test func `OpenMetrics names the family, and says where it ends`() {
    #expect(
        exposition(families, as: .openMetrics) == #"""
            # HELP parceld_polls Polls by what came of them.
            # TYPE parceld_polls counter
            parceld_polls_total{provider="shiptor",outcome="ok"} 12
            parceld_polls_total{provider="a\"b\\c\n",outcome="ok"} 0.25
            # HELP parceld_up One \\ line\nonly.
            # TYPE parceld_up gauge
            parceld_up 1764000000.5
            # EOF

            """#)
}

@Test func `a bucket counts all that is no larger, and the last one everything`() {
    var histogram = Histogram(bounds: [0.5, 2])
    for value in [0.5, 0.25, 1, 2, 90] { histogram.observe(value) }
    let family = MetricFamily("x_seconds", .histogram, "X.", [.init([.init("provider", "p")], .histogram(histogram))])
    #expect(
        exposition([family], as: .text) == """
            # HELP x_seconds X.
            # TYPE x_seconds histogram
            x_seconds_bucket{provider="p",le="0.5"} 2
            x_seconds_bucket{provider="p",le="2"} 4
            x_seconds_bucket{provider="p",le="+Inf"} 5
            x_seconds_sum{provider="p"} 93.75
            x_seconds_count{provider="p"} 5

            """)
}

@Test(arguments: [
    (
        "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
        ExpositionFormat.openMetrics
    ),
    ("text/plain;version=0.0.4", .text), ("*/*", .text), ("", .text),
])
func `whoever reads OpenMetrics gets it`(accept: String, format: ExpositionFormat) {
    #expect(ExpositionFormat(accept: accept) == format)
}
