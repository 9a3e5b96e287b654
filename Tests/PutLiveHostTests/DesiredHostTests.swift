import Foundation
import PutLiveArtifacts
import PutLiveConfig
import Testing

@testable import PutLiveHost

/// What the golden profiles ask of a host.
@Suite struct DesiredHostTests {
    @Test func profilesCoverTheRoles() throws {
        let roles = try Set(Golden.hosts.map { try Golden.config($0).deployment.role })
        #expect(roles == [.single, .origin, .edge])
        #expect(!Golden.laptops.isEmpty)
    }

    @Test(arguments: Golden.laptops) func aLaptopIsRefused(profile: String) throws {
        let set = try Golden.set(Golden.config(profile))
        #expect {
            try DesiredHost(set, tool: "")
        } throws: { error in
            "\(error)".contains("deployment.role") && "\(error)".contains("serve")
        }
    }

    private struct Manifest: Decodable {
        struct File: Decodable {
            var name: String
            var path: String
            var mode: String
            var owner: String
            var group: String
            var sha256: String
        }

        var artifacts: [File]
    }

    /// The recorded manifest is another's word for what belongs on the host.
    @Test(arguments: Golden.hosts) func filesAreThoseOfTheManifest(profile: String) throws {
        let data = try Data(contentsOf: URL(filePath: "\(Golden.package)/golden/\(profile)/expected/manifest.json"))
        let manifest = try JSONDecoder().decode(Manifest.self, from: data)
        let files = try Golden.host(profile).files
        #expect(files.map(\.name) == manifest.artifacts.map(\.name))
        #expect(files.map(\.path) == manifest.artifacts.map(\.path))
        for (file, wanted) in zip(files, manifest.artifacts) {
            #expect(file.sha256 == wanted.sha256, "\(file.path)")
            #expect(file.mode == UInt16(wanted.mode, radix: 8))
            #expect(file.owner == Owner(wanted.owner, wanted.group))
            #expect(file.content == Array(try Data(contentsOf: expected(profile, file.path))))
        }
    }

    private func expected(_ profile: String, _ path: String) -> URL {
        URL(filePath: "\(Golden.package)/golden/\(profile)/expected\(path)")
    }

    @Test func filesSayWhatAChangeNeeds() throws {
        let files = try Dictionary(uniqueKeysWithValues: Golden.host("single").files.map { ($0.name, $0) })
        let srs = try #require(files["srs.conf"])
        #expect(srs.reloads == ["srs.service"] && srs.restarts.isEmpty && !srs.needsDaemonReload)
        #expect(srs.isOursAlone)
        let socket = try #require(files["putlive-access.socket"])
        #expect(socket.restarts == ["putlive-access.socket", "putlive-agent.service"] && socket.needsDaemonReload)
        let mount = try #require(files["run-putlive\\x2dhls.mount"])
        #expect(mount.reloads == ["run-putlive\\x2dhls.mount"] && mount.restarts.isEmpty && mount.needsDaemonReload)
        let journal = try #require(files["journald.conf"])
        #expect(journal.restarts == ["systemd-journald.service"] && !journal.needsDaemonReload)
        let nginx = try #require(files["nginx.conf"])
        #expect(!nginx.isOursAlone && nginx.reloads == ["nginx.service"])
    }

    @Test func theUnitsOfAHostWithEverything() throws {
        let units = try Golden.host("single").units
        #expect(
            units.map(\.name) == [
                "run-putlive\\x2dhls.mount", "swapfile.swap", "putlive-access.socket", "srs.service",
                "putlive-agent.service", "nginx.service", "logrotate.timer", "putlive-backup.timer",
                "putlive-ffmpeg-cleanup.timer", "putlive-reconcile.path", "putlive-reconcile.timer",
                "amazon-cloudwatch-agent.service", "fail2ban.service", "grafana-server.service",
                "prometheus-node-exporter.service", "prometheus.service", "putlive-backup.service",
                "putlive-ffmpeg-cleanup.service", "putlive-reconcile.service", "putlive-swapfile.service",
                "systemd-journald.service",
            ])
        let idle = units.filter { !$0.shouldRun }.map(\.name)
        #expect(
            idle == [
                "putlive-backup.service", "putlive-ffmpeg-cleanup.service", "putlive-reconcile.service",
                "putlive-swapfile.service",
            ])
        #expect(
            units.filter(\.carriesBroadcasts).map(\.name) == [
                "putlive-access.socket", "srs.service", "putlive-agent.service",
            ])
        let packaged = units.filter { !$0.package.isEmpty }
        #expect(packaged.filter(\.isRequired).map(\.name) == ["nginx.service", "fail2ban.service"])
        #expect(
            packaged.filter { !$0.isRequired }.map(\.package) == [
                "logrotate", "amazon-cloudwatch-agent", "grafana", "prometheus-node-exporter", "prometheus", "systemd",
            ])
    }

    @Test func theUnitsOfAnEdge() throws {
        let host = try Golden.host("edge")
        #expect(
            host.units.map(\.name) == [
                "swapfile.swap", "nginx.service", "logrotate.timer", "putlive-reconcile.path",
                "putlive-reconcile.timer", "fail2ban.service", "putlive-reconcile.service",
                "putlive-swapfile.service", "systemd-journald.service",
            ])
        #expect(host.mounts.isEmpty)
        #expect(host.accounts == [DesiredAccount(.group, "putlive"), DesiredAccount(.user, "putlive")])
        #expect(!host.units.contains { $0.carriesBroadcasts })
    }

    @Test func theEmbeddedEngineNeedsNoSRS() throws {
        let host = try Golden.host("embedded")
        #expect(!host.units.contains { $0.name == "srs.service" || $0.name.contains("ffmpeg-cleanup") })
        #expect(host.units.contains { $0.name == "putlive-agent.service" && $0.carriesBroadcasts })
        #expect(!host.accounts.contains { $0.name == "srs" })
    }

    @Test func whatIsSwitchedOffIsNotAskedFor() throws {
        var config = try Golden.config("single")
        config.reliability.swap.enabled = false
        config.reliability.logRotation.enabled = false
        config.security.fail2ban.enabled = false
        config.monitoring.prometheusEnabled = false
        config.monitoring.cloudwatch.enabled = false
        config.database.backupEnabled = false
        let names = try Set(Golden.host(config).units.map(\.name))
        #expect(
            names == [
                "run-putlive\\x2dhls.mount", "putlive-access.socket", "srs.service", "putlive-agent.service",
                "nginx.service", "putlive-ffmpeg-cleanup.timer", "putlive-reconcile.path", "putlive-reconcile.timer",
                "putlive-ffmpeg-cleanup.service", "putlive-reconcile.service", "systemd-journald.service",
            ])
    }

    @Test func aSwapFileElsewhereIsAnotherUnit() throws {
        var config = try Golden.config("edge")
        config.reliability.swap.path = "/srv/swap-file"
        let host = try Golden.host(config)
        #expect(host.units.first?.name == "srv-swap\\x2dfile.swap")
        #expect(host.links.contains { $0.enables == "srv-swap\\x2dfile.swap" })
    }

    @Test(arguments: Golden.hosts) func everythingFitsTogether(profile: String) throws {
        let host = try Golden.host(profile)
        let names = Set(host.units.map(\.name))
        #expect(names.count == host.units.count)
        for file in host.files {
            #expect(names.isSuperset(of: file.restarts + file.reloads), "\(file.path)")
        }
        let ranks = host.units.map { SystemUnits.rank($0.name) }
        #expect(ranks == ranks.sorted())
        #expect(Set(host.links.map(\.path)).count == host.links.count)
        #expect(host.links.map(\.path) == host.links.map(\.path).sorted())
        // What runs is either enabled or started by what is.
        let enabled = Set(host.links.compactMap(\.enables))
        #expect(names.isSuperset(of: enabled))
        let started: Set = ["systemd-journald.service"]
        #expect(Set(host.units.filter(\.shouldRun).map(\.name)).subtracting(enabled) == started)
    }

    @Test(arguments: Golden.hosts) func theAppliersComeInTheirOrder(profile: String) throws {
        let host = try Golden.host(profile)
        #expect(
            host.appliers.map { [$0.program] + $0.arguments } == [
                ["systemd-sysusers", "/etc/sysusers.d/putlive.conf"],
                ["systemd-tmpfiles", "--create", "/etc/tmpfiles.d/putlive.conf"],
                ["/lib/systemd/systemd-sysctl", "/etc/sysctl.d/60-putlive.conf"],
            ])
        for applier in host.appliers {
            #expect(host.files.first { $0.path == applier.path }?.sha256 == applier.digest)
        }
    }

    @Test func theMemoryFileSystem() throws {
        var config = try Golden.config("origin")
        config.streaming.hls.tmpfsMaxSize = .mebibytes(77)
        #expect(
            try Golden.host(config).mounts == [
                DesiredMount(path: "/run/putlive-hls", size: 77 << 20, unit: "run-putlive\\x2dhls.mount")
            ])
    }

    @Test func probesFollowTheConfig() throws {
        var config = try Golden.config("single")
        config.server.httpPort = 3456
        config.reliability.watchdog.apiTimeout = .seconds(21)
        config.reliability.watchdog.srsTimeout = .seconds(43)
        let probes = try Dictionary(
            uniqueKeysWithValues: Golden.host(config).units.compactMap { unit in unit.probe.map { (unit.name, $0) } })
        #expect(
            probes == [
                "putlive-agent.service": ServiceProbe(
                    port: 3456, path: "/api/health", acceptsAnyStatus: true, patience: .seconds(21)),
                "srs.service": ServiceProbe(port: 1985, path: "/api/v1/versions", patience: .seconds(43)),
                "nginx.service": ServiceProbe(
                    port: 80, path: "/metrics", acceptsAnyStatus: true, patience: .seconds(30)),
            ])
        #expect(try Golden.host("edge").units.compactMap(\.probe).map(\.path) == ["/healthz"])
    }

    /// nginx has to answer its probe by itself: through it, an agent that hangs would look like an nginx that does.
    @Test(arguments: Golden.hosts) func nginxAnswersItsProbeItself(profile: String) throws {
        let host = try Golden.host(profile)
        let probe = try #require(host.units.first { $0.name == "nginx.service" }?.probe)
        let file = try #require(host.files.first { $0.path == "/etc/nginx/nginx.conf" })
        let text = String(decoding: file.content, as: UTF8.self)
        #expect(text.contains("listen \(probe.port) default_server;"))
        let location = probe.path == "/healthz" ? "location = /healthz {" : "location ~ ^/(metrics|api/srs)(/|$) {"
        let block = try #require(text.components(separatedBy: location).dropFirst().first?.prefix { $0 != "}" })
        #expect(block.contains("return ") && !block.contains("proxy_pass"))
    }
}
