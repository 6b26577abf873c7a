// How figures are written down for Prometheus and whatever reads its formats. Which figures there are is not decided here.
// Source: the OpenMetrics specification 1.0.0 and Prometheus's "Exposition formats", read 2026-11-20.

/// What one name counts or measures, with a sample for each set of labels.
package struct MetricFamily: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable { case counter, gauge, histogram }

    /// By the conventions: prefixed, in base units, which end it; a counter's without `_total`.
    package let name: String
    package let kind: Kind
    package let help: String
    package var samples: [Sample]

    package struct Sample: Sendable, Hashable {
        package var labels: [Label]
        package var value: Value

        package init(_ labels: [Label], _ value: Value) {
            self.labels = labels
            self.value = value
        }
    }

    package struct Label: Sendable, Hashable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package enum Value: Sendable, Hashable {
        case number(Double)
        case histogram(Histogram)
    }

    package init(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
        self.name = name
        self.kind = kind
        self.help = help
        self.samples = samples
    }
}

/// How many observations were at most so large.
package struct Histogram: Sendable, Hashable {
    /// Ascending; everything above the last is counted in one more bucket.
    package let bounds: [Double]
    /// Of each bucket alone, one more than bounds.
    package private(set) var counts: [Int]
    package private(set) var sum = 0.0

    package init(bounds: [Double]) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    package mutating func observe(_ value: Double) {
        counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
        sum += value
    }
}

package enum ExpositionFormat: Sendable {
    /// Prometheus's own text format 0.0.4, also read by the textfile collector of the node exporter.
    case text
    case openMetrics

    package var contentType: String {
        switch self {
        case .text: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// What whoever sends this `Accept` header reads.
    package init(accept: String) {
        self = accept.lowercased().contains("application/openmetrics-text") ? .openMetrics : .text
    }
}

/// Families without a sample are left out.
package func exposition(_ families: [MetricFamily], as format: ExpositionFormat) -> String {
    var text = ""
    for family in families where !family.samples.isEmpty {
        // The older format gives a counter's type under the name that its samples have.
        let name = family.kind == .counter && format == .text ? family.name + "_total" : family.name
        text += "# HELP \(name) \(escaped(family.help, quotes: false))\n# TYPE \(name) \(family.kind.rawValue)\n"
        for sample in family.samples { write(sample, of: family, to: &text) }
    }
    return format == .openMetrics ? text + "# EOF\n" : text
}

private func write(_ sample: MetricFamily.Sample, of family: MetricFamily, to text: inout String) {
    switch sample.value {
    case .number(let value):
        let name = family.kind == .counter ? family.name + "_total" : family.name
        line(name, sample.labels, value, to: &text)
    case .histogram(let histogram):
        var total = 0
        for (bound, count) in zip(histogram.bounds + [.infinity], histogram.counts) {
            total += count
            line(family.name + "_bucket", sample.labels + [.init("le", shown(bound))], Double(total), to: &text)
        }
        line(family.name + "_sum", sample.labels, histogram.sum, to: &text)
        line(family.name + "_count", sample.labels, Double(total), to: &text)
    }
}

private func line(_ name: String, _ labels: [MetricFamily.Label], _ value: Double, to text: inout String) {
    text += name
    if !labels.isEmpty {
        let pairs = labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }
        text += "{" + pairs.joined(separator: ",") + "}"
    }
    text += " \(shown(value))\n"
}

private func shown(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
}

/// A value is one line whatever a provider is called.
private func escaped(_ text: String, quotes: Bool) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case "\"" where quotes: result += "\\\""
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}
