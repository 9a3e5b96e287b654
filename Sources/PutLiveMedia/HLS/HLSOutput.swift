/// Writes a stream as HLS (RFC 8216): `<stream>_src-<Unix milliseconds>-<number>.ts` and `<stream>_src.m3u8`.
///
/// - Each file gets its name when it is whole, and the playlist names only segments that are there. A segment that left
///   the playlist stays for as long as a player may need it that has read the playlist before (section 6.2.2).
/// - It goes on where a playlist of this stream stopped, so players that watch it just go on, too. Of one that has ended,
///   is older than the window, or was written with another length of segments, only the numbers are taken up.
/// - When the disk doesn't take a segment, that one is missing: the error is thrown, the oldest segments go, and the next
///   one is tried.
public final class HLSOutput: Output {
    /// Whether `finish` ends the playlist, so that players stop at its end. To be set to false before, when the
    /// broadcaster was lost and may come back: players then wait, and whoever watches over the folder ends it in time.
    public var endsPlaylist = true

    private let settings: HLSSettings
    private let clock: () -> Int64
    private var playlist: LivePlaylist
    private var cutter: SegmentCutter
    private var format = StreamFormat()
    private var stream: TransportStream?
    /// For the tracks of the next segment.
    private var nextStream: TransportStream?
    private var segment: Segment?
    /// The open segment doesn't go on from the one that the playlist names last.
    private var isDiscontinuous = false
    /// Out of the playlist, but still there.
    private var expired: [Expired] = []
    /// Microseconds of media that the playlist took in.
    private var elapsed: Int64 = 0
    /// The playlist's file, as this output wrote it last.
    private var written: UInt64?

    private struct Segment {
        var name: String
        /// It was made.
        var isOpen: Bool
    }

    private struct Expired {
        var name: String
        /// It may go when `elapsed` is so much.
        var due: Int64
    }

    /// Of a folder that is there. The clock tells Unix milliseconds: they make names that no player or cache has seen.
    public init(_ settings: HLSSettings, clock: @escaping () -> Int64) {
        self.settings = settings
        self.clock = clock
        playlist = LivePlaylist(targetSeconds: settings.targetSeconds, window: settings.window)
        cutter = Self.cutter(settings, hasVideo: false)
    }

    /// Reads what an earlier broadcast of the stream has left. Nothing is written yet.
    public func start(_ format: StreamFormat) throws(MediaError) {
        self.format = format
        cutter = Self.cutter(settings, hasVideo: format.video != nil)
        resume()
        stream = try TransportStream(format)
    }

    /// Throws what the disk said: once a segment.
    public func write(_ packet: EncodedPacket) throws(MediaError) {
        switch cutter.decide(packet) {
        case .drop: return
        case .append: try append(packet)
        case .cut:
            let failures = [close(after: cutter.closedDuration), open()]
            isDiscontinuous = isDiscontinuous || cutter.isDiscontinuous
            try append(packet)
            if let failure = failures.compactMap({ $0 }).first { throw failure }
        }
    }

    /// A new segment begins with the next keyframe; of a picture that wasn't there before, with its first.
    public func change(to format: StreamFormat) throws(MediaError) {
        let hasNewPicture = format.video != self.format.video
        if (format.video == nil) == (self.format.video == nil), format.audio == self.format.audio {
            if let video = format.video { try (nextStream ?? stream)?.change(video) }
        } else {
            // A muxer's tables name the same tracks for ever.
            nextStream = try TransportStream(format)
        }
        self.format = format
        cutter.interrupt(hasVideo: format.video != nil, losesPicture: hasNewPicture)
    }

    /// A new segment begins with the next keyframe.
    public func discontinuity() {
        cutter.interrupt(hasVideo: format.video != nil, losesPicture: true)
    }

