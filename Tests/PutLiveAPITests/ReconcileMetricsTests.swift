import Foundation
import Testing

@testable import PutLiveAPI

@Suite struct ReconcileMetricsTests {
    private static func registry(_ features: MetricFeatures = .all) -> MetricsRegistry {
        MetricsRegistry(settings: MetricSettings(maximumStreams: 1, qualities: [], features: features))
    }

    /// The samples of the last reconcile and the certificate, without the prefix `putlive_`.
    private static func samples(_ registry: MetricsRegistry) -> [String: Double] {
        let text = String(decoding: registry.scrape(.text), as: UTF8.self)
        var samples: [String: Double] = [:]
        for line in text.split(separator: "\n")
        where line.hasPrefix("putlive_reconcile_") || line.hasPrefix("putlive_tls_") {
            guard let space = line.lastIndex(of: " ") else { continue }
            samples[String(line[..<space].dropFirst("putlive_".count))] = Double(line[space...].dropFirst())
        }
        return samples
    }

    private static let zeroRestarts = Dictionary(
        uniqueKeysWithValues: MetricLabel.units.map { ("reconcile_unit_restarts_total{unit=\"\($0)\"}", 0.0) })

    @Test func aReportIsShown() throws {
        let file = StatusFile()
        try file.write()
        let registry = Self.registry()
        registry.collectReconcile(file.status())
        var expected = Self.zeroRestarts
        for kind in MetricLabel.driftKinds { expected["reconcile_drift{kind=\"\(kind)\"}"] = 0 }
        expected.merge([
            "reconcile_interval_seconds": 30,
            "reconcile_last_run_timestamp_seconds": 1_767_225_600.25,
            "reconcile_last_success_timestamp_seconds": 1_767_225_540,
            "reconcile_last_duration_seconds": 1.25,
            "reconcile_consecutive_failures": 2,
            "reconcile_generation": 7,
            "reconcile_restart_pending": 1,
            "reconcile_drift{kind=\"content\"}": 1,
            "reconcile_drift{kind=\"extra\"}": 1,
            // Not the one that waits.
            "reconcile_drift{kind=\"unit\"}": 2,
            "reconcile_unit_restarts_total{unit=\"srs.service\"}": 5,
            "reconcile_unit_restarts_total{unit=\"nginx.service\"}": 1,
            "reconcile_unit_restarts_total{unit=\"other\"}": 5,
            "reconcile_unit_gave_up{unit=\"srs.service\"}": 1,
            "reconcile_unit_gave_up{unit=\"nginx.service\"}": 0,
            "reconcile_unit_gave_up{unit=\"other\"}": 0,
            "tls_certificate_expiry_timestamp_seconds": 1_767_398_400.75,
            "tls_certificate_self_signed": 1,
        ]) { $1 }
        #expect(Self.samples(registry) == expected)
    }

    @Test func theNextRunReplacesIt() throws {
        let file = StatusFile()
        let status = file.status()
        let registry = Self.registry()
        registry.collectReconcile(status)
        try file.write()
        _ = Self.samples(registry)
        try file.write(StatusFile.inOrder.merging(["lastSuccessAt": NSNull(), "certificate": NSNull()]) { $1 })
        status.interval = 60
        let samples = Self.samples(registry)
        #expect(samples["reconcile_interval_seconds"] == 60)
        #expect(samples["reconcile_drift{kind=\"unit\"}"] == 0 && samples["reconcile_restart_pending"] == 0)
        #expect(samples["reconcile_last_success_timestamp_seconds"] == nil)
        #expect(samples["tls_certificate_self_signed"] == nil)
        #expect(samples["reconcile_unit_gave_up{unit=\"srs.service\"}"] == nil)
        #expect(samples["reconcile_unit_gave_up{unit=\"nginx.service\"}"] == 0)
        // A counter never falls.
        #expect(samples["reconcile_unit_restarts_total{unit=\"srs.service\"}"] == 5)
    }

    @Test func withoutAReportOnlyTheIntervalIsKnown() throws {
        let file = StatusFile()
        let registry = Self.registry()
        registry.collectReconcile(file.status())
        let nothing = Self.zeroRestarts.merging(["reconcile_interval_seconds": 30]) { $1 }
        #expect(Self.samples(registry) == nothing)
        try file.write(StatusFile.inOrder.merging(["units": []]) { $1 })
        #expect(Self.samples(registry).count > nothing.count)
        try file.write("{")
        #expect(Self.samples(registry) == nothing)
    }

    /// A kind that this agent doesn't know makes no series.
    @Test func unknownKindsAreNotCounted() throws {
        let file = StatusFile()
        var difference = StatusFile.difference("report")
        difference["kind"] = "colour"
        try file.write(["differences": [difference]])
        let registry = Self.registry()
        registry.collectReconcile(file.status())
        let samples = Self.samples(registry).filter { $0.key.hasPrefix("reconcile_drift") }
        #expect(samples.count == MetricLabel.driftKinds.count && samples.values.allSatisfy { $0 == 0 })
    }

    @Test func whatIsSwitchedOffHasNoSamples() throws {
        let file = StatusFile()
        try file.write()
        let registry = Self.registry(.all.subtracting([.tls, .reconcile]))
        registry.collectReconcile(file.status())
        #expect(Self.samples(registry).isEmpty)
    }
}
