import NIOCore
import PutLiveAPI
import PutLiveConfig
import PutLiveLive
import PutLiveWebRTC

/// What the config says of browsers' broadcasts.
extension AgentSettings {
    private var segmentSeconds: Double { Double(config.streaming.hls.segmentDuration.milliseconds) / 1000 }

    /// What pages are told; nil where browsers don't broadcast.
    var webRTC: WebRTCSettings? {
        let webRTC = config.streaming.webrtc
        guard webRTC.enabled else { return nil }
        return WebRTCSettings(
            iceServers: webRTC.iceServers.map { server in
                WebRTCSettings.ICEServer(
                    urls: server.urls, username: server.username.isEmpty ? nil : server.username,
                    credential: server.credential?.reveal())
            },
            defaultQuality: webRTC.defaultQuality, maxBitrateKilobits: webRTC.maxBitrate.kilobitsPerSecond,
            segmentSeconds: segmentSeconds, presets: presets)
    }

    /// All qualities of the config that are of a camera's size, whether or not streams are transcoded to them; the usual
    /// ones where it has none.
    private var presets: [WebRTCSettings.Preset] {
        func isOfACamera(_ quality: Quality) -> Bool { quality.resolution.height >= 240 }
        let own = config.streaming.qualities.filter(isOfACamera)
        return (own.isEmpty ? Quality.standard.filter(isOfACamera) : own)
            .sorted { $0.resolution.height < $1.resolution.height }
            .map { quality in
                WebRTCSettings.Preset(
                    name: quality.name, width: quality.resolution.width, height: quality.resolution.height,
                    fps: quality.fps,
                    videoKilobits: min(
                        quality.bitrate.kilobitsPerSecond, config.streaming.webrtc.maxBitrate.kilobitsPerSecond),
                    audioKilobits: quality.audioBitrate.kilobitsPerSecond)
            }
    }

    var peers: PeerSettings {
        let most = config.streaming.webrtc.maxBitrate.bitsPerSecond
        return PeerSettings(
            // Chromium begins with 0.3 Mbit/s and a small picture otherwise, and takes half a minute to 720p. Where the link
            // carries less, it learns so within a second or two.
            maxBitrate: most, startBitrate: min(most, 1_200_000),
            keyframeInterval: Int64(segmentSeconds * 1_000_000),
            // Those that are still connecting, or end, among them.
            mostSessions: 2 * config.streaming.maxConcurrentStreams + 8)
    }

    var sockets: SocketSettings {
        SocketSettings(
            udpPort: config.streaming.webrtc.udpPort, tcpPort: config.streaming.webrtc.tcpPort,
            includesLoopback: config.deployment.role == .local)
    }

    var bridge: BridgeSettings {
        let streaming = config.streaming
        let usesSRS = streaming.engine == .srs
        return BridgeSettings(
            destination: usesSRS
                ? .rtmp(host: "127.0.0.1", port: streaming.rtmpPort) : .hls(folder: hlsFolder),
            segmentSeconds: segmentSeconds, playlistWindowSeconds: Double(streaming.hls.playlistWindow.wholeSeconds),
            // SRS records by itself.
            recordingFolder: streaming.enableRecording && !usesSRS ? streaming.recordingPath : nil,
            encoderKilobits: min(2500, streaming.webrtc.maxBitrate.kilobitsPerSecond),
            cores: System.coreCount, publicAddress: config.server.publicIP == "auto" ? nil : config.server.publicIP,
            asksEC2: config.deployment.role != .local)
    }
}
