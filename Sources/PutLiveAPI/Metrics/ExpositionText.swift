/// Writes families and samples in one of the formats, as bytes.
struct ExpositionText {
    private(set) var bytes: [UInt8] = []
    private let format: ExpositionFormat

    init(_ format: ExpositionFormat, capacity: Int) {
        self.format = format
        bytes.reserveCapacity(capacity)
    }

    /// HELP and TYPE of a family, before its samples.
    mutating func head(_ family: MetricFamily) {
        let name = format == .openMetrics ? family.openMetricsName : family.name[...]
        append("# HELP ")
        append(name)
        append(" ")
        for byte in family.help.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): append("\\\\")
            case UInt8(ascii: "\n"): append("\\n")
            // OpenMetrics alone wants it escaped here, the text format forbids it.
            case UInt8(ascii: "\"") where format == .openMetrics: append("\\\"")
            default: bytes.append(byte)
            }
        }
        append("\n# TYPE ")
        append(name)
        append(" ")
        append(family.kind.rawValue)
        append("\n")
    }

    /// The start of a sample: its name, and its labels, which are escaped already.
    mutating func sample(_ name: String, suffix: String = "", labels: String, bound: String? = nil) {
        append(name)
        append(suffix)
        if !labels.isEmpty || bound != nil {
            append("{")
            append(labels)
            if let bound {
                append(labels.isEmpty ? "le=\"" : ",le=\"")
                append(bound)
                append("\"")
            }
            append("}")
        }
        append(" ")
    }

    /// The end of a sample: its value.
    mutating func end(_ value: UInt64) {
        append(value.description)
        append("\n")
    }

    /// The end of a sample: its value.
    mutating func end(_ value: Double) {
        if value.isNaN {
            append("NaN")
        } else if value.isInfinite {
            append(value < 0 ? "-Inf" : "+Inf")
        } else if value.magnitude < 0x1p53, value == value.rounded(.towardZero) {
            append(Int64(value).description)
        } else {
            append(value.description)
        }
        append("\n")
    }

    /// The end of all.
    mutating func finish() {
        if format == .openMetrics { append("# EOF\n") }
    }

    private mutating func append(_ text: some StringProtocol) {
        bytes.append(contentsOf: text.utf8)
    }
}
