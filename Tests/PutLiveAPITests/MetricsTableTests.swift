import Foundation
import Testing

@testable import PutLiveAPI

/// The repository's own files, found upwards of this one.
enum PackageFiles {
    static let folder: String = {
        var folder = URL(filePath: #filePath)
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            if FileManager.default.fileExists(atPath: folder.appending(path: "golden").path) { break }
        }
        return folder.path
    }()

    static func text(_ path: String) throws -> String {
        try String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8)
    }
}

/// What docs/metrics.md, the dashboard and the alerts say of metrics is what the table says.
@Suite struct MetricsTableTests {
    private struct Row {
        let name, kind, unit, meaning: String
        let labels: [String]
    }

    private static func words(inBackticks text: String) -> [String] {
        text.matches(of: /`([^`]+)`/).map { String($0.1) }
    }

    private static func cells(_ line: String) -> [String] {
        line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
            .map { $0.trimmingCharacters(in: .whitespaces) }
    }

    /// The rows of the sections' tables.
    private static func rows() throws -> [Row] {
        try PackageFiles.text("docs/metrics.md").components(separatedBy: "\n").compactMap { line in
            let cells = cells(line)
            guard cells.count == 5, let name = words(inBackticks: cells[0]).first else { return nil }
            return Row(
                name: name, kind: cells[1], unit: cells[3], meaning: cells[4], labels: words(inBackticks: cells[2]))
        }
    }

    /// The rows of the table of labels: what stands in backticks in the second cell, by the labels of the first.
    private static func labelValues() throws -> [String: [String]] {
        var values: [String: [String]] = [:]
        for line in try PackageFiles.text("docs/metrics.md").components(separatedBy: "\n") {
            let cells = cells(line)
            guard cells.count == 3 else { continue }
            for label in words(inBackticks: cells[0]) { values[label] = words(inBackticks: cells[1]) }
        }
        return values
    }

    @Test func tableIsTheDocument() throws {
        let rows = try Self.rows()
        #expect(rows.count > 100)
        #expect(rows.map(\.name) == MetricTable.families.map(\.name))
        for (row, family) in zip(rows, MetricTable.families) {
            #expect(row.kind == family.kind.rawValue, "\(row.name)")
            #expect(row.labels == family.labels.map(\.name), "\(row.name)")
        }
    }

    @Test func bucketsAreThoseOfTheDocument() throws {
        for (row, family) in zip(try Self.rows(), MetricTable.families) {
            let range = row.meaning.firstMatch(of: /buckets ([0-9.]+) to ([0-9.]+)/)
            #expect((range != nil) == (family.kind == .histogram), "\(row.name)")
            guard let range else { continue }
            #expect(family.buckets.first == Double(range.1))
            #expect(family.buckets.last == Double(range.2))
            #expect(family.buckets == family.buckets.sorted())
            #expect(Set(family.buckets).count == family.buckets.count)
        }
    }

    /// A value of `kind`, `result`, `reason`, `state` and the like is named in its family's row, and no other is;
    /// those of other labels in the table of labels.
    @Test func valuesAreThoseOfTheDocument() throws {
        let shared = try Self.labelValues()
        // A row about the same thing as one above it doesn't name the values again.
        var namedAbove: [String: Set<String>] = [:]
        for (row, family) in zip(try Self.rows(), MetricTable.families) {
            for label in family.labels {
                guard case .listed(let values) = label.values else { continue }
                let isOwn = ["kind", "result", "reason", "state"].contains(label.name) || label.name == "status"
                if isOwn, label.name != "status" || !values.contains("2xx") {
                    var inRow = Set(Self.words(inBackticks: row.meaning))
                    if inRow.isEmpty { inRow = namedAbove[label.name] ?? [] }
                    namedAbove[label.name] = inRow
                    #expect(inRow.isSuperset(of: values), "\(row.name) \(label.name)")
                    let others = family.labels.flatMap { other -> [String] in
                        guard case .listed(let values) = other.values else { return [other.name] }
                        return [other.name] + values
                    }
                    #expect(inRow.subtracting(others).isEmpty, "\(row.name) \(label.name)")
                } else {
                    let inTable = try #require(shared[label.name], "\(label.name)")
                    #expect(Set(inTable).isSuperset(of: values), "\(row.name) \(label.name)")
                }
            }
        }
    }

    @Test func namesFollowTheRules() {
        for family in MetricTable.families {
            #expect(family.name.hasPrefix("putlive_") || family.name.hasPrefix("process_"))
            #expect((family.kind == .counter) == family.name.hasSuffix("_total"), "\(family.name)")
            #expect(!family.help.isEmpty && family.help.hasSuffix("."), "\(family.name)")
            #expect(Set(family.labels.map(\.name)).count == family.labels.count, "\(family.name)")
        }
        let families = MetricTable.families
        #expect(Set(families.map(\.name)).count == families.count)
        // OpenMetrics takes `_total` off, and then a counter and a gauge could meet.
        #expect(Set(families.map(\.openMetricsName)).count == families.count)
    }

    @Test(arguments: [
        "templates/var/lib/grafana/dashboards/putlive.json",
        "templates/etc/prometheus/rules/putlive-alerts.yml.mustache",
    ])
    func whatIsUsedExists(_ path: String) throws {
        // Not what begins a longer path or follows a `$`.
        let used = Set(try PackageFiles.text(path).matches(of: /\b(?:putlive|process)_[a-z0-9_]+/).map { String($0.0) })
        #expect(!used.isEmpty)
        let known = Set(
            MetricTable.families.flatMap { family in
                family.kind == .histogram
                    ? ["_bucket", "_sum", "_count"].map { family.name + $0 } : [family.name]
            })
        #expect(used.subtracting(known).isEmpty)
    }

    /// The families that the program asks for by name, target by target.
    @Test(arguments: ["PutLiveAPI", "PutLiveLive", "putlive-agent"])
    func whatIsCountedExists(_ target: String) throws {
        let known = Set(MetricTable.families.map(\.name))
        let walker = try #require(FileManager.default.enumerator(atPath: "\(PackageFiles.folder)/Sources/\(target)"))
        for case let path as String in walker where path.hasSuffix(".swift") {
            let source = try PackageFiles.text("Sources/\(target)/\(path)")
            for call in source.matches(
                of: /\b(?:label: |(?:[Cc]ounter|[Gg]auge|[Gg]auges|histogram)\(\s*)"(putlive_\w+)"/)
            {
                #expect(known.contains(String(call.1)), "\(path)")
            }
        }
    }

    @Test func seriesAreBounded() {
        let settings = MetricSettings(maximumStreams: 5, qualities: ["144p", "480p"], features: .all)
        var limits: [String: Int] = [:]
        for family in MetricTable.families { limits[family.name] = family.limit(settings) }
        #expect(limits["putlive_threads"] == 1)
        #expect(limits["putlive_build_info"] == 1)
        #expect(limits["putlive_viewers"] == 10)
        #expect(limits["putlive_rendition_bytes_per_second"] == 30)
        #expect(limits["putlive_http_requests_total"] == 8 * 60 * 4)
        #expect(limits.values.allSatisfy { (1...2_000).contains($0) })
    }
}
