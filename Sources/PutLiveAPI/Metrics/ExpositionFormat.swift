/// The text formats that a scraper can ask for.
public enum ExpositionFormat: Sendable, CaseIterable {
    /// Prometheus text format 0.0.4.
    case text
    /// OpenMetrics 1.0.0.
    case openMetrics

    /// The value of `Content-Type`.
    public var contentType: String {
        switch self {
        case .text: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// The format that the header `Accept` prefers (RFC 9110, 12.5.1); the text format where it prefers none, and where
    /// it accepts neither: a person with curl is helped more by that than by a 406.
    public static func negotiated(accept: String?) -> ExpositionFormat {
        guard let accept else { return .text }
        var best: [ExpositionFormat: Range] = [:]
        // Far more than any scraper sends.
        for element in accept.utf8.prefix(2_048).split(separator: UInt8(ascii: ","), maxSplits: 31) {
            guard let range = Range(element) else { continue }
            for format in allCases where range.covers(format) && range.precision >= best[format]?.precision ?? 0 {
                best[format] = range
            }
        }
        let text = best[.text]?.quality ?? 0
        let openMetrics = best[.openMetrics]?.quality ?? 0
        return openMetrics > text || openMetrics == text && (best[.openMetrics]?.precision ?? 0) == 3 && text > 0
            ? .openMetrics : .text
    }
}

extension ExpositionFormat {
    private var type: String { self == .text ? "text/plain" : "application/openmetrics-text" }
    private var version: String { self == .text ? "0.0.4" : "1.0.0" }

    /// One element of `Accept`.
    private struct Range {
        let type: String
        var version: String?
        var quality = 1.0

        /// Nil where the element isn't well formed.
        init?(_ element: some Collection<UInt8>) {
            // Nothing in it means another thing in capitals, or with blanks around it.
            let text = element.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
                .map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
            let parts = text.split(separator: UInt8(ascii: ";"), maxSplits: 15)
            guard let first = parts.first, first.contains(UInt8(ascii: "/")) else { return nil }
            type = String(decoding: first, as: UTF8.self)
            for parameter in parts.dropFirst() {
                let pair = parameter.split(separator: UInt8(ascii: "="), maxSplits: 1)
                guard pair.count == 2 else { continue }
                let value = String(decoding: pair[1].filter { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
                if pair[0].elementsEqual("version".utf8) {
                    version = value
                } else if pair[0].elementsEqual("q".utf8) {
                    guard let quality = Double(value), (0...1).contains(quality) else { return nil }
                    self.quality = quality
                }
            }
        }

        func covers(_ format: ExpositionFormat) -> Bool {
            switch type {
            case format.type: version == nil || version == format.version
            case "text/*": format == .text
            case "*/*": true
            default: false
            }
        }

        /// A more precise range outdoes a less precise one, whatever their qualities.
        var precision: Int {
            switch type {
            case "*/*": 1
            case "text/*": 2
            default: 3
            }
        }
    }
}
