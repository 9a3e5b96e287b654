/// Puts the packets of one stream in order. One that comes in order goes straight through; behind a gap, packets wait
/// until those missing have come or have been given up.
struct PacketSequencer {
    /// What to do with a packet.
    enum Placement: Equatable {
        /// Let it go at once, and then see what `step` has.
        case inOrder(Int64)
        /// `keep` it.
        case early(Int64)
        /// It is too late, or here for the second time.
        case late(Int64)
        /// Its number can't belong to the stream; if the next one is its successor, the stream begins anew.
        case stray
        /// So much is missing before it that waiting is of no use, or the numbers begin anew: `flush`, then `jump` to it.
        case afterBreak
    }

    /// What comes next in order.
    enum Step {
        case packet(BufferedPacket)
        /// One packet is given up.
        case lost
    }

    // RFC 3550, appendix A.1.
    private static let mostDropped: Int64 = 3000
    private static let leastTolerance: Int64 = 10_000
    private static let mostTolerance: Int64 = 50_000

    private(set) var hasBegun = false
    private(set) var missing = MissingPackets()
    private var buffer = JitterBuffer(next: 0)
    private(set) var highest: Int64 = 0
    /// The number after a stray one.
    private var successor: UInt16?
    /// How late packets may be before they count as missing, in microseconds; it follows the network's reordering.
    private(set) var tolerance = leastTolerance

    /// Nothing is missing and nothing waits.
    var isIdle: Bool { missing.isEmpty && buffer.count == 0 }

    /// Finds the place of a packet by its number.
    ///
    /// - Parameter isRepair: It was sent again, and so says nothing about the network's order.
    /// - Returns: Its place, and what was noted of it if it was missing.
    mutating func place(
        _ number: UInt16, isRepair: Bool, at now: MonotonicTime
    ) -> (place: Placement, filled: MissingPackets.Entry?) {
        guard hasBegun else {
            begin(Int64(number))
            return (.inOrder(Int64(number)), nil)
        }
        let distance = Int64(Int16(bitPattern: number &- UInt16(truncatingIfNeeded: highest)))
        let sequence = highest + distance
        if distance > Self.mostDropped || distance < -Int64(JitterBuffer.limit) {
            return (placeStray(number, isRepair: isRepair), nil)
        }
        if distance > 0 {
            successor = nil
            let gap = highest + 1..<sequence
            if missing.count + gap.count > MissingPackets.limit
                || sequence - buffer.next >= Int64(JitterBuffer.limit)
            {
                return (.afterBreak, nil)
            }
            if !gap.isEmpty { missing.add(gap, tolerance: tolerance, at: now) }
            highest = sequence
        } else {
            guard let entry = missing.remove(sequence) else { return (.late(sequence), nil) }
            if !isRepair { noteReordering(now.microseconds(since: entry.noticed)) }
            return (sequence == buffer.next ? passed(sequence) : .early(sequence), entry)
        }
        return (sequence == buffer.next ? passed(sequence) : .early(sequence), nil)
    }

    private mutating func passed(_ sequence: Int64) -> Placement {
        buffer.advance()
        return .inOrder(sequence)
    }

    private mutating func placeStray(_ number: UInt16, isRepair: Bool) -> Placement {
        guard !isRepair else { return .stray }
        defer { successor = number &+ 1 }
        return successor == number ? .afterBreak : .stray
    }

    private mutating func begin(_ sequence: Int64) {
        hasBegun = true
        highest = sequence
        buffer = JitterBuffer(next: sequence + 1)
    }

    private mutating func noteReordering(_ lateness: Int64) {
        tolerance = min(max(tolerance, lateness + lateness / 4), Self.mostTolerance)
    }

    /// Forgets slowly how badly packets were reordered once. To be called every second.
    mutating func relax() {
        tolerance -= (tolerance - Self.leastTolerance) / 8
    }

    /// Keeps a packet that came early.
    mutating func keep(_ packet: BufferedPacket, _ sequence: Int64) {
        buffer.insert(packet, sequence)
    }

    /// What is next in order; nil if that is to be waited for.
    ///
    /// - Parameter patience: How long to wait for a missing packet, in microseconds.
    mutating func step(patience: Int64, at now: MonotonicTime) -> Step? {
        if let packet = buffer.pop() { return .packet(packet) }
        // Nothing at `next`: it is the first that is missing, or has never been sent yet.
        guard let first = missing.first, now.microseconds(since: first.noticed) >= patience else { return nil }
        missing.removeFirst()
        buffer.advance()
        return .lost
    }

    /// As `step`, and waits for nothing.
    mutating func flush() -> Step? {
        step(patience: .min, at: MonotonicTime(microseconds: 0))
    }

    /// Goes on with a packet after a break; returns how many numbers were left out, if that can be told.
    mutating func jump(to number: UInt16) -> Int {
        let distance = Int64(Int16(bitPattern: number &- UInt16(truncatingIfNeeded: highest)))
        successor = nil
        // The count of wraps goes on, so that reports do.
        begin(highest + distance)
        return (1...Self.mostDropped).contains(distance) ? Int(distance) - 1 : 0
    }

    /// When the longest missing packet is to be given up.
    func giveUp(patience: Int64) -> MonotonicTime {
        missing.first?.noticed.adding(microseconds: patience) ?? .never
    }

    /// The packets to ask for again now.
    mutating func takeRequests(roundTrip: Int64, at now: MonotonicTime) -> [UInt16] {
        guard missing.nextRequest <= now else { return [] }
        return missing.takeRequests(roundTrip: roundTrip, at: now)
    }
}
