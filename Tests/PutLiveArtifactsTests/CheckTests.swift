import Foundation
import PutLiveConfig
import Testing

@testable import PutLiveArtifacts

/// The native checks: their staging, and that they find what is wrong where the tools are there.
@Suite struct CheckTests {
    private let path = ProcessInfo.processInfo.environment["PATH"] ?? ""

    private func verify(_ set: ArtifactSet, path: String? = nil) async throws -> [CheckResult] {
        let options = Verifier.Options(
            path: path ?? self.path, srsBinary: "/nonexistent/srs",
            temporaryFolder: FileManager.default.temporaryDirectory.path)
        return try await Verifier(set, share: share, options: options).run(began: { _ in }, ended: { _ in })
    }

    /// The single profile's artifacts of one check, one of them changed.
    private func changed(_ name: String, _ change: (String) -> String) throws -> ArtifactSet {
        let config = try goldenConfig("single")
        let kind = try #require(Catalog.named(name)?.check)
        var set = try ArtifactSet(config: config, share: share)
        set.artifacts.removeAll { $0.artifact.check != kind }
        let index = try #require(set.artifacts.firstIndex { $0.artifact.name == name })
        set.artifacts[index].text = change(set.artifacts[index].text)
        return set
    }

    @Test func pathsAreMovedAtTheStartOfWordsAlone() {
        let text = "root /var/lib/x; alias \"/var/y\"; location /var { } proxy http://h/var/z; a=/var/q;"
        #expect(
            Stage.moved(text, below: "/S", prefixes: ["/var/"])
                == "root /S/var/lib/x; alias \"/S/var/y\"; location /var { } proxy http://h/var/z; a=/S/var/q;")
    }

    @Test func aStageIsPrivateAndGoesAway() throws {
        let set = try ArtifactSet(config: try goldenConfig("single"), share: share)
        var stage: Stage? = try Stage(set, below: FileManager.default.temporaryDirectory.path)
        let root = try #require(stage?.root)
        #expect(FileTree.mode(root) == 0o700)
        #expect(try FileTree.read(root + "/tree/etc/nginx/nginx.conf") != nil)
        stage = nil
        #expect(FileTree.mode(root) == nil)
    }

    @Test func missingToolsAreSkippedWithTheirSource() async throws {
        var set = try ArtifactSet(config: try goldenConfig("single"), share: share)
        set.artifacts.removeAll { $0.artifact.check != .srs }
        let results = try await verify(set)
        let srs = try #require(results.first { $0.name == "srs" })
        #expect(srs.status == .skipped && srs.notes.contains { $0.contains("SRS_BINARY") })
    }

    @Test func jsonAndYAMLAreRead() async throws {
        let json = try await verify(changed("grafana-dashboard.json") { $0 + "}" })
        #expect(json.first { $0.name == "json" }?.status == .failed)
        let yaml = try await verify(changed("grafana-datasource.yaml") { $0 + "\n a: [\n" })
        #expect(yaml.first { $0.name == "yaml" }?.status == .failed)
        let good = try await verify(changed("grafana-datasource.yaml") { $0 })
        #expect(good.first { $0.name == "yaml" }?.status == .passed)
    }

    @Test func theShellsWordsAreKept() async throws {
        let results = try await verify(changed("certbot-hook") { $0 + "\nif then\n" })
        let shell = try #require(results.first { $0.name == "shell" })
        #expect(shell.status == .failed && shell.notes.contains { $0.contains("yntax error") })
    }

    @Test func aSecretInAToolsWordsIsMasked() async throws {
        let set = try changed("certbot-hook") {
            $0 + "\n(" + "golden-test-secret-of-single-0123456789-abcdefghijklmn\n"
        }
        for result in try await verify(set) {
            #expect(!result.notes.contains { $0.contains("golden-test-secret") })
        }
    }

    @Test func toolsAreBoundInTime() async throws {
        var runner = ToolRunner(path: path)
        runner.limit = .milliseconds(50)
        let outcome = try await runner.run("sleep", ["30"], in: "/")
        #expect(!outcome.succeeded && outcome.output.contains("did not end"))
    }

    @Test func toolsAreFoundInSbinToo() throws {
        let runner = ToolRunner(path: "relative:/nonexistent", named: ["srs": "/bin/sh", "gone": "/nonexistent/gone"])
        #expect(runner.find("sh") != nil)
        #expect(runner.find("srs") == "/bin/sh")
        #expect(runner.find("gone") == nil && runner.find("no-such-tool") == nil)
        #expect(runner.folders.contains("/usr/sbin") && !runner.folders.contains("relative"))
    }
}
