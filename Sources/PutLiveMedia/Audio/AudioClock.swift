/// Keeps the sound that is written at the times that the broadcaster's timeline gives it. A state machine: samples in,
/// decisions out.
///
/// The encoder wants samples without a gap, one after the other; its own count of them is the time that it writes. What
/// comes in has gaps (packets lost, silence not sent), and a sound card's clock that isn't ours. So:
///
/// - Where packets are missing, the gap is filled, exactly.
/// - Where the two clocks drift apart by more than 10 ms, packets are made longer or shorter by less than 1 %, until they
///   agree again: nobody hears it.
/// - Beyond 60 ms, that would take too long: silence is put in, or samples are left out.
/// - After a gap of more than 2 s the time jumps: there is nothing to hear, and no need to write it.
struct AudioClock {
    /// Opus is always decoded to this many samples a second (RFC 7587, section 4.1).
    static let rate = 48_000

    /// What to do with a packet, in this order.
    struct Placement: Equatable {
        /// The samples go on at `start`, which is later than all before.
        var isRestart = false
        /// Where the samples of the packet go, or the silence before them, in samples.
        var start: Int64 = 0
        /// So many samples are missing before it.
        var gap = 0
        /// So many at its beginning are left out.
        var skip = 0
        /// What is left gets longer by so many, or shorter.
        var stretch = 0
    }

    /// Where the next sample to be written goes; nil before the first.
    private(set) var position: Int64?
    /// Where the next packet begins if none is missing.
    private var expected: Int64 = 0
    private var smoothedError: Int64 = 0
    private var isCorrecting = false
    private var isSkipping = false

    private static let longestGap = Int64(2 * rate)
    private static let hardError = Int64(rate * 60 / 1000)
    private static let softError = Int64(rate * 10 / 1000)
    private static let goodError = Int64(rate * 2 / 1000)
    /// The shortest packet that can be missing (RFC 6716, section 2.1.4: 2.5 ms).
    private static let shortestPacket = rate * 25 / 10_000

    /// How many samples the timeline has between the last packet and one that begins then; none before the first, and
    /// less than none if they overlap.
    func missing(before presentationTime: Int64) -> Int {
        position == nil ? 0 : Int(Self.samples(ofMicroseconds: presentationTime) - expected)
    }

    /// Where silence begins that sound may follow. Nothing happens if there was a packet before.
    mutating func begin(at presentationTime: Int64) {
        guard position == nil else { return }
        expected = Self.samples(ofMicroseconds: presentationTime)
        position = expected
    }

    /// Places a packet of `count` samples whose timeline is in microseconds.
    mutating func place(presentationTime: Int64, count: Int) -> Placement {
        let start = Self.samples(ofMicroseconds: presentationTime)
        let missing = missing(before: presentationTime)
        expected = start + Int64(count)
        guard let position, start - position <= Self.longestGap else {
            return restart(at: start, count: count)
        }
        var placement = Placement(start: position)
        let error = start - position
        if error > Self.hardError || (missing >= Self.shortestPacket && error > 0) {
            placement.gap = Int(error)
            smoothedError = 0
        } else if error < (isSkipping ? 0 : -Self.hardError) {
            isSkipping = true
            placement.skip = Int(min(Int64(count), -error))
            smoothedError = 0
        } else {
            isSkipping = false
            smoothedError += (error - smoothedError) / 4
            placement.stretch = stretch(of: count)
        }
        self.position = position + Int64(placement.gap + count - placement.skip + placement.stretch)
        return placement
    }

    /// No packet came for a while: what to do when the picture is at a time, or nil if nothing is missing. The gap is to be
    /// filled up to `lag` microseconds before it; after too long a one, samples go on at that time. Nothing is missing
    /// before the first packet.
    mutating func fill(to presentationTime: Int64, lag: Int64) -> Placement? {
        guard let position else { return nil }
        let gap = Self.samples(ofMicroseconds: presentationTime - lag) - position
        guard gap > 0 else { return nil }
        guard gap <= Self.longestGap else {
            return restart(at: Self.samples(ofMicroseconds: presentationTime), count: 0)
        }
        self.position = position + gap
        return Placement(start: position, gap: Int(gap))
    }

    private mutating func restart(at start: Int64, count: Int) -> Placement {
        smoothedError = 0
        isCorrecting = false
        isSkipping = false
        position = start + Int64(count)
        return Placement(isRestart: true, start: start)
    }

    private mutating func stretch(of count: Int) -> Int {
        let size = abs(smoothedError)
        isCorrecting = size > (isCorrecting ? Self.goodError : Self.softError)
        guard isCorrecting else { return 0 }
        let step = Int(min(Int64(count / 120), max(1, size / 96)))
        // What has been corrected needn't be again.
        smoothedError -= Int64(smoothedError > 0 ? step : -step)
        return smoothedError > 0 ? step : -step
    }

    /// The count of samples up to a time. Times are far from where this could overflow, which is 6000 years.
    static func samples(ofMicroseconds time: Int64) -> Int64 {
        (time &* 48) / 1000
    }

    /// The time of a sample.
    static func microseconds(ofSamples samples: Int64) -> Int64 {
        (samples &* 1000) / 48
    }
}
