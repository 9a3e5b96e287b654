import Foundation
import PutLiveConfig
import Testing

@testable import PutLiveArtifacts

/// A check that passes everything proves nothing: each one finds an artifact that its program would refuse.
@Suite(.serialized) struct BrokenArtifactTests {
    /// An artifact, a text in it, what it is replaced by, and a word of the tool's complaint.
    struct Case: Sendable, CustomTestStringConvertible {
        var artifact: String
        var old: String
        var new: String
        var words: String
        var check: String

        var testDescription: String { "\(check): \(artifact)" }
    }

    static let cases = [
        Case(
            artifact: "nginx.conf", old: "server_tokens off;", new: "server_tokenz off;", words: "server_tokenz",
            check: "nginx"),
        Case(artifact: "nginx.conf", old: "sendfile on;", new: "sendfile on", words: "invalid", check: "nginx"),
        Case(
            artifact: "putlive-agent.service", old: "Type=notify", new: "Typo=notify", words: "Typo", check: "systemd"),
        Case(
            artifact: "putlive-backup.timer", old: "[Timer]", new: "[Timer]\nOnCalendar=never", words: "never",
            check: "systemd"),
        Case(
            artifact: "nginx-dropin.conf", old: "[Service]", new: "[Service]\nLimitNOFILES=1", words: "LimitNOFILES",
            check: "systemd"),
        Case(
            artifact: "putlive-agent.service", old: "[Install]",
            new: "User=root\nProtectSystem=no\nPrivateDevices=no\nNoNewPrivileges=no\nPrivateTmp=no\n[Install]",
            words: "exposed more than 2.0", check: "systemd-security"),
        Case(artifact: "sysusers.conf", old: "\nu ", new: "\nuu ", words: "uu", check: "sysusers"),
        Case(artifact: "tmpfiles.conf", old: "\nd ", new: "\ndd ", words: "dd", check: "tmpfiles"),
        Case(artifact: "sysctl.conf", old: " = ", new: " ", words: "", check: "sysctl"),
        Case(artifact: "logrotate.conf", old: "daily", new: "dailly", words: "dailly", check: "logrotate"),
        Case(
            artifact: "fail2ban-jails.local", old: "filter = putlive-login", new: "filter = putlive-logon",
            words: "putlive-logon", check: "fail2ban"),
        Case(
            artifact: "prometheus.yml", old: "scrape_interval", new: "scrape_intervall", words: "scrape_intervall",
            check: "prometheus"),
        Case(artifact: "putlive-alerts.yml", old: "expr: ", new: "expr: (( ", words: "", check: "prometheus"),
    ]

    @Test(arguments: cases) func isFound(broken: Case) async throws {
        var set = try ArtifactSet(config: try goldenConfig("single"), share: share)
        let kind = try #require(Catalog.named(broken.artifact)?.check)
        set.artifacts.removeAll { $0.artifact.check != kind && !($0.artifact.check == .sysusers && kind == .tmpfiles) }
        let index = try #require(set.artifacts.firstIndex { $0.artifact.name == broken.artifact })
        let old = set.artifacts[index].text
        try #require(old.contains(broken.old), "the artifact has changed: adapt this case")
        set.artifacts[index].text = old.replacing(broken.old, with: broken.new)
        // Without the stack: cfn-lint takes seconds and has no part in this.
        let options = Verifier.Options(
            path: ProcessInfo.processInfo.environment["PATH"] ?? "", srsBinary: nil,
            temporaryFolder: FileManager.default.temporaryDirectory.path)
        let verifier = Verifier(set, share: share, options: options)
        let result = try #require(try await verifier.run(only: broken.check))
        // On a machine without the tool there is nothing to find; CI has them all.
        if result.status == .skipped && ProcessInfo.processInfo.environment["CI"] != "true" { return }
        #expect(result.status == .failed)
        #expect(result.notes.contains { $0.contains(broken.words) } || broken.words.isEmpty, "\(result.notes)")
    }
}
