import Foundation
import Testing

@testable import PutLiveAPI

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

@Suite struct ReconcileStatusTests {
    private static func isUnreadable(_ reading: ReconcileStatus.Reading) -> Bool {
        if case .unreadable = reading { return true }
        return false
    }

    @Test func aReportIsReadWhole() throws {
        let file = StatusFile()
        try file.write()
        guard case .report(let report) = file.status().look() else {
            Issue.record("no report")
            return
        }
        #expect(report.result == "failed" && report.generation == 7 && report.consecutiveFailures == 2)
        #expect(report.duration == 1.25)
        #expect(report.differences.count == 5 && report.drift.count == 4)
        #expect(report.certificate?.names == ["stream.example.com", "localhost"])
        #expect(ReconcileReport.seconds(report.endedAt) == start)
    }

    @Test func withoutAFileThereIsNone() throws {
        let file = StatusFile()
        let status = file.status()
        #expect(status.last == .absent && status.look() == .absent)
        try file.write()
        #expect(status.look() != .absent && status.last == status.look())
        try FileManager.default.removeItem(atPath: file.path)
        #expect(status.look() == .absent && status.last == .absent)
        #expect(ReconcileStatus(path: "/dev/null/status.json", interval: 30).look() == .absent)
    }

    @Test(arguments: [
        "", "{", "[]", "null", "\u{feff}", #"{"version":1}"#, #"{"version":"1"}"#, #"{"version":2}"#,
        String(repeating: "[", count: 100_000), String(repeating: " ", count: 1 << 20) + "{}",
    ])
    func whatIsNoReportIsToldAsSuch(_ text: String) throws {
        let file = StatusFile()
        try file.write(text)
        let status = file.status()
        #expect(Self.isUnreadable(status.look()))
        // The next whole one counts.
        try file.write()
        #expect(!Self.isUnreadable(status.look()))
    }

    /// Each key that may not be missing, one after the other; and a file that is cut off at every place.
    @Test func halfAReportIsNone() throws {
        let file = StatusFile()
        let optional: Set = ["generationAppliedAt", "lastSuccessAt", "failure", "failedGoal", "retryAt", "certificate"]
        let whole = try StatusFile.report()
        let keys = try #require(JSONSerialization.jsonObject(with: Data(whole.utf8)) as? [String: Any]).keys
        let status = file.status()
        for key in keys {
            try file.write([key: NSNull()])
            #expect(Self.isUnreadable(status.look()) == !optional.contains(key), "\(key)")
        }
        for count in stride(from: 0, to: whole.utf8.count, by: 97) {
            try file.write(String(decoding: whole.utf8.prefix(count), as: UTF8.self))
            #expect(Self.isUnreadable(status.look()), "\(count)")
        }
    }

