/// Decides what the folder of HLS lacks and what it has too much of, in both engines. A state machine: no clock, no I/O.
///
/// What viewers see:
///
/// - A stream is delivered while one of its playlists is fresh: changed within `resumeSeconds` and not ended. Its master
///   playlist names just the fresh renditions; a rung whose transcoder died leaves it, and comes back with it.
/// - When nothing comes any more, nothing happens for `resumeSeconds`: an encoder that lost its connection goes on where
///   it was, and players only wait.
/// - Then the stream has ended. Its master goes, so whoever comes now is told by a 404 that nothing is on air. Its
///   playlists get EXT-X-ENDLIST (RFC 8216, section 4.3.3.4): players that watch play to the end and stop asking.
/// - After `retentionSeconds` more, playlists and segments go.
/// - A stream that LiveState holds to be on air, but of which nothing comes, keeps what it has: that is a fault to be
///   seen in metrics, and its broadcaster may get over it.
///
/// Only files with names of ours are ever touched, and no segment that a playlist still names.
struct DeliveryPlanner: Sendable {
    private let resume: UnixMilliseconds
    private let retention: UnixMilliseconds
    private let removesMedia: Bool
    private let hasIndependentSegments: Bool
    private let defaultQuality: String
    private let ladder: [String: LadderQuality]
    private var measures: [Rendition: Measured] = [:]
    private var masters: [StreamName: String] = [:]
    private var seen: Set<String>?

    private struct Measured: Sendable {
        var measure = RenditionMeasure()
        var discontinuities: Int
        var isProbed = false
        /// Of its segments.
        var frameRate = 0.0
    }

    /// One stream's files.
    private struct Files {
        var master: HLSFile?
        var playlists: [Rendition: HLSFile] = [:]
        var segments: [Rendition: [HLSFile]] = [:]
    }

