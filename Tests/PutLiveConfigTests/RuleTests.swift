import Testing

@testable import PutLiveConfig

/// What must hold between keys; `golden/errors` has each rule's exact words.
@Suite struct RuleTests {
    private let big = "deployment: {instance_type: c6i.4xlarge}\n"

    @Test func aSoundConfigOnABigMachineHasNothingToTell() {
        #expect(load(big + sound).diagnostics.isEmpty)
    }

    @Test(arguments: [
        "server: {domain: bad domain, ssl_cert: /a, ssl_key: /b}", "server: {https_enabled: maybe, domain: a.example}",
        "server: {domian: a.example, ssl_cert: /a, ssl_key: /b}", "server: []", "sever: {domain: a.example}",
        "domain: a.example\nserver: {ssl_cert: /a, ssl_key: /b}",
    ])
    func aWrongKeyIsNotToldTwice(_ server: String) {
        #expect(errors(big + soundSecrets + server + "\n").count == 1)
    }

    @Test(arguments: [
        "default_quality: 480P", "hls: {playlist_window: long}", "hls: {segment_duration: 20s}",
        "webrtc: {max_bitrate: 1x}",
        "qualities: [{name: 480P, resolution: 854x480, bitrate: 1200k}]", "qualities: 480p", "hls_port: 0",
        "qualities: [480p, {name: 480p, resolution: 854x480, bitrate: 1200k}]", "max_concurrent_streams: 1000",
        "qualities: [{nam: 480p, resolution: 854x480, bitrate: 1200k}]",
    ])
    func nothingFollowsFromAWrongStreamingKey(_ key: String) {
        let loaded = load("deployment: {instance_type: t3.micro}\n" + sound + "streaming: {\(key)}\n")
        #expect(loaded.diagnostics.count == 1, "\(loaded.diagnostics.map { $0.text() })")
    }

