/// The time to the peer and back, in microseconds. It is measured by RTCP where the peer answers our reference time (RFC
/// 3611), and else by how soon a packet comes that was asked for again.
struct RoundTrip {
    /// What is assumed before anything is measured.
    private static let assumed: Int64 = 100_000
    private static let longest: Int64 = 5_000_000

    /// Smoothed; nil before the first measurement.
    private(set) var measured: Int64?
    private var isByReport = false

    /// What to reckon with.
    var microseconds: Int64 { measured ?? Self.assumed }

    /// RFC 3611, section 4.5: all of them in 1/65536 s, modulo 2^32.
    mutating func report(reference: UInt32, delay: UInt32, at now: MonotonicTime) {
        // Zero: the peer has no time of ours yet.
        guard reference != 0 else { return }
        let units = Int32(bitPattern: now.shortNTP &- reference &- delay)
        // Clocks are coarse: a loopback can come out just below zero.
        guard units > -66 else { return }
        if !isByReport { measured = nil }
        isByReport = true
        add(Int64(max(units, 0)) * 1_000_000 / 65536)
    }

    /// A packet that was asked for once came so long after.
    mutating func repair(_ microseconds: Int64) {
        if !isByReport { add(microseconds) }
    }

    private mutating func add(_ sample: Int64) {
        guard sample <= Self.longest else { return }
        measured = measured.map { $0 + (sample - $0) / 8 } ?? sample
    }
}
