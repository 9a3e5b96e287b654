import Foundation
import PutLiveConfig
import Testing

@testable import PutLiveArtifacts

/// The catalog and the templates agree.
@Suite struct CatalogTests {
    @Test func namesAreUnique() {
        let names = Catalog.artifacts.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { !$0.contains("/") && !$0.contains(" ") })
        #expect(Catalog.named("nginx.conf")?.check == .nginx)
        #expect(Catalog.named("nothing") == nil)
    }

    @Test(arguments: goldenProfiles) func pathsAreUniqueAndAbsolute(profile: String) throws {
        let config = try goldenConfig(profile)
        let paths = Catalog.artifacts.filter { $0.applies(to: config) }.map { $0.path(config) }
        #expect(Set(paths).count == paths.count)
        #expect(paths.allSatisfy { $0.hasPrefix("/") && !$0.contains("/../") })
    }

    @Test func everyTemplateIsInTheCatalog() throws {
        let present = Set(try files(below: packageFolder + "/templates").keys.map { "templates/\($0)" })
        // The config that init writes is no artifact: artifacts are made from it.
        let named = Set(Catalog.artifacts.map(\.template)).union(["templates/etc/putlive/config.yaml.mustache"])
        #expect(present.symmetricDifference(named).isEmpty)
    }

    @Test func everyArtifactIsDescribed() {
        for artifact in Catalog.artifacts {
            #expect(artifact.purpose.hasSuffix("."), "\(artifact.name)")
            #expect(!artifact.roles.isEmpty, "\(artifact.name)")
            #expect(artifact.modeText.count == 4, "\(artifact.name)")
            #expect(artifact.mode & 0o022 == 0, "\(artifact.name) can be written by others")
        }
    }

    @Test func changesAreNamed() {
        #expect(ChangeAction.none.description == "nothing")
        #expect(ChangeAction.reload(["a.service"]).description == "reload a.service")
        #expect(ChangeAction.restart(["a.service", "b.service"]).description == "restart a.service b.service")
        #expect(ChangeAction.apply("systemd-sysctl").description == "systemd-sysctl")
        #expect(ChangeAction.daemonReload(restart: [], reload: []).description == "daemon-reload")
        #expect(
            ChangeAction.daemonReload(restart: ["a.socket"], reload: ["b.mount"]).description
                == "daemon-reload, restart a.socket, reload b.mount")
    }

    /// Every artifact that can hold a comment says where it comes from.
    @Test(arguments: goldenProfiles) func artifactsSayWhoWroteThem(profile: String) throws {
        let set = try ArtifactSet(config: try goldenConfig(profile), share: share)
        for item in set.artifacts where item.artifact.format != .json {
            #expect(item.text.prefix(300).contains("Written by putlive-gen from config.yaml"), "\(item.path)")
            #expect(item.text.hasSuffix("\n"), "\(item.path)")
            #expect(!item.text.contains("{{#") && !item.text.contains("<%"), "\(item.path) has a tag left")
        }
    }

    @Test func rendersTheSameBytesEveryTime() throws {
        let config = try goldenConfig("single")
        let first = try ArtifactSet(config: config, share: share).artifacts.map(\.text)
        for _ in 0..<3 { #expect(try ArtifactSet(config: config, share: share).artifacts.map(\.text) == first) }
    }

    @Test func aBrokenTemplateFailsTheWholeSet() throws {
        let folder = try TemporaryFolder()
        for name in ["templates"] {
            try FileManager.default.copyItem(atPath: "\(packageFolder)/\(name)", toPath: "\(folder.path)/\(name)")
        }
        let path = folder.path + "/templates/etc/sysctl.d/60-putlive.conf.mustache"
        try "{{%CONTENT_TYPE: TMPFILES}}\n{{oops}}\n".write(toFile: path, atomically: true, encoding: .utf8)
        let failure = #expect(throws: RenderFailure.self) {
            try ArtifactSet(config: try goldenConfig("single"), share: ShareFolder(path: folder.path))
        }
        #expect(failure?.description.contains("60-putlive.conf.mustache: no value is named oops") == true)
    }
}