    @Test func unrelatedProblemsAreToldTogether() {
        let found = errors(
            big + sound + """
                streaming:
                  default_quality: 1080p
                  qualities: [{name: 480p, resolution: 853x480, bitrate: 1200k}]
                database: {backup_interval: 2d, backup_retention: 1d}

                """)
        #expect(
            found.map { $0.prefix { $0 != ":" } }
                == [
                    "streaming.default_quality", "streaming.qualities[0].resolution", "database.backup_retention",
                    "streaming.webrtc.default_quality",
                ].filter { !$0.contains("webrtc") })
    }

    @Test func nothingIsSaidOfARoleThatIsUnknown() {
        #expect(errors("deployment: {role: locl}\nauthentication: {jwt_secret: a}\n").count == 1)
        #expect(errors("deployment: {rol: local}\n").count == 1)
        #expect(errors("deploiment: {role: local}\nauthentication: {jwt_secret: a}\n").count == 1)
    }

    @Test(arguments: [
        ("streaming: {rtmp_port: 8000, webrtc: {tcp_port: 8001, udp_port: 8000}}", 0),
        ("streaming: {rtmp_port: 8000, webrtc: {tcp_port: 8000}}", 1), ("streaming: {hls_port: 3000}", 1),
        ("server: {http_port: 8080, domain: a.example, ssl_cert: /a, ssl_key: /b}", 1),
        ("monitoring: {prometheus_port: 9100}", 1),
        ("monitoring: {prometheus_enabled: false, prometheus_port: 8080}", 0),
        ("streaming: {engine: embedded, rtmp_port: 8080}", 0),
        ("streaming: {webrtc: {enabled: false, tcp_port: 8080}}", 0),
        ("streaming: {hls_port: 22, rtmp_port: 80, webrtc: {udp_port: 443}}", 2),
    ])
    func portsAreTakenOnce(_ yaml: String, _ count: Int) {
        let base = yaml.hasPrefix("server") ? soundSecrets : sound
        #expect(errors(big + base + yaml + "\n").count == count)
    }

    @Test func aClashIsToldAtTheKeyThatTheFileSets() {
        #expect(
            errors(adding: "streaming: {hls_port: 3000}\n")
                == ["streaming.hls_port: TCP port 3000 is taken by server.http_port (the agent)"])
        #expect(
            errors("deployment: {role: local}\nserver: {http_port: 8000}\n")
                == ["server.http_port: TCP port 8000 is taken by streaming.webrtc.tcp_port (WebRTC over TCP)"])
    }

    @Test func theLimitIsToldWhereTheLadderIsTheDefault() {
        #expect(
            errors(adding: "streaming: {webrtc: {max_bitrate: 1M}}\n")
                == ["streaming.webrtc.max_bitrate: 1000k is under the 1200k of quality 480p"])
    }

    @Test func anEmptyLadderHasNoQualityToName() {
        let found = errors(adding: "streaming: {qualities: []}\n")
        #expect(
            found == [
                "streaming.default_quality: \"480p\" is none of streaming.qualities",
                "streaming.webrtc.default_quality: \"480p\" is none of streaming.qualities",
            ])
        let disabled = "streaming: {qualities: [{name: 480p, resolution: 854x480, bitrate: 1M, enabled: false}]}\n"
        #expect(load(sound + disabled).diagnostics.contains { $0.remedy == "enable it" })
    }

    @Test(arguments: [
        ("package_url: https://a.example/srs, package_sha256: \(digits)", 0), ("package_url: https://a.example/srs", 1),
        ("package_sha256: \(digits)", 1), ("package_url: \"\", package_sha256: \"\"", 0),
        // Of a wrong half nothing follows.
        ("package_url: srs, package_sha256: \(digits)", 1),
        ("package_url: https://a.example/srs, package_sha256: a", 1),
    ])
    func aPackageHasItsHash(_ keys: String, _ count: Int) {
        #expect(errors(big + sound + "streaming: {srs: {\(keys)}}\n").count == count)
    }

    private static let digits = String(repeating: "a", count: 64)

    @Test(arguments: [
        (sound + "deployment: {instance_type: c6i.4xlarge, role: origin}\nstreaming: {ENGINE", nil),
        (sound + "streaming: {engine: embedded, ENGINE", "streaming.engine is embedded"),
        ("deployment: {role: local}\nstreaming: {engine: srs, ENGINE", "role local installs nothing"),
        (
            "deployment: {role: edge, origin_host: o.example}\nserver: {domain: a.example}\nstreaming: {ENGINE",
            "an edge has no SRS"
        ),
    ])
    func aPackageThatNobodyInstallsIsWarnedOf(_ yaml: String, _ reason: String?) {
        let package = "srs: {package_url: https://a.example/srs, package_sha256: \(Self.digits)}}\n"
        let loaded = load(yaml.replacing("ENGINE", with: package))
        #expect(loaded.config != nil)
        let found = loaded.diagnostics.filter { $0.key.hasPrefix("streaming.srs") }.map(\.message)
        #expect(found == (reason.map { ["isn't used: \($0)"] } ?? []))
    }

    @Test func capacityIsCountedInOneStreamToo() {
        let found = warnings(
            "deployment: {instance_type: t3.nano}\n" + sound
                + "streaming: {max_concurrent_streams: 1, hls: {tmpfs_max_size: 100M}}\n")
        #expect(found.count == 1)
        #expect(found.first?.contains("1 stream x (144p 8% + 360p 15% + 480p 21%) = 44% of a core") == true)
    }

    /// The embedded engine keeps segments for longer after they left the playlist.
    @Test(arguments: [("srs, max_concurrent_streams: 3", 606), ("embedded, max_concurrent_streams: 3", 1218)])
    func windowsOfBothEnginesAreCounted(engine: String, seconds: Int) {
        let found = load(
            "deployment: {instance_type: c6i.4xlarge}\n" + sound
                + "streaming: {engine: \(engine), hls: {playlist_window: 10m, tmpfs_max_size: 100M}}\n"
        ).diagnostics.filter { $0.key == "streaming.hls.tmpfs_max_size" }.map(\.message)
        #expect(found.count == 1)
        #expect(found.first?.contains("k x \(seconds) s of segments need ") == true)
    }

    @Test func instanceTypesAreKnown() {
        #expect(InstanceType.named("t3.micro")?.sustainedPercent == 20)
        #expect(InstanceType.named("c6i.2xlarge")?.sustainedPercent == 800)
        #expect(InstanceType.named("r7g.large")?.memory == .gibibytes(16))
        #expect(InstanceType.named("x9.huge") == nil)
    }

    @Test func keysMeantByMisplacedOnes() {
        #expect(
            load("interval: 1\n").diagnostics.first { $0.key == "interval" }?.remedy
                == "it belongs elsewhere: reliability.ffmpeg_cleanup.interval")
        #expect(load("enabled: 1\n").diagnostics.first { $0.key == "enabled" }?.remedy.contains(", or ") == true)
        #expect(
            load("max_bitrat: 1\n").diagnostics.first { $0.key == "max_bitrat" }?.remedy.hasPrefix(
                "did you mean streaming.webrtc.max_bitrate?") == true)
        #expect(
            load("server: \"domain:x\"\n").diagnostics.first { $0.key == "server" }?.remedy.hasSuffix("after its colon")
                == true)
    }
}
