import PutLiveConfig
import Testing

@testable import PutLiveArtifacts

/// What the views compute beyond passing values on.
@Suite struct ViewTests {
    /// As systemd-escape --path prints them.
    @Test(arguments: [
        ("/swapfile", "swapfile"), ("/srv/swap file", "srv-swap\\x20file"), ("/a-b/c.d", "a\\x2db-c.d"), ("/", "-"),
        ("/.hidden", "\\x2ehidden"), ("/ü", "\\xc3\\xbc"), ("/a//b/", "a-b"),
    ])
    func systemdNames(path: String, name: String) {
        #expect(SystemdName.escape(path: path) == name)
    }

    @Test func theSwapUnitIsNamedAfterItsPath() throws {
        let config = try goldenConfig("recording")
        let swap = try #require(Catalog.named("putlive.swap"))
        #expect(swap.path(config) == "/etc/systemd/system/srv-swap\\x20file.swap")
    }

    @Test func logGroupsKeepAtLeastAsLong() {
        #expect(Views.logGroupRetention(atLeast: 1) == 1)
        #expect(Views.logGroupRetention(atLeast: 8) == 14)
        #expect(Views.logGroupRetention(atLeast: 9999) == 3653)
    }

    @Test(arguments: [
        ("t3.micro", true), ("c6i.large", true), ("c6in.large", false), ("x9.huge", false), ("nonsense", false),
    ])
    func bandwidthIsKnownOfCommonTypes(type: String, known: Bool) throws {
        var config = try goldenConfig("single")
        config.deployment.instanceType = type
        #expect(Views.monitoring(HostContext(config: config))["knowsBandwidth"] as? Bool == known)
    }

    @Test(arguments: [
        ("origin.example.org", true, "origin.example.org:443"), ("10.0.0.7", false, "10.0.0.7:80"),
        ("2001:db8::1", false, "[2001:db8::1]:80"),
    ])
    func anOriginsAddressIsReachedWithoutTLS(host: String, hasTLS: Bool, server: String) throws {
        var config = try goldenConfig("edge")
        config.deployment.originHost = host
        let view = Views.nginx(HostContext(config: config))
        #expect(view["originTLS"] as? Bool == hasTLS)
        #expect(view["originServer"] as? String == server)
    }

    /// SRS makes segments of twice the length when its fragment isn't under the GOP.
    @Test func theFragmentIsJustUnderTheSegment() throws {
        var config = try goldenConfig("single")
        for (length, text) in [
            (Duration.seconds(2), "1.9"), (.milliseconds(1500), "1.4"), (.milliseconds(2100), "2"),
            (.milliseconds(1005), "0.905"),
        ] {
            config.streaming.hls.segmentDuration = length
            #expect(Views.srs(HostContext(config: config))["segmentSeconds"] as? String == text)
        }
    }

    @Test func portsBelow1024NeedACapability() throws {
        let plain = try ArtifactSet(config: try goldenConfig("single"), share: share)
        let low = try ArtifactSet(config: try goldenConfig("no-tls"), share: share)
        func agent(_ set: ArtifactSet) -> String {
            set.artifacts.first { $0.artifact.name == "putlive-agent.service" }?.text ?? ""
        }
        #expect(!agent(plain).contains("CAP_NET_BIND_SERVICE"))
        #expect(agent(low).contains("AmbientCapabilities=CAP_NET_BIND_SERVICE"))
    }

    @Test(arguments: [
        ("https://a.example/srs.tar?b", Streaming.Engine.srs, true), ("https://a.example/srs.tar", .embedded, false),
        ("file:///srv/srs.tar", .srs, false), ("https://[::1]/srs.tar", .srs, false), ("", .srs, false),
    ])
    func aStackTakesOverWhatItsServerCanReach(url: String, engine: Streaming.Engine, isTaken: Bool) throws {
        var config = try goldenConfig("single")
        config.streaming.engine = engine
        config.streaming.srs.url = url
        config.streaming.srs.sha256 = url.isEmpty ? "" : String(repeating: "a", count: 64)
        let view = Views.stack(HostContext(config: config))
        #expect(view["srsPackageURL"] as? String == (isTaken ? url : ""))
        #expect(view["srsPackageSHA256"] as? String == (isTaken ? config.streaming.srs.sha256 : ""))
    }

    @Test func nginxTakesABurstOfNone() throws {
        var config = try goldenConfig("single")
        config.security.rateLimit.burst = 0
        #expect(Views.nginx(HostContext(config: config))["apiBurst"] as? Int == 5)
    }

    @Test(arguments: [(Int64(2000), Int64(6)), (4000, 6), (10_000, 15)])
    func keyframesAreRareByTheSegment(_ milliseconds: Int64, _ seconds: Int64) throws {
        var config = try goldenConfig("single")
        config.streaming.hls.segmentDuration = Duration.milliseconds(milliseconds)
        #expect(
            "\(Views.monitoring(HostContext(config: config))["keyframesRareSeconds"] ?? "")" == "\(seconds)")
    }

    @Test(arguments: [
        ("t4g.small", true), ("c6gn.large", true), ("m7gd.large", true), ("x2gd.large", true), ("a1.large", true),
        ("g5g.xlarge", true), ("t3.micro", false), ("g4dn.xlarge", false), ("c5.large", false), ("gr6.4xlarge", false),
    ])
    func armIsToldByTheName(_ type: String, _ isARM: Bool) {
        #expect(Stack.isARM(type) == isARM)
    }

    /// DESIGN's list of faults that must not come back, as far as a file shows them.
    @Test(arguments: goldenProfiles) func theOldFaultsAreGone(profile: String) throws {
        let set = try ArtifactSet(config: try goldenConfig(profile), share: share)
        func text(_ name: String) -> String { set.artifacts.first { $0.artifact.name == name }?.text ?? "" }
        #expect(!text("srs.service").contains("\nWatchdogSec="))
        // Its group may read the config.
        #expect(text("srs.service").isEmpty || text("srs.service").contains("\nInaccessiblePaths=-/etc/putlive\n"))
        #expect(!text("putlive-agent.service").contains("Requires=srs"))
        #expect(!text("logrotate.conf").contains("srs.service"))
        #expect(!text("nginx.conf").contains("Access-Control-Allow-Origin *"))
        for item in set.artifacts {
            #expect(!item.text.contains("pkill") && !item.text.contains("killall"), "\(item.path)")
        }
        if let srs = set.artifacts.first(where: { $0.artifact.name == "srs.conf" })?.text {
            #expect(srs.contains("127.0.0.1:1985"))
            #expect(!srs.contains("listen 1985") && !srs.contains("listen          1985"))
        }
    }
}
