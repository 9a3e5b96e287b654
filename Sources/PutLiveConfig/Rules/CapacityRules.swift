/// What the instance can carry: memory for tmpfs and swap, and processor time for the ladder.
extension Rules {
    /// What the system, nginx, the agent, SRS and Prometheus need beside HLS and transcoders.
    private static let baseMemory = ByteSize.mebibytes(350)

    static func checkMemory(_ config: Config, _ session: ReadingSession) {
        guard config.deployment.role != .local, config.deployment.role != .edge else { return }
        let tmpfs = config.streaming.hls.tmpfsMaxSize
        checkWindow(config, session)
        guard let instance = InstanceType.named(config.deployment.instanceType) else {
            session.report(
                .warning, key: "deployment.instance_type",
                message: "\(quoted(config.deployment.instanceType)) is not known, so its capacity isn't checked",
                remedy: "check by hand that memory and processors carry "
                    + counted(config.streaming.maxConcurrentStreams, "stream"))
            return
        }
        if tmpfs > ByteSize(bytes: instance.memory.bytes / 4 * 3) {
            session.report(
                .error, key: "streaming.hls.tmpfs_max_size", with: "deployment.instance_type",
                message: "\(tmpfs) is over three quarters of the \(instance.memory) that \(instance.name) has",
                remedy: "use at most \(ByteSize.mebibytes(instance.memory.mebibytes / 4 * 3)), or a larger instance")
        }
        let swap = config.reliability.swap
        let all = instance.memory.mebibytes + (swap.enabled ? swap.size.mebibytes : 0)
        let need = tmpfs.mebibytes + baseMemory.mebibytes
        if need > all {
            session.report(
                .error, key: swap.enabled ? "reliability.swap.size" : "reliability.swap.enabled",
                with: "reliability.swap", "streaming.hls.tmpfs_max_size", "deployment.instance_type",
                message:
                    "a full tmpfs of \(tmpfs) and \(baseMemory) for the programs are \(need)M, but \(instance.name) has "
                    + "\(instance.memory) and \(swap.enabled ? "\(swap.size)" : "no") swap, \(all)M together",
                remedy: "enlarge the swap, shrink streaming.hls.tmpfs_max_size, or take a larger instance")
        }
        if swap.enabled && swap.size.bytes > instance.memory.bytes * 8 {
            session.report(
                .warning, key: "reliability.swap.size", with: "deployment.instance_type",
                message: "\(swap.size) is over eight times the memory of \(instance.name), \(instance.memory)",
                remedy: "use 2G to 4G: a host that swaps more than that no longer streams")
        }
    }

    /// Whether the tmpfs holds every playlist's window at once.
    private static func checkWindow(_ config: Config, _ session: ReadingSession) {
        let streaming = config.streaming
        let source = streaming.webrtc.enabled ? streaming.webrtc.maxBitrate.kilobitsPerSecond : 2500
        let ladder = streaming.engine == .srs ? streaming.ladder : []
        let rates = ladder.map { $0.bitrate.kilobitsPerSecond + $0.audioBitrate.kilobitsPerSecond }
        let kilobits = source + 128 + rates.reduce(0, +)
        let seconds = segmentSeconds(streaming)
        let need = streaming.maxConcurrentStreams * kilobits * seconds * 125
        if need > streaming.hls.tmpfsMaxSize.bytes {
            session.report(
                .error, key: "streaming.hls.tmpfs_max_size", with: "streaming",
                message:
                    "\(counted(streaming.maxConcurrentStreams, "stream")) x \(kilobits)k x \(seconds) s of segments need "
                    + "\((need >> 20) + 1)M, and \(streaming.hls.tmpfsMaxSize) is all there may be",
                remedy: "raise it, or shorten streaming.hls.playlist_window")
        }
    }

    /// Most seconds of a stream that are on disk at once. SRS keeps a few segments after they left the playlist; the
    /// embedded engine keeps them for as long again as the playlist (RFC 8216, section 6.2.2), and a late keyframe may make
    /// each longer by a second.
    private static func segmentSeconds(_ streaming: Streaming) -> Int {
        let (window, segment) = (streaming.hls.playlistWindow.wholeSeconds, streaming.hls.segmentDuration)
        if streaming.engine == .srs { return window + 3 * segment.wholeSeconds }
        let target = (segment.milliseconds + 999) / 1000 + 1
        return 2 * (window + 3 * target)
    }

    static func checkCapacity(_ config: Config, _ session: ReadingSession) {
        let role = config.deployment.role
        guard role == .single || role == .origin, config.streaming.engine == .srs,
            let instance = InstanceType.named(config.deployment.instanceType)
        else { return }
        let ladder = config.streaming.ladder
        guard !ladder.isEmpty else { return }
        let streams = config.streaming.maxConcurrentStreams
        let costs = ladder.map { (name: $0.name, cost: TranscodeCost(of: $0)) }
        let percent = streams * costs.reduce(0) { $0 + $1.cost.percent }
        let mebibytes = streams * costs.reduce(0) { $0 + $1.cost.memory.mebibytes } + baseMemory.mebibytes
        guard percent > instance.sustainedPercent || mebibytes > instance.memory.mebibytes else { return }
        let processor = costs.map { "\($0.name) \($0.cost.percent)%" }.joined(separator: " + ")
        let memory = costs.map { "\($0.cost.memory)" }.joined(separator: " + ")
        let sustained =
            instance.baselinePercent.map { "\($0)% for long (\(instance.vCPUs * 100)% while its CPU credits last)" }
            ?? "\(instance.vCPUs * 100)%"
        session.report(
            .warning, key: "streaming.qualities", with: "streaming", "deployment.instance_type",
            message:
                "transcoding may not run on \(instance.name): \(counted(streams, "stream")) x (\(processor)) = \(percent)% "
                + "of a core, and it has \(sustained); \(streams) x (\(memory)) + \(baseMemory) = \(mebibytes)M of memory, "
                + "and it has \(instance.memory)",
            remedy: "disable qualities, lower streaming.max_concurrent_streams, or take a larger instance "
                + "(see docs/capacity.md)")
    }
}
