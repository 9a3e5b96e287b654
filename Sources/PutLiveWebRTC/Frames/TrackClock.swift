/// Places the timestamps of one track on the session's timeline: `presentation = media time + offset`.
///
/// The offset comes of arrival first and of sender reports later. It moves slowly from what it is to what it should be, so
/// that neither sound nor picture jumps.
struct TrackClock: Sendable {
    /// An RTP timestamp and the sender's wall clock at the same moment.
    struct Report: Sendable {
        var ntp: UInt64
        var rtpTimestamp: UInt32
        var arrival: MonotonicTime
    }

    /// How a kind of track is treated; times in microseconds.
    struct Rules: Sendable {
        var clockRate: Int64
        /// Between two frames, at least.
        var step: Int64
        /// Of the time that passes, the share by which reports may move the offset, in thousandths. Sound moves by 5 ms
        /// a second, which no one hears when it is resampled; pictures by 5 ms in 100.
        var slew: Int64

        static func of(_ kind: MediaKind) -> Rules {
            switch kind {
            case .audio: Rules(clockRate: 48_000, step: 1, slew: 5)
            case .video: Rules(clockRate: 90_000, step: 1000, slew: 50)
            }
        }
    }

    /// Further from its usual transit time a frame can't be: the timestamps have jumped.
    static let maximumDistance: Int64 = 10_000_000
    /// Clocks differ, by far less than this share of time, in thousandths: what is usual follows, or a show of days would
    /// jump once.
    static let greatestDrift: Int64 = 1
    /// So long the least transit time is looked for. The first packets often wait for something on their way.
    static let seedingTime: Int64 = 2_000_000
    /// By no more than this: a packet that seems to come much too early has a timestamp that jumped.
    static let greatestWait: Int64 = 500_000
    /// While seeding, sound may move as fast as pictures.
    static let seedingSlew: Int64 = 50

    private let rules: Rules
    /// What `offset` moves to.
    private var target: Int64 = 0
    private(set) var offset: Int64 = 0
    /// Of the last frame.
    private var timestamp: UInt32 = 0
    /// Of the last frame, in ticks from some beginning.
    private var ticks: Int64 = 0
    private var lastArrival: Int64 = 0
    /// Arrival less media time, as it usually is.
    private var usualTransit: Int64 = 0
    private var lastPresentation: Int64?
    /// Arrival of the first frame that the offset was taken from; nil if none was yet.
    private var seededAt: Int64?
    private var isAligned = false
    /// The latest.
    var report: Report?

    init(_ kind: MediaKind) {
        rules = .of(kind)
    }

    /// A frame has come since the timestamps began.
    var isSeeded: Bool { seededAt != nil }
    /// A frame has its place, after which all others come.
    var hasPresented: Bool { lastPresentation != nil }

    /// The next frame is placed by its arrival.
    mutating func reset() {
        seededAt = nil
        report = nil
        isAligned = false
    }

    /// Notes that a frame came; times are microseconds of the session. True if it is the first of its timestamps.
    mutating func advance(to timestamp: UInt32, arrival: Int64) -> Bool {
        let elapsed = min(max(arrival - lastArrival, 0), 1_000_000)
        lastArrival = max(arrival, lastArrival)
        if isSeeded {
            // A difference of 32 bits, read with its sign, steps over the wrap.
            ticks += Int64(Int32(bitPattern: timestamp &- self.timestamp))
        }
        self.timestamp = timestamp
        let transit = arrival - mediaTime(ticks)
        if isSeeded && abs(usualTransit - transit) > Self.maximumDistance { reset() }
        guard let seededAt else {
            ticks = 0
            (offset, target, usualTransit) = (arrival, arrival, arrival)
            seededAt = arrival
            return true
        }
        let drift = elapsed * Self.greatestDrift / 1000
        usualTransit += min(max(transit - usualTransit, -drift), drift)
        let isSeeding = !isAligned && arrival - seededAt < Self.seedingTime
        if isSeeding && target - transit <= Self.greatestWait { target = min(target, transit) }
        slew(by: elapsed * (isAligned ? rules.slew : Self.seedingSlew) / 1000)
        return false
    }

    /// Where the last frame belongs: never before the one before it.
    mutating func present() -> Int64 {
        let wanted = mediaTime(ticks) + offset
        let presentation = max(wanted, lastPresentation.map { $0 + rules.step } ?? 0)
        lastPresentation = presentation
        return presentation
    }

    /// The offset that presents the moment of `report` at `time`. Nil before the first frame, which gives the report's
    /// timestamp a meaning.
    func offset(of report: Report, at time: Int64) -> Int64? {
        mediaTime(of: report).map { time - $0 }
    }

    /// When the moment of `report` is presented; nil as above.
    func presentation(of report: Report) -> Int64? {
        mediaTime(of: report).map { $0 + offset }
    }

    private func mediaTime(of report: Report) -> Int64? {
        guard isSeeded else { return nil }
        return mediaTime(ticks + Int64(Int32(bitPattern: report.rtpTimestamp &- timestamp)))
    }

    /// Sets what the reports say the offset should be.
    mutating func align(to target: Int64, atOnce: Bool) {
        self.target = target
        isAligned = true
        if atOnce { offset = target }
    }

    /// The reports are not to be believed; the offset stays.
    mutating func unalign() {
        isAligned = false
        target = offset
    }

    /// Moves the track forward at once, if reports say where it is.
    mutating func postpone(by time: Int64) {
        guard isAligned else { return }
        target += time
        offset += time
    }

    private mutating func slew(by most: Int64) {
        offset += min(max(target - offset, -most), most)
    }

    /// In parts, so that it can't overflow.
    private func mediaTime(_ ticks: Int64) -> Int64 {
        let (seconds, rest) = ticks.quotientAndRemainder(dividingBy: rules.clockRate)
        return seconds * 1_000_000 + rest * 1_000_000 / rules.clockRate
    }
}
