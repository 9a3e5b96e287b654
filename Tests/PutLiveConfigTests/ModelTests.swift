import Testing

@testable import PutLiveConfig

/// What sound files come to.
@Suite struct ModelTests {
    @Test func theLeastFileHasEveryDefault() throws {
        let config = try config(sound)
        #expect(config.version == .v31)
        #expect(config.deployment.role == .single)
        #expect(config.server.domain == "stream.example.com")
        #expect(config.server.httpPort == 3000)
        #expect(config.server.httpsEnabled)
        #expect(config.server.publicIP == "auto")
        #expect(config.streaming.engine == .srs)
        #expect(config.streaming.webrtc.enabled)
        #expect(config.streaming.webrtc.maxBitrate == .kilobits(2500))
        #expect(config.streaming.hls.segmentDuration == .seconds(2))
        #expect(config.streaming.hls.tmpfsPath == "/dev/shm/srs")
        #expect(config.streaming.qualities.map(\.name) == ["144p", "360p", "480p", "720p"])
        #expect(config.streaming.ladder.map(\.name) == ["144p", "360p", "480p"])
        #expect(config.authentication.jwtSecret?.reveal() == "hush-0123456789-abcdefghijklmnopqrstuvwxyz")
        #expect(config.database.backupInterval == .seconds(6 * 3600))
        #expect(config.reliability.swap.size == .gibibytes(2))
        #expect(config.alerts.email.isEmpty)
        #expect(config.streaming.srs.url.isEmpty && config.streaming.srs.sha256.isEmpty)
        #expect(config.reliability.onDrift == .repair)
    }

    @Test func packagesAndDriftAreRead() throws {
        let digits = String(repeating: "0A", count: 32)
        let config = try config(
            sound + """
                streaming: {srs: {package_url: "https://a.example/srs.tar", package_sha256: \(digits)}}
                reliability: {on_drift: report}

                """)
        #expect(config.streaming.srs.url == "https://a.example/srs.tar")
        #expect(config.streaming.srs.sha256 == digits.lowercased())
        #expect(config.reliability.onDrift == .report)
    }

    @Test func unitsAndListsAreRead() throws {
        let config = try config(
            sound + """
                version: 3.1
                deployment: {instance_type: c6i.2xlarge, region: eu-central-1}
                streaming:
                  webrtc:
                    max_bitrate: 3M
                    ice_servers:
                      - urls: stun:stun.example.com:3478
                      - urls: ["turn:turn.example.com", "turns:[2001:db8::1]:443?transport=tcp"]
                        username: putlive
                        credential: hush
                  hls: {segment_duration: 1500ms, tmpfs_max_size: 536870912}
                  qualities:
                    - {name: 480p, resolution: 854x480, bitrate: 1200}
                    - {name: 720p, resolution: 1280x720, bitrate: 2.5M, fps: 60, audio_bitrate: 128k, enabled: False}
                database: {backup_interval: 1h30m, backup_s3_bucket: putlive-backups-ACCOUNT_ID}
                security:
                  admin_cidrs: [203.0.113.0/24, "2001:db8::/32"]
                  cors: {enabled: TRUE, allowed_origins: ["https://www.example.com", "http://localhost:8080"]}
                alerts: {email: admin@example.com, sms: +15551234567}

                """)
        let webrtc = config.streaming.webrtc
        #expect(webrtc.maxBitrate == .kilobits(3000))
        #expect(webrtc.iceServers.map(\.urls.count) == [1, 2])
        #expect(webrtc.iceServers[1].credential?.reveal() == "hush")
        #expect(config.streaming.hls.segmentDuration == .milliseconds(1500))
        #expect(config.streaming.hls.tmpfsMaxSize == .mebibytes(512))
        #expect(config.streaming.qualities[1].bitrate == .kilobits(2500))
        #expect(config.streaming.qualities[1].fps == 60)
        #expect(config.streaming.ladder.map(\.name) == ["480p"])
        #expect(config.database.backupInterval == .seconds(5400))
        #expect(config.security.adminCIDRs == ["203.0.113.0/24", "2001:db8::/32"])
        #expect(config.security.cors.allowedOrigins.count == 2)
        #expect(config.alerts.sms == "+15551234567")
    }

    @Test func aFileOfVersion30Loads() throws {
        let config = try config(
            "version: \"3.0\"\n" + sound + """
                streaming:
                  enable_recording: true
                  recording_path: /var/lib/putlive/recordings
                  hls:
                    segment_duration: 2
                    playlist_window: 10
                    cleanup_enabled: true
                    tmpfs_path: /dev/shm/srs
                    tmpfs_max_size: 500M

                """)
        #expect(config.version == .v30)
        #expect(!config.streaming.webrtc.enabled)
        #expect(config.streaming.enableRecording)
        #expect(config.streaming.hls.playlistWindow == .seconds(10))
    }

    @Test func roleLocalNeedsNothing() throws {
        let config = try config(
            "deployment: {role: local}\nauthentication: {jwt_secret: \"\", default_admin_pass: a}\n")
        #expect(config.streaming.engine == .embedded)
        #expect(config.database.path == "/srv/putlive/putlive.db")
        #expect(config.streaming.recordingPath == "/srv/putlive/recordings")
        #expect(config.streaming.hls.tmpfsPath == "/srv/putlive/hls")
        #expect(!config.server.httpsEnabled)
        #expect(!config.reliability.swap.enabled)
        #expect(config.authentication.jwtSecret == nil)
        #expect(config.authentication.defaultAdminPass?.reveal() == "a")
        let atRoot = ConfigLoader(environment: .empty).load(
            Array("deployment: {role: local}".utf8), file: "c", directory: "/")
        #expect(atRoot.config?.database.path == "/putlive.db")
    }

    @Test func anEdgeNeedsItsOriginAlone() throws {
        let config = try config(
            "deployment: {role: edge, origin_host: 192.0.2.1}\nserver: {domain: edge.example.com}\n")
        #expect(config.deployment.originHost == "192.0.2.1")
        #expect(config.authentication.jwtSecret == nil)
        #expect(!config.streaming.webrtc.enabled)
        #expect(!config.monitoring.prometheusEnabled)
    }

    @Test func anOriginIsLikeASingleHost() throws {
        #expect(try config("deployment: {role: origin}\n" + sound).deployment.role == .origin)
    }

    @Test func aliasesShareAValue() throws {
        let config = try config(
            sound + "deployment: {region: &here eu-west-1}\nmonitoring: {cloudwatch: {region: *here}}\n")
        #expect(config.monitoring.cloudwatch.region == "eu-west-1")
    }

    @Test func defaultsAreThoseOfTheEmptyFile() {
        #expect(ConfigSchema.defaults.streaming.rtmpPort == 1935)
        #expect(ConfigSchema.defaults.authentication.jwtSecret == nil)
    }
}
