import PutLiveConfig

extension Views {
    /// For srs.conf.
    static func srs(_ host: HostContext) -> [String: Any] {
        let streaming = host.config.streaming
        let hls = streaming.hls
        let isLocal = host.config.deployment.role == .local
        let ladder = streaming.ladder.map { rung(of: $0, segment: hls.segmentDuration) }
        return [
            "rtmpPort": streaming.rtmpPort,
            "apiPort": host.paths.srsAPIPort,
            // A laptop has no /run of ours, and no folder of logs.
            "pidFile": isLocal ? hls.tmpfsPath + "/srs.pid" : "/run/srs/srs.pid",
            "ffmpegLogFolder": isLocal ? "/dev/null" : ffmpegLogFolder(host),
            "ffmpeg": host.paths.ffmpeg,
            "onPublish": hook("on_publish", host),
            "onUnpublish": hook("on_unpublish", host),
            "onHLS": hook("on_hls", host),
            "onDVR": hook("on_dvr", host),
            "hlsFolder": isLocal ? hls.tmpfsPath : host.paths.hlsMount,
            "segmentSeconds": seconds(milliseconds: hls.segmentDuration.milliseconds - 100),
            "windowSeconds": hls.playlistWindow.wholeSeconds,
            // Until those who watch have seen the end. 0 keeps an ended stream.
            "disposeSeconds": hls.cleanupEnabled ? hls.playlistWindow.wholeSeconds : 0,
            "recording": streaming.enableRecording,
            "recordingFile": streaming.recordingPath + "/[app]/[stream]/[2006]-[01]-[02]_[15]-[04]-[05]-[999].flv",
            "ladderVhost": host.paths.ladderVhost,
            "hasLadder": !ladder.isEmpty,
            "ladder": ladder,
        ]
    }

    /// The agent's URL for a hook of SRS. The secret is hexadecimal, so it needs no percent-encoding.
    private static func hook(_ event: String, _ host: HostContext) -> String {
        "http://127.0.0.1:\(host.config.server.httpPort)/api/srs/\(event)?secret=\(host.hookSecret.reveal())"
    }

    private static func rung(of quality: Quality, segment: Duration) -> [String: Any] {
        let size = quality.resolution
        let pixelsPerSecond = size.width * size.height * quality.fps
        return [
            "name": quality.name,
            "width": size.width,
            "height": size.height,
            "fps": quality.fps,
            "videoKilobits": quality.bitrate.kilobitsPerSecond,
            "audioKilobits": quality.audioBitrate.kilobitsPerSecond,
            // In frames, rounded up: a keyframe before hls_fragment is over would double the segment.
            "keyframeInterval": (quality.fps * segment.milliseconds + 999) / 1000,
            // One thread encodes 720p at 30 frames a second with ease, and 1080p at 60 not at all.
            "threads": 1 + pixelsPerSecond / (1280 * 720 * 60),
        ]
    }

    /// `1.9` for 1900.
    private static func seconds(milliseconds: Int) -> String {
        var text = "\(milliseconds / 1000)." + String(milliseconds % 1000 + 1000).dropFirst()
        while text.utf8.last == UInt8(ascii: "0") { text.removeLast() }
        if text.utf8.last == UInt8(ascii: ".") { text.removeLast() }
        return text
    }
}
