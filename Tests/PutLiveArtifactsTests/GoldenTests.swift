import Foundation
import PutLiveConfig
import Testing

@testable import PutLiveArtifacts

/// golden/<profile>/config.yaml renders to golden/<profile>/expected, byte for byte, and to stack.yaml where the role
/// has a stack. PUTLIVE_RECORD=1 records anew.
@Suite struct GoldenTests {
    private let records = ProcessInfo.processInfo.environment["PUTLIVE_RECORD"] == "1"

    @Test(arguments: goldenProfiles) func tree(profile: String) throws {
        let expected = "\(packageFolder)/golden/\(profile)/expected"
        let set = try ArtifactSet(config: try goldenConfig(profile), share: share)
        if records {
            try? FileManager.default.removeItem(atPath: expected)
            _ = try TreeWriter(folder: expected).write(set, isPart: false)
            // git keeps no mode but the executable bit; the manifest has them all.
            for item in set.artifacts where item.artifact.mode & 0o111 == 0 {
                try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: expected + item.path)
            }
        }
        let temporary = try TemporaryFolder()
        _ = try TreeWriter(folder: temporary.path).write(set, isPart: false)
        let written = try files(below: temporary.path)
        let wanted = try files(below: expected)
        #expect(Set(written.keys) == Set(wanted.keys))
        for (name, text) in written {
            let diff = UnifiedDiff.text(from: wanted[name] ?? "", to: text, oldName: "expected", newName: "rendered")
            #expect(diff.isEmpty, "\(profile)/\(name): record with `make golden` if this is meant\n\(diff)")
        }
    }

    @Test(arguments: goldenProfiles) func stack(profile: String) throws {
        let config = try goldenConfig(profile)
        guard let stack = Stack.of(config.deployment.role) else { return }
        let path = "\(packageFolder)/golden/\(profile)/stack.yaml"
        let text = try stack.render(config, share: share)
        if records { try text.write(toFile: path, atomically: true, encoding: .utf8) }
        let wanted = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        let diff = UnifiedDiff.text(from: wanted, to: text, oldName: "expected", newName: "rendered")
        #expect(diff.isEmpty, "\(profile): record with `make golden` if this is meant\n\(diff)")
    }

    @Test func profilesCoverTheRoles() throws {
        #expect(goldenProfiles.count >= 9)
        let roles = try Set(goldenProfiles.map { try goldenConfig($0).deployment.role })
        #expect(roles == Set(Deployment.Role.allCases))
    }

    /// What a golden tree can't show: an artifact that no profile renders.
    @Test func everyArtifactIsInSomeProfile() throws {
        var seen: Set<String> = []
        for profile in goldenProfiles {
            let config = try goldenConfig(profile)
            seen.formUnion(Catalog.artifacts.filter { $0.applies(to: config) }.map(\.name))
        }
        #expect(Set(Catalog.artifacts.map(\.name)).subtracting(seen).isEmpty)
    }
}
