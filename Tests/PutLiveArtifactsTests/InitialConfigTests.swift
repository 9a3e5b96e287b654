import PutLiveConfig
import Testing

@testable import PutLiveArtifacts

/// What `init` writes is valid as it is.
@Suite struct InitialConfigTests {
    private func text(_ role: Deployment.Role, seed: UInt64 = 1, folder: String = "/home/some one/tv") throws -> String
    {
        var generator = SeededGenerator(state: seed)
        let config = InitialConfig(
            role: role, domain: role == .local ? "localhost" : "tv.example.org",
            email: role == .local ? "" : "ops@example.org",
            originHost: role == .edge ? "origin.example.org" : "", folder: folder)
        return try config.render(share: share, using: &generator)
    }

    @Test(arguments: Deployment.Role.allCases) func isValid(role: Deployment.Role) throws {
        let loaded = ConfigLoader(environment: .empty).load(Array(try text(role).utf8), file: "c", directory: "/x")
        let config = try #require(loaded.config, "\(loaded.diagnostics.map { $0.text() })")
        #expect(config.deployment.role == role)
        #expect(loaded.errorCount == 0)
        // It can be rendered too.
        #expect(try !ArtifactSet(config: config, share: share).artifacts.isEmpty)
    }

    @Test func localPathsLieBelowTheConfigsFolder() throws {
        let bytes = Array(try text(.local).utf8)
        let config = try #require(ConfigLoader(environment: .empty).load(bytes, file: "c", directory: "/x").config)
        let paths = [
            config.database.path, config.database.backupPath, config.streaming.recordingPath,
            config.streaming.hls.tmpfsPath,
        ]
        #expect(paths.allSatisfy { $0.hasPrefix("/home/some one/tv/") })
        #expect(config.streaming.engine == .embedded && !config.server.httpsEnabled)
        let root = try text(.local, folder: "/")
        #expect(root.contains("\"/putlive.db\""))
    }

    @Test func secretsAreRandomAndLong() throws {
        func secrets(_ seed: UInt64) throws -> (String, String) {
            let bytes = Array(try text(.single, seed: seed).utf8)
            let config = try #require(ConfigLoader(environment: .empty).load(bytes, file: "c", directory: "/x").config)
            return (
                config.authentication.jwtSecret?.reveal() ?? "", config.authentication.defaultAdminPass?.reveal() ?? ""
            )
        }
        let (first, second) = (try secrets(1), try secrets(2))
        #expect(first.0.count == 64 && first.1.count == 20)
        #expect(first.0 != second.0 && first.1 != second.1)
        let config = InitialConfig(role: .single, domain: "a.example", email: "", originHost: "", folder: "/x")
        #expect(try config.render(share: share) != config.render(share: share))
    }

    @Test func anEdgeHasNoSecrets() throws {
        #expect(try !text(.edge).contains("jwt_secret"))
    }
}