    init(_ settings: LiveSettings) {
        resume = UnixMilliseconds(settings.resumeSeconds * 1000)
        retention = UnixMilliseconds(settings.retentionSeconds * 1000)
        removesMedia = settings.cleanupEnabled
        // The embedded engine cuts without a keyframe when one is late.
        hasIndependentSegments = settings.engine == .srs
        defaultQuality = settings.defaultQuality
        ladder = Dictionary(settings.ladder.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Takes in what a segment told of its rendition; nil if it couldn't be read. It isn't asked again before the encoder
    /// may have changed.
    mutating func learn(_ found: SegmentProbe?, of probe: DeliveryPlan.Probe) {
        measures[probe.rendition]?.isProbed = true
        guard let found else { return }
        measures[probe.rendition]?.measure.codecs = found.codecs
        // Of a part, or of a splinter, the frames can't be counted.
        if probe.seconds >= 0.5 && probe.bytes <= SegmentProbe.limit {
            measures[probe.rendition]?.frameRate = Double(found.frames) / probe.seconds
        }
    }

    /// Takes in that a file was written. What couldn't be is planned again.
    mutating func didWrite(_ write: DeliveryPlan.Write) {
        if case .master(let stream)? = HLSFileName(write.name) { masters[stream] = write.text }
    }

    /// What is to be done now.
    mutating func plan(
        _ listing: HLSListing, onAir: [StreamName: Broadcast], now: UnixMilliseconds
    ) -> DeliveryPlan {
        var plan = DeliveryPlan()
        var streams: [StreamName: Files] = [:]
        for file in listing.files {
            switch file.kind {
            case .master(let stream): streams[stream, default: Files()].master = file
            case .playlist(let rendition):
                streams[rendition.stream, default: Files()].playlists[rendition] = file
            case .segment(let rendition):
                streams[rendition.stream, default: Files()].segments[rendition, default: []].append(file)
            case .temporary:
                // An encoder appends to its own all the time.
                if now - file.modified > max(60_000, resume) { plan.removals.append(file.name) }
            }
        }
        countNewSegments(listing, &plan)
        for stream in streams.keys.sorted() {
            deliver(
                stream, streams[stream] ?? Files(), listing.playlists, broadcast: onAir[stream], now: now, into: &plan)
        }
        measures = measures.filter { streams[$0.key.stream]?.playlists[$0.key] != nil }
        masters = masters.filter { streams[$0.key] != nil }
        return plan
    }

    private mutating func deliver(
        _ stream: StreamName, _ files: Files, _ playlists: [Rendition: MediaPlaylist], broadcast: Broadcast?,
        now: UnixMilliseconds, into plan: inout DeliveryPlan
    ) {
        let fresh = files.playlists.filter { rendition, file in
            guard let playlist = playlists[rendition] else { return false }
            return !playlist.isEnded && !playlist.segments.isEmpty && now - file.modified <= resume
        }
        for rendition in fresh.keys {
            measure(rendition, files.segments[rendition] ?? [], playlists, broadcast, &plan)
        }
        // Measured anew when it comes back.
        for rendition in files.playlists.keys where fresh[rendition] == nil { measures[rendition] = nil }

        if !fresh.isEmpty {
            let master = MasterPlaylist(
                fresh.keys.map { variant($0, broadcast) }, defaultQuality: defaultQuality,
                hasIndependentSegments: hasIndependentSegments)
            plan.streams[stream, default: DeliveredStream()].renditions = master.variants.map(\.rendition.quality)
            let text = master.text
            if files.master == nil || masters[stream] != text {
                plan.writes.append(.init(name: "\(stream).m3u8", text: text))
            }
        } else if broadcast == nil || files.playlists.isEmpty {
            end(stream, files, playlists, now, &plan)
        }
        if removesMedia { reap(files, playlists, isOnAir: broadcast != nil, now: now, &plan) }
    }

    private mutating func end(
        _ stream: StreamName, _ files: Files, _ playlists: [Rendition: MediaPlaylist], _ now: UnixMilliseconds,
        _ plan: inout DeliveryPlan
    ) {
        if let master = files.master { plan.removals.append(master.name) }
        masters[stream] = nil
        for (rendition, file) in files.playlists.sorted(by: { $0.value.name < $1.value.name }) {
            // One that was written just now, without a segment yet, is a beginning.
            guard let playlist = playlists[rendition], !playlist.isEnded, now - file.modified > resume else { continue }
            plan.writes.append(.init(name: file.name, text: playlist.endedText))
        }
    }

    private func reap(
        _ files: Files, _ playlists: [Rendition: MediaPlaylist], isOnAir: Bool, now: UnixMilliseconds,
        _ plan: inout DeliveryPlan
    ) {
        var named: Set<String> = []
        for (rendition, file) in files.playlists {
            // The source of a stream on air stays, however long nothing comes; and one that is ended only now, since no
            // agent was there in time, has its whole end before it.
            let isEnding = plan.writes.contains { $0.name == file.name }
            let isKept = isEnding || now - file.modified <= retention || (isOnAir && rendition.isSource)
            if isKept {
                // One that can't be read may name any: it is young, and so are its segments.
                named.formUnion(playlists[rendition]?.segments.map(\.name) ?? [])
            } else {
                plan.removals.append(file.name)
            }
        }
        for file in files.segments.values.joined() where now - file.modified > retention && !named.contains(file.name) {
            plan.removals.append(file.name)
        }
    }

    private mutating func measure(
        _ rendition: Rendition, _ segments: [HLSFile], _ playlists: [Rendition: MediaPlaylist],
        _ broadcast: Broadcast?, _ plan: inout DeliveryPlan
    ) {
        guard let playlist = playlists[rendition], let last = playlist.segments.last else { return }
        var measured = measures[rendition] ?? Measured(discontinuities: playlist.discontinuities)
        if measured.discontinuities != playlist.discontinuities { measured.isProbed = false }
        measured.discontinuities = playlist.discontinuities
        let files = Dictionary(segments.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let rung = ladder[rendition.quality]
        measured.measure.take(
            playlist.segments.compactMap { segment in files[segment.name].map { (segment.seconds, $0.size) } },
            nominal: rung.map { ($0.videoKilobits + $0.audioKilobits) * 1000 } ?? 0)
        measured.measure.take(frameRate: rung.map { Double($0.fps) } ?? measured.frameRate)
        measures[rendition] = measured
        if let file = files[last.name] {
            // A segment of a broadcast before this one says nothing of it.
            if rendition.isSource, file.modified >= broadcast?.startedAt ?? 0 {
                plan.streams[rendition.stream] = DeliveredStream(
                    framesPerSecond: measured.measure.frameRate,
                    bytesPerSecond: last.seconds > 0 ? Double(file.size) / last.seconds : 0)
            }
            plan.lastSegments[rendition] = .init(seconds: last.seconds, bytes: file.size, modified: file.modified)
            if !measured.isProbed {
                plan.probes.append(
                    .init(rendition: rendition, segment: last.name, seconds: last.seconds, bytes: file.size))
            }
        }
    }

    private func variant(_ rendition: Rendition, _ broadcast: Broadcast?) -> MasterPlaylist.Variant {
        let measure = measures[rendition]?.measure ?? RenditionMeasure()
        let rung = ladder[rendition.quality]
        return MasterPlaylist.Variant(
            rendition: rendition, bandwidth: max(1, measure.bandwidth),
            averageBandwidth: measure.averageBandwidth > 0 ? measure.averageBandwidth : nil,
            width: rung?.width ?? broadcast?.facts.width ?? 0, height: rung?.height ?? broadcast?.facts.height ?? 0,
            frameRate: measure.frameRate, codecs: measure.codecs)
    }

    private mutating func countNewSegments(_ listing: HLSListing, _ plan: inout DeliveryPlan) {
        var now: Set<String> = []
        for file in listing.files {
            guard case .segment(let rendition) = file.kind else { continue }
            now.insert(file.name)
            // What was there before us isn't of our time.
            if let seen, !seen.contains(file.name) { plan.newSegments[rendition.quality, default: 0] += 1 }
        }
        seen = now
    }
}