    @Test func aLaterFormatSaysWhatToDo() throws {
        let file = StatusFile()
        try file.write(["version": 2])
        #expect(
            file.status().look()
                == .unreadable("Another version of PutLive wrote it: systemctl restart putlive-agent."))
    }

    @Test func wordsOfALaterPackageAreKept() throws {
        let file = StatusFile()
        try file.write(["result": "paused", "more": ["of", "it"]])
        guard case .report(let report) = file.status().look() else {
            Issue.record("no report")
            return
        }
        #expect(report.result == "paused")
    }

    @Test func whatIsNoFileIsNotWaitedFor() throws {
        let file = StatusFile()
        try #require(mkfifo(file.path, 0o600) == 0)
        let status = file.status()
        #expect(Self.isUnreadable(status.look()))
        try FileManager.default.removeItem(atPath: file.path)
        try FileManager.default.createSymbolicLink(atPath: file.path, withDestinationPath: "/etc/hostname")
        #expect(Self.isUnreadable(status.look()))
        try FileManager.default.removeItem(atPath: file.path)
        try FileManager.default.createDirectory(atPath: file.path, withIntermediateDirectories: false)
        #expect(Self.isUnreadable(status.look()))
    }

    /// What is the same by inode, size and time isn't read again.
    @Test func itIsReadAnewOnlyWhenItHasChanged() throws {
        let file = StatusFile()
        try file.write()
        let status = file.status()
        let first = status.look()
        var times = stat()
        try #require(stat(file.path, &times) == 0)
        let text = try StatusFile.report().replacingOccurrences(of: "3.1.0", with: "3.1.1")
        let handle = try #require(FileHandle(forWritingAtPath: file.path))
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
        #if canImport(Darwin)
            let modified = times.st_mtimespec
        #else
            let modified = times.st_mtim
        #endif
        var restored = [modified, modified]
        try #require(utimensat(AT_FDCWD, file.path, &restored, 0) == 0)
        #expect(status.look() == first)
        restored[1].tv_nsec = (restored[1].tv_nsec + 1) % 1_000_000_000
        try #require(utimensat(AT_FDCWD, file.path, &restored, 0) == 0)
        #expect(status.look() != first)
    }

    // MARK: Health

    private static func health(
        _ changes: [String: Any], after seconds: Int64 = 10
    ) throws -> [String: ComponentHealth] {
        let file = StatusFile()
        try file.write(StatusFile.inOrder.merging(changes) { $1 })
        return file.status().health(at: start + seconds)
    }

    @Test func aHostInOrderIsWell() throws {
        let health = try Self.health(["certificate": NSNull()])
        #expect(health == ["reconcile": ComponentHealth(.ok)])
        // Of a clock that was set back.
        #expect(try Self.health(["certificate": NSNull()], after: -90_000) == health)
        #expect(try Self.health(["result": "waiting", "certificate": NSNull()]) == health)
    }

    @Test func noneAndAnUnreadableOneAreToldOf() throws {
        let file = StatusFile()
        let absent = try #require(file.status().health(at: start)["reconcile"])
        #expect(absent.status == .degraded && absent.detail?.contains("systemctl start putlive-reconcile") == true)
        try file.write("{")
        let broken = file.status().health(at: start)
        #expect(broken.count == 1 && broken["reconcile"]?.status == .degraded)
        #expect(broken["reconcile"]?.detail?.contains("the next reconcile writes it anew") == true)
    }

    private static let left = #"{"kind":"mode","subject":"a","detail":"b","cause":"edited","outcome":"report"}"#

    @Test(
        arguments: [
            (#"{"result":"failed"}"#, "failed"),
            (#"{"differences":[\#(left)]}"#, "differs from config.yaml in 1 place."),
            (#"{"differences":[\#(left),\#(left)]}"#, "differs from config.yaml in 2 places."),
            (
                #"{"units":[{"name":"srs.service","state":"failed","isHealthy":false,"restarts":5,"gaveUp":true}]}"#,
                "left alone: srs.service."
            ),
        ])
    func whatIsAmissIsSaid(_ changes: String, _ words: String) throws {
        let changes = try #require(JSONSerialization.jsonObject(with: Data(changes.utf8)) as? [String: Any])
        let health = try #require(try Self.health(changes)["reconcile"])
        #expect(health.status == .degraded && health.detail?.contains(words) == true)
    }

    @Test func whatWaitsForAStreamIsNoFault() throws {
        let health = try Self.health(["result": "waiting", "differences": [StatusFile.difference("wait")]])
        #expect(health["reconcile"] == ComponentHealth(.ok))
    }

    @Test func aTimerThatStandsStillIsFound() throws {
        #expect(try Self.health([:], after: 300)["reconcile"]?.status == .ok)
        let late = try #require(try Self.health([:], after: 301)["reconcile"])
        #expect(late.status == .degraded && late.detail?.contains("5 min ago") == true)
        let file = StatusFile()
        try file.write(StatusFile.inOrder)
        let status = file.status()
        status.interval = 3_600
        #expect(status.health(at: start + 7_440)["reconcile"]?.status == .ok)
        #expect(status.health(at: start + 7_441)["reconcile"]?.status == .degraded)
    }

    private static func certificate(
        days: Double, isSelfSigned: Bool = false, problem: String = ""
    ) throws -> ComponentHealth? {
        try health(
            [
                "certificate": [
                    "isSelfSigned": isSelfSigned, "names": ["a"], "notAfter": Double(start) + days * 86_400,
                    "problem": problem,
                ] as [String: Any]
            ], after: 0)["certificate"]
    }

    @Test func theCertificateIsLookedAt() throws {
        #expect(try Self.certificate(days: 14) == ComponentHealth(.ok))
        let soon = try #require(try Self.certificate(days: 13.5))
        #expect(soon.status == .degraded && soon.detail?.contains("expires in 13 d 12 h") == true)
        let over = try #require(try Self.certificate(days: 0, isSelfSigned: true))
        #expect(over.status == .error && over.detail?.contains("expired") == true)
        let own = try #require(try Self.certificate(days: 99, isSelfSigned: true, problem: "/secret isn't there"))
        #expect(own.status == .degraded && own.detail?.contains("self-signed") == true)
        let other = try #require(try Self.certificate(days: 60, problem: "/secret isn't there"))
        #expect(other.status == .degraded && other.detail?.contains("isn't the configured one") == true)
        // Anybody may see these answers.
        for health in [own, other] { #expect(health.detail?.contains("/secret") == false) }
    }

    @Test func onlyAGoodCertificateIsTrusted() throws {
        func trusted(_ changes: [String: Any], at now: Int64 = start) throws -> Bool {
            let file = StatusFile()
            try file.write(["certificate": changes.isEmpty ? NSNull() : changes])
            let status = file.status()
            #expect(!status.showsTrustedCertificate(at: now), "before the first look")
            status.look()
            return status.showsTrustedCertificate(at: now)
        }
        var good: [String: Any] = [
            "isSelfSigned": false, "names": ["a"], "notAfter": Double(start + 10), "problem": "",
        ]
        #expect(try trusted(good))
        #expect(try trusted(good, at: start + 9))
        #expect(try !trusted(good, at: start + 10))
        #expect(try !trusted([:]))
        good["problem"] = "it has expired"
        #expect(try !trusted(good))
        good["problem"] = ""
        good["isSelfSigned"] = true
        #expect(try !trusted(good))
    }
}

extension StatusFile {
    static func difference(_ outcome: String) -> [String: String] {
        ["kind": "mode", "subject": "/etc/x", "detail": "has mode 0600", "cause": "edited", "outcome": outcome]
    }
}