    /// Closes the segment that is open, and ends the playlist.
    public func finish() {
        // If somebody else has written it since, a new broadcast goes on with it, or it was ended.
        let isOurs = written == nil || SegmentFile.identity(of: path(playlistName))?.number == written
        if isOurs {
            playlist.isEnded = endsPlaylist
            _ = close(after: cutter.openDuration)
            // Where the last segment couldn't be kept, the playlist is as it was.
            if endsPlaylist, written != nil { _ = writePlaylist() }
        }
        segment = nil
        stream = nil
        nextStream = nil
    }

    private static func cutter(_ settings: HLSSettings, hasVideo: Bool) -> SegmentCutter {
        SegmentCutter(
            aim: settings.aim, longest: LivePlaylist.longestSegment(targetSeconds: settings.targetSeconds),
            hasVideo: hasVideo)
    }

    private var playlistName: String { settings.rendition + ".m3u8" }

    private func path(_ name: String) -> String { "\(settings.liveFolder)/\(name)" }

    private func append(_ packet: EncodedPacket) throws(MediaError) {
        guard segment?.isOpen == true else { return }
        try stream?.write(packet)
    }

    private func open() -> MediaError? {
        if let nextStream { stream = nextStream }
        nextStream = nil
        let name = "\(settings.rendition)-\(clock())-\(playlist.nextSequence).ts"
        do throws(MediaError) {
            stream?.begin(try SegmentFile(path(name)))
            segment = Segment(name: name, isOpen: true)
            return nil
        } catch {
            segment = Segment(name: name, isOpen: false)
            return error
        }
    }

    private func close(after duration: Int64) -> MediaError? {
        guard let closing = segment else { return nil }
        segment = nil
        // Why it couldn't be opened was told then.
        guard closing.isOpen, let file = stream?.end(), duration > 0 else {
            isDiscontinuous = true
            return nil
        }
        do throws(MediaError) {
            try file.keep()
        } catch {
            isDiscontinuous = true
            makeRoom()
            return error
        }
        // An output before this one may have finished in the meantime.
        if written == nil { resume() }
        let isFirst = playlist.nextSequence == 0
        let gone = playlist.append(
            .init(name: closing.name, duration: duration, isDiscontinuous: isDiscontinuous && !isFirst))
        elapsed += duration
        // RFC 8216, section 6.2.2: its own length and that of the longest playlist that named it.
        expired += gone.map { Expired(name: $0.name, due: elapsed + $0.duration + playlist.longest) }
        isDiscontinuous = false
        let failure = writePlaylist()
        // What the old playlist names must be there for as long as it is.
        if failure == nil { removeExpired() }
        return failure
    }

    private func writePlaylist() -> MediaError? {
        do throws(MediaError) {
            // The agent writes the same file when it ends a stream, so the temporary one has a name of its own.
            let file = try SegmentFile(path(playlistName), temporary: path(settings.rendition + "-new.m3u8.tmp"))
            file.file.write(playlist.text)
            written = try file.keep()
            return nil
        } catch {
            return error
        }
    }

    private func removeExpired() {
        for segment in expired where segment.due <= elapsed { SegmentFile.remove(path(segment.name)) }
        expired.removeAll { $0.due <= elapsed }
    }

    /// On a full disk a short window is better than none. What players are about to ask for is left alone.
    private func makeRoom() {
        for name in expired.map(\.name) + playlist.shrink().map(\.name) { SegmentFile.remove(path(name)) }
        expired = []
        if written != nil { _ = writePlaylist() }
    }

    private func resume() {
        guard let found = SegmentFile.identity(of: path(playlistName)),
            let text = SegmentFile.text(of: path(playlistName), limit: WrittenPlaylist.limit),
            let old = WrittenPlaylist(text, rendition: settings.rendition)
        else { return }
        let isStale = clock() - found.modified > settings.window / 1000
        let isWhole = old.segments.allSatisfy { SegmentFile.identity(of: path($0.name)) != nil }
        playlist.resume(old, isStale: isStale || !isWhole)
        isDiscontinuous = true
    }
}
