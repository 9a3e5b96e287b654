/// The one timeline of a session's sound and picture, in microseconds from 0 at the first media.
///
/// Until both tracks have a sender report, each is placed by the arrival of its packets. From then on the sender's wall
/// clock, which both reports give (RFC 3550 section 6.4.1), says what belongs together: sound stays where it is, and the
/// picture moves to it.
public struct MediaTimeline: Sendable {
    /// Errors greater than this, in microseconds, are jumped over and not worn down.
    static let greatestSlewed: Int64 = 500_000
    /// Reports that want a track moved by more than this are not believed.
    static let greatestPlausible: Int64 = 5_000_000
    /// Of two reports further apart than this, one is too old: clocks and timestamps may have changed since.
    static let greatestAge: Int64 = 60_000_000

    /// A moment of the sender's wall clock, and the same one of the timeline.
    private struct Anchor: Sendable {
        var ntp: UInt64
        var presentation: Int64

        /// The presentation time of `ntp`, which has 32 bits for seconds and 32 for their fractions.
        func time(of ntp: UInt64) -> Int64 {
            let since = Int64(bitPattern: ntp &- self.ntp)
            return presentation + (since >> 32) * 1_000_000 + ((since & 0xFFFF_FFFF) * 1_000_000) >> 32
        }
    }

    private var audio = TrackClock(.audio)
    private var video = TrackClock(.video)
    private var origin: MonotonicTime?
    private var anchor: Anchor?

    /// Without media yet.
    public init() {}

    /// When to present a frame, in microseconds: later than every frame of its track before. Call it once for each
    /// frame of a track, in their order.
    ///
    /// - Parameter arrival: when the packet that completed the frame came from the network; not when the jitter
    ///   buffer let it go.
    public mutating func presentationTime(of kind: MediaKind, timestamp: UInt32, arrival: MonotonicTime) -> Int64 {
        let origin = origin ?? arrival
        self.origin = origin
        let isNew = self[kind].advance(to: timestamp, arrival: arrival.microseconds &- origin.microseconds)
        if isNew { align(kind) }
        return self[kind].present()
    }

    /// Takes the clocks of an RTCP sender report (RFC 3550 section 6.4.1): `ntp` is its 64-bit NTP timestamp, 0 if the
    /// sender has no wall clock.
    public mutating func senderReport(kind: MediaKind, ntp: UInt64, rtpTimestamp: UInt32, arrival: MonotonicTime) {
        guard ntp != 0 else { return }
        self[kind].report = TrackClock.Report(ntp: ntp, rtpTimestamp: rtpTimestamp, arrival: arrival)
        align(kind)
    }

    /// The track's timestamps begin anew, as after a change of SSRC: its next frame is placed by arrival.
    public mutating func reset(kind: MediaKind) {
        self[kind].reset()
    }

    private subscript(kind: MediaKind) -> TrackClock {
        get { kind == .audio ? audio : video }
        set { if kind == .audio { audio = newValue } else { video = newValue } }
    }

    /// Moves a track, which has a new report or is new itself, to where its report says.
    private mutating func align(_ kind: MediaKind) {
        guard let anchor else { return setAnchor() }
        guard let report = self[kind].report else { return }
        guard let wanted = self[kind].offset(of: report, at: anchor.time(of: report.ntp)) else { return }
        let error = wanted - self[kind].offset
        let other: MediaKind = kind == .audio ? .video : .audio
        guard abs(error) <= Self.greatestPlausible else {
            // The sender's wall clock was set. The other track's next report is by the new time too.
            self.anchor = nil
            self[kind].unalign()
            self[other].unalign()
            self[other].report = nil
            return
        }
        if error < -Self.greatestSlewed && self[kind].hasPresented {
            // It can't go back, so all else goes forward.
            self.anchor?.presentation -= error
            self[kind].align(to: self[kind].offset, atOnce: true)
            self[other].postpone(by: -error)
        } else {
            self[kind].align(to: wanted, atOnce: error > Self.greatestSlewed || !self[kind].hasPresented)
        }
    }

    /// With reports of both tracks, sound fixes how the wall clock belongs to the timeline, for a jump would be heard.
    private mutating func setAnchor() {
        guard let sound = audio.report, let picture = video.report, video.isSeeded else { return }
        guard let presentation = audio.presentation(of: sound) else { return }
        guard abs(sound.arrival.microseconds(since: picture.arrival)) <= Self.greatestAge else { return }
        anchor = Anchor(ntp: sound.ntp, presentation: presentation)
        align(.audio)
        align(.video)
    }
}
