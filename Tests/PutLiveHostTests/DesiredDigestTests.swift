import PutLiveArtifacts
import PutLiveConfig
import Testing

@testable import PutLiveHost

/// Which units a change restarts or reloads, told by their digests alone.
@Suite struct DesiredDigestTests {
    /// The units whose digest of restarts, and of reloads, a change of the config changes.
    private func effect(
        on profile: String, _ change: (inout Config) -> Void
    ) throws -> (restarts: Set<String>, reloads: Set<String>) {
        let old = try Golden.config(profile)
        var new = old
        change(&new)
        return try difference(Golden.host(old), Golden.host(new))
    }

    private func difference(_ old: DesiredHost, _ new: DesiredHost) throws -> (
        restarts: Set<String>, reloads: Set<String>
    ) {
        #expect(old.units.map(\.name) == new.units.map(\.name))
        let pairs = zip(old.units, new.units)
        return (
            Set(pairs.filter { $0.restartDigest != $1.restartDigest }.map(\.0.name)),
            Set(pairs.filter { $0.reloadDigest != $1.reloadDigest }.map(\.0.name))
        )
    }

    @Test(arguments: Golden.hosts) func theSameConfigHasTheSameDigests(profile: String) throws {
        #expect(try Golden.host(profile).units == Golden.host(profile).units)
    }

    @Test(arguments: Golden.hosts) func aUnitThatRunsHasADigest(profile: String) throws {
        for unit in try Golden.host(profile).units where unit.shouldRun {
            // The swap file is taken over at the next start of the host.
            guard !unit.name.hasSuffix(".swap") else { continue }
            #expect(unit.restartDigest.utf8.count == 64 || unit.reloadDigest.utf8.count == 64, "\(unit.name)")
        }
    }

    @Test(arguments: Golden.hosts) func anotherToolRestartsTheAgentAlone(profile: String) throws {
        let config = try Golden.config(profile)
        let changed = try difference(Golden.host(config, tool: "1.0 a"), Golden.host(config, tool: "1.0 b"))
        #expect(changed.restarts == (config.deployment.role == .edge ? [] : ["putlive-agent.service"]))
        #expect(changed.reloads.isEmpty)
    }

    @Test func theAgentsPort() throws {
        let changed = try effect(on: "single") { $0.server.httpPort = 3300 }
        #expect(changed.restarts == ["putlive-agent.service"])
        #expect(changed.reloads == ["nginx.service", "prometheus.service", "srs.service"])
    }

    @Test func thePortOfRTMP() throws {
        let changed = try effect(on: "single") { $0.streaming.rtmpPort = 1936 }
        #expect(changed.restarts == ["srs.service", "putlive-agent.service"])
        #expect(changed.reloads == ["fail2ban.service", "srs.service"])
    }

    @Test func thePlayersPort() throws {
        let changed = try effect(on: "single") { $0.streaming.hlsPort = 8088 }
        #expect(changed.restarts.isEmpty)
        #expect(changed.reloads == ["nginx.service", "fail2ban.service"])
    }

    @Test func theLadderIsTakenOverByAReloadOfSRS() throws {
        let changed = try effect(on: "single") { $0.streaming.qualities.removeLast(2) }
        #expect(!changed.restarts.contains("srs.service"))
        #expect(changed.reloads.isSuperset(of: ["srs.service", "putlive-agent.service"]))
    }

    @Test func recordingGivesSRSAnotherSandbox() throws {
        let changed = try effect(on: "single") { $0.streaming.enableRecording = true }
        #expect(changed.restarts == ["srs.service"])
        #expect(changed.reloads == ["srs.service"])
    }

    @Test func anotherPackageOfSRSRestartsIt() throws {
        let changed = try effect(on: "single") {
            $0.streaming.srs.url = "file:///srv/srs.tar.gz"
            $0.streaming.srs.sha256 = String(repeating: "ab", count: 32)
        }
        #expect(changed.restarts == ["srs.service"])
        #expect(changed.reloads.isEmpty)
    }

    /// systemd takes these over by itself: no stream is worth them.
    @Test func howOftenToRestartIsSystemdsOwn() throws {
        let changed = try effect(on: "single") {
            $0.reliability.watchdog.maxRestarts = 9
            $0.reliability.watchdog.restartOnFailure = false
        }
        #expect(changed.restarts.isEmpty && changed.reloads.isEmpty)
    }

    @Test func theAgentsWatchdogIsTakenOverByARestart() throws {
        let changed = try effect(on: "single") { $0.reliability.watchdog.apiTimeout = .seconds(20) }
        #expect(changed.restarts == ["putlive-agent.service"])
        #expect(changed.reloads.isEmpty)
    }

    @Test func timersAndTheMemoryFileSystem() throws {
        let timers = try effect(on: "single") {
            $0.reliability.reconcileInterval = .seconds(45)
            $0.reliability.ffmpegCleanup.interval = .seconds(400)
        }
        #expect(timers.restarts == ["putlive-reconcile.timer", "putlive-ffmpeg-cleanup.timer"])
        #expect(timers.reloads == ["putlive-agent.service"])
        let mount = try effect(on: "single") { $0.streaming.hls.tmpfsMaxSize = .mebibytes(77) }
        #expect(mount.restarts.isEmpty)
        #expect(mount.reloads == ["run-putlive\\x2dhls.mount"])
    }

    @Test func otherPackagesAreTouchedByTheirOwnFilesAlone() throws {
        let port = try effect(on: "single") { $0.monitoring.prometheusPort = 9999 }
        #expect(port.restarts == ["prometheus.service", "grafana-server.service"])
        #expect(port.reloads == ["prometheus.service"])
        let journal = try effect(on: "edge") { $0.monitoring.journalMaxSize = .mebibytes(64) }
        #expect(journal.restarts == ["systemd-journald.service"])
        let bans = try effect(on: "edge") { $0.security.fail2ban.maxRetries = 9 }
        #expect(bans.restarts.isEmpty && bans.reloads == ["fail2ban.service"])
    }

    @Test func limitsAreTakenOverByAReloadOfTheAgent() throws {
        let changed = try effect(on: "embedded") { $0.authentication.tokenExpiry = .seconds(7200) }
        #expect(changed.restarts.isEmpty)
        #expect(changed.reloads == ["putlive-agent.service"])
    }

    @Test func theJWTSecretRestartsTheAgentAndReloadsSRS() throws {
        let changed = try effect(on: "single") {
            $0.authentication.jwtSecret = Secret("another-secret-of-this-test-0123456789-abcdefghijklmn")
        }
        #expect(changed.restarts == ["putlive-agent.service"])
        #expect(changed.reloads == ["srs.service"])
    }

    @Test func noSecretIsShown() throws {
        let config = try Golden.config("single")
        let secret = try #require(config.authentication.jwtSecret).reveal()
        let host = try Golden.host(config)
        var shown = ""
        dump(AgentKeys.needingRestart(config) + AgentKeys.takenOverByReload(config), to: &shown)
        dump(host.units, to: &shown)
        #expect(!shown.contains(secret) && !shown.contains("golden-turn-credential"))
        #expect(!shown.contains("golden-password-1"))
    }
}
