/// What a receiver report tells of one stream (RFC 3550, section 6.4.1), reckoned as in its appendices A.3 and A.8.
struct ReceptionReport {
    /// A report block.
    struct Block: Equatable {
        var ssrc: UInt32
        /// Of 256.
        var fractionLost: UInt8
        /// 24 bits; negative if more came than was expected.
        var lost: Int32
        /// The highest sequence number with the count of its wraps above.
        var highestSequence: UInt32
        /// In ticks.
        var jitter: UInt32
        /// The middle 32 bits of its NTP timestamp; 0 if none came.
        var lastSenderReport: UInt32
        /// In 1/65536 s.
        var delaySinceSenderReport: UInt32
    }

    private let clockRate: Int64
    private var first: Int64?
    private var highest: Int64 = 0
    private var received: Int64 = 0
    private var expectedBefore: Int64 = 0
    private var receivedBefore: Int64 = 0
    /// Times 16.
    private var scaledJitter: Int64 = 0
    private var lastTimestamp: UInt32 = 0
    private var lastArrival = MonotonicTime(microseconds: 0)
    private var senderReport: (ntp: UInt32, arrival: MonotonicTime)?

    init(clockRate: Int) {
        self.clockRate = Int64(clockRate)
    }

    /// Interarrival jitter in microseconds.
    var jitter: Int64 { (scaledJitter >> 4) * 1_000_000 / clockRate }

    /// Takes in a packet as the network brought it: not one that was sent again.
    mutating func receive(_ sequence: Int64, timestamp: UInt32, at arrival: MonotonicTime) {
        received += 1
        guard first != nil else {
            first = sequence
            highest = sequence
            lastTimestamp = timestamp
            lastArrival = arrival
            return
        }
        guard sequence > highest else { return }
        highest = sequence
        // The packets of one frame leave when the sender's pacing lets them, so the first of each frame counts.
        guard timestamp != lastTimestamp else { return }
        let ticks = Int64(Int32(bitPattern: timestamp &- lastTimestamp))
        let difference = abs(arrival.microseconds(since: lastArrival) * clockRate / 1_000_000 - ticks)
        lastTimestamp = timestamp
        lastArrival = arrival
        // After a pause or a jump of the timestamps it would tell of that, and not of the network.
        if difference < 5 * clockRate { scaledJitter += difference - (scaledJitter + 8) >> 4 }
    }

    /// Takes in a sender report of the stream.
    mutating func senderReport(ntp: UInt64, at arrival: MonotonicTime) {
        senderReport = (UInt32(truncatingIfNeeded: ntp >> 16), arrival)
    }

    /// The report on what came since the last one; nil before the first packet.
    mutating func block(ssrc: UInt32, at now: MonotonicTime) -> Block? {
        guard let first else { return nil }
        let expected = highest - first + 1
        let newExpected = expected - expectedBefore
        let newLost = newExpected - (received - receivedBefore)
        expectedBefore = expected
        receivedBefore = received
        var block = Block(
            ssrc: ssrc, fractionLost: 0, lost: Int32(min(max(expected - received, -0x80_0000), 0x7F_FFFF)),
            highestSequence: UInt32(truncatingIfNeeded: highest), jitter: UInt32(clamping: scaledJitter >> 4),
            lastSenderReport: 0, delaySinceSenderReport: 0)
        if newExpected > 0, newLost > 0 { block.fractionLost = UInt8(min(newLost * 256 / newExpected, 255)) }
        if let senderReport {
            block.lastSenderReport = senderReport.ntp
            let delay = now.microseconds(since: senderReport.arrival)
            block.delaySinceSenderReport = UInt32(clamping: delay * 65536 / 1_000_000)
        }
        return block
    }
}
