import Foundation
import PutLiveConfig
import Testing

@testable import PutLiveArtifacts

/// No secret in what others may read, in a diff, or in an error.
@Suite struct SecretTests {
    @Test(arguments: goldenProfiles) func worldReadableArtifactsHoldNone(profile: String) throws {
        let set = try ArtifactSet(config: try goldenConfig(profile), share: share)
        for item in set.artifacts {
            let found = set.context.secretTexts.filter { item.text.contains($0) }
            #expect(found.isEmpty || item.artifact.isSensitive, "\(item.path)")
            #expect(!item.artifact.isSensitive || item.artifact.mode & 0o007 == 0, "\(item.path) is readable by all")
        }
    }

    @Test func stacksAndManifestsHoldNone() throws {
        for profile in goldenProfiles {
            let set = try ArtifactSet(config: try goldenConfig(profile), share: share)
            var texts = [try Manifest(set).encoded()]
            if let stack = Stack.of(set.context.config.deployment.role) {
                texts.append(try stack.render(set.context.config, share: share))
            }
            for secret in set.context.secretTexts {
                #expect(!texts.contains { $0.contains(secret) }, "\(profile)")
            }
        }
    }

    /// Masking the shorter one first would leave the rest of the longer.
    @Test func aSecretThatIsPartOfAnotherLeavesNothing() throws {
        var config = try goldenConfig("single")
        config.authentication.defaultAdminPass = Secret("part-of-it")
        config.authentication.jwtSecret = Secret("before-part-of-it-and-after-0123456789")
        let text = HostContext(config: config).masked("a before-part-of-it-and-after-0123456789 b part-of-it c")
        #expect(text == "a <secret> b <secret> c")
    }

    @Test func theHookSecretIsDerivedAndNotTheJWTSecret() throws {
        let context = HostContext(config: try goldenConfig("single"))
        let jwt = try #require(context.config.authentication.jwtSecret)
        #expect(context.hookSecret.reveal().count == 64)
        #expect(!context.hookSecret.reveal().contains(jwt.reveal()))
        #expect(HostContext.derive("another purpose", from: jwt) != context.hookSecret)
        // RFC 5869 with an empty salt; openssl kdf -kdfopt digest:SHA256 -kdfopt key:secret -kdfopt info:purpose HKDF.
        #expect(
            HostContext.derive("purpose", from: Secret("secret")).reveal() == hkdfOfSecretForPurpose)
        #expect(HostContext(config: try goldenConfig("edge")).hookSecret.isEmpty)
    }

    @Test func aDiffHidesThisConfigsSecretsAndTheOldOnes() throws {
        let temporary = try TemporaryFolder()
        let old = try ArtifactSet(config: try goldenConfig("spec-3.1"), share: share)
        _ = try TreeWriter(folder: temporary.path).write(old, isPart: false)
        let new = try ArtifactSet(config: try goldenConfig("recording"), share: share)
        let entries = try TreeDiff(root: temporary.path).run(new)
        let text = entries.map(\.diff).joined()
        #expect(entries.contains { $0.path == "/usr/local/srs/conf/putlive.conf" })
        for secret in old.context.secretTexts + new.context.secretTexts {
            #expect(!text.contains(secret))
        }
        #expect(text.contains(Redactor.hidden))
        #expect(text.contains("<secret>"))
    }

    @Test func aDiffSaysWhenOnlySecretsDiffer() throws {
        let config = try goldenConfig("spec-3.1")
        var other = config
        other.authentication.jwtSecret = Secret("another-secret-of-at-least-32-characters")
        let temporary = try TemporaryFolder()
        _ = try TreeWriter(folder: temporary.path).write(try ArtifactSet(config: config, share: share), isPart: false)
        let entries = try TreeDiff(root: temporary.path).run(try ArtifactSet(config: other, share: share))
        #expect(entries.map(\.path) == ["/usr/local/srs/conf/putlive.conf"])
        #expect(entries.allSatisfy { !$0.diff.contains("another-secret") })
    }

    /// Whatever mode it has by now: a copy, such as git's, may have lost it.
    @Test(arguments: [0o640, 0o644]) func aStaleSensitiveFileIsNotShown(mode: Int) throws {
        let temporary = try TemporaryFolder()
        let old = try ArtifactSet(config: try goldenConfig("spec-3.1"), share: share)
        _ = try TreeWriter(folder: temporary.path).write(old, isPart: false)
        try FileManager.default.setAttributes(
            [.posixPermissions: mode], ofItemAtPath: temporary.path + "/usr/local/srs/conf/putlive.conf")
        let entries = try TreeDiff(root: temporary.path).run(
            try ArtifactSet(config: try goldenConfig("edge"), share: share))
        let gone = try #require(entries.first { $0.path == "/usr/local/srs/conf/putlive.conf" })
        #expect(gone.diff.contains(Redactor.hidden))
        #expect(!gone.diff.contains("vhost"))
    }
}

private let hkdfOfSecretForPurpose = "eced7de97c6f9dd8c7c842b5a550832f39290b6fa8c17658b4eea5226819c4c0"
