import Foundation
import Testing

@testable import PutLiveAPI
@testable import PutLiveStore

/// A status.json of a test's own.
final class StatusFile: Sendable {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.path + "/putlive-status-" + RandomText.base32(16) + ".json"
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Of a host that is asked to reconcile every 30 s.
    func status() -> ReconcileStatus { ReconcileStatus(path: path, interval: 30) }

    /// Puts `text` in the file's place, as reconcile does.
    func write(_ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
    }

    /// Writes a report with some of its keys changed; NSNull takes one out.
    func write(_ changes: [String: Any] = [:]) throws {
        try write(Self.report(changes))
    }

    static func report(_ changes: [String: Any] = [:]) throws -> String {
        var report = try #require(
            JSONSerialization.jsonObject(with: Data(full.utf8)) as? [String: Any])
        for (key, value) in changes { report[key] = value is NSNull ? nil : value }
        return String(decoding: try JSONSerialization.data(withJSONObject: report, options: .sortedKeys), as: UTF8.self)
    }

    /// Keys of a run in which nothing was to be done.
    static var inOrder: [String: Any] {
        [
            "result": "in_order", "failure": NSNull(), "differences": [], "repaired": [], "pendingRestarts": [],
            "units": [["name": "nginx.service", "state": "active", "isHealthy": true, "restarts": 0, "gaveUp": false]],
            "consecutiveFailures": 0,
        ]
    }

    /// A report in which every key has a value. It ended at ``start``.
    static let full = """
        {
          "certificate": {
            "isSelfSigned": true, "names": ["stream.example.com", "localhost"], "notAfter": 1767398400.75,
            "problem": "/etc/letsencrypt/live/stream.example.com/fullchain.pem isn't there"
          },
          "consecutiveFailures": 2, "failedGoal": "9f86d081", "retryAt": 1795000600,
          "differences": [
            {
              "cause": "edited", "detail": "has another content", "diff": "-a <b>\\n+c\\n", "kind": "content",
              "outcome": "report", "subject": "/etc/nginx/nginx.conf"
            },
            {"cause": "edited", "detail": "is there", "kind": "extra", "outcome": "repair", "subject": "/etc/x"},
            {"cause": "stopped", "detail": "isn't active", "kind": "unit", "outcome": "repair", "subject": "x.timer"},
            {"cause": "stopped", "detail": "isn't enabled", "kind": "unit", "outcome": "repair", "subject": "y.timer"},
            {
              "cause": "config_changed", "detail": "needs a restart", "kind": "unit", "outcome": "wait",
              "subject": "srs.service"
            }
          ],
          "endedAt": 1767225600.25,
          "failure": {"message": "nginx -t: no such file", "stage": "native_checks"},
          "generation": 7,
          "generationAppliedAt": 1767225000.5,
          "lastSuccessAt": 1767225540,
          "notes": ["prometheus isn't installed"],
          "pendingRestarts": [{"reason": "rtmp_port has changed", "since": 1767225300, "unit": "srs.service"}],
          "repaired": [
            {"cause": "edited", "detail": "has mode 0600", "kind": "mode", "outcome": "repair", "subject": "/etc/y"}
          ],
          "result": "failed",
          "startedAt": 1767225599,
          "toolVersion": "3.1.0",
          "units": [
            {"gaveUp": true, "isHealthy": false, "name": "srs.service", "restarts": 5, "state": "failed"},
            {"gaveUp": false, "isHealthy": true, "name": "nginx.service", "restarts": 1, "state": "active"},
            {"gaveUp": false, "isHealthy": true, "name": "x.timer", "restarts": 2, "state": "active"},
            {"gaveUp": false, "isHealthy": true, "name": "y.timer", "restarts": 3, "state": "active"}
          ],
          "version": 1
        }
        """
}

/// What reconcile writes is what the agent reads: neither side knows the other's types.
@Suite struct StatusFileTests {
    /// The keys of an object and of all objects in it, as `key` and `key.key`.
    private static func keys(_ value: Any, _ prefix: String = "") -> Set<String> {
        if let values = value as? [Any] { return values.reduce(into: []) { $0.formUnion(keys($1, prefix)) } }
        guard let object = value as? [String: Any] else { return [] }
        return object.reduce(into: []) { keys, entry in
            keys.insert(prefix + entry.key)
            keys.formUnion(Self.keys(entry.value, prefix + entry.key + "."))
        }
    }

    /// The stored properties of the types of a source file, by the types' names.
    private static func properties(_ path: String) throws -> [String: Set<String>] {
        var properties: [String: Set<String>] = [:]
        // Innermost last.
        var types: [(name: String, indent: Int)] = []
        for line in try PackageFiles.text(path).components(separatedBy: "\n") {
            let indent = line.prefix { $0 == " " }.count
            if line.trimmingCharacters(in: .whitespaces) == "}" { types.removeAll { $0.indent >= indent } }
            if let type = line.firstMatch(of: /^ *public (?:struct|enum) (\w+)/) {
                types.append((String(type.1), indent))
            }
            if let property = line.firstMatch(of: /^ *public var (\w+)(?::| =)/), let type = types.last {
                properties[type.name, default: []].insert(String(property.1))
            }
        }
        return properties
    }

    @Test func theTestsReportIsWhatReconcileWrites() throws {
        let report = try Self.properties("Sources/PutLiveHost/State/StatusReport.swift")
        let difference = try Self.properties("Sources/PutLiveHost/Drift/Difference.swift")
        var expected = try #require(report["StatusReport"])
        for (key, type) in [
            ("failure", "Failure"), ("pendingRestarts", "Pending"), ("units", "Unit"), ("certificate", "Certificate"),
        ] {
            expected.formUnion(try #require(report[type]).map { "\(key).\($0)" })
        }
        for key in ["differences", "repaired"] {
            expected.formUnion(try #require(difference["Difference"]).map { "\(key).\($0)" })
        }
        // A repaired one of the tests has none.
        expected.remove("repaired.diff")
        #expect(Self.keys(try JSONSerialization.jsonObject(with: Data(StatusFile.full.utf8))) == expected)
    }

    /// The names of the kinds are the metric's.
    @Test func theKindsAreThoseOfReconcile() throws {
        let source = try PackageFiles.text("Sources/PutLiveHost/Drift/Difference.swift")
        let kinds = try #require(source.firstMatch(of: /enum Kind[^{]*{((?:.|\n)*?)\n    }/))
        let names = kinds.1.matches(of: /case (\w+)/).map { String($0.1) }
        #expect(names == MetricLabel.driftKinds)
    }
}
