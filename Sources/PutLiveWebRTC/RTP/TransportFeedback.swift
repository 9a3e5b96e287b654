/// When each packet of the transport came, told to the sender, who reckons from it what the link carries
/// (draft-holmer-rmcat-transport-wide-cc-extensions-01).
///
/// Browsers probe a new link with bursts and give a burst up if they hear nothing of it for a second, so feedback is
/// prompt. A packet that comes after its turn was reported is reported once more, with all that follow it: for those who
/// have taken it for lost that is the correction, and what they know already they skip.
struct TransportFeedback {
    /// Longest that an arrival waits to be reported, in microseconds.
    private static let patience: Int64 = 50_000
    /// As many arrivals don't wait.
    private static let mostPending = 32
    /// How far back packets are remembered: a power of 2. Over a second at 10 Mbit/s.
    private static let window = 1024
    /// Most arrivals in one packet, so that it is under 1000 bytes in the worst case.
    private static let mostInPacket = 300
    private static let absent = Int64.min

    /// In units of 250 µs, indexed by the lowest bits of the sequence number.
    private var arrivals: [Int64] = []
    private var highest: Int64 = 0
    /// The first one to report next time.
    private var start: Int64 = 0
    private var pending = 0
    /// Of feedback packets, modulo 256.
    private var packetCount: UInt8 = 0
    /// When to report.
    private(set) var due = MonotonicTime.never

    /// Takes note of a packet.
    mutating func record(_ number: UInt16, at now: MonotonicTime) {
        if arrivals.isEmpty {
            arrivals = [Int64](repeating: Self.absent, count: Self.window)
            highest = Int64(number) - 1
            start = highest + 1
        }
        let distance = Int64(Int16(bitPattern: number &- UInt16(truncatingIfNeeded: highest)))
        let sequence = highest + distance
        if distance > 0 {
            advance(to: sequence)
        } else {
            // Older than what is remembered, or here for the second time.
            guard distance > -Int64(Self.window), arrivals[Self.index(sequence)] == Self.absent else { return }
            start = min(start, sequence)
        }
        arrivals[Self.index(sequence)] = now.microseconds / 250
        pending += 1
        if pending == 1 { due = now.adding(microseconds: Self.patience) }
        if pending >= Self.mostPending { due = min(due, now) }
    }

    private mutating func advance(to sequence: Int64) {
        if sequence - highest >= Int64(Self.window) {
            // Nobody loses that many; the numbers begin anew.
            for index in arrivals.indices { arrivals[index] = Self.absent }
            start = sequence
        } else {
            for missing in highest + 1..<sequence { arrivals[Self.index(missing)] = Self.absent }
            start = max(start, sequence - Int64(Self.window) + 1)
        }
        highest = sequence
    }

    private static func index(_ sequence: Int64) -> Int { Int(truncatingIfNeeded: sequence) & (window - 1) }

    /// Reports what came since the last time.
    ///
    /// - Parameter media: An SSRC of the sender; browsers look whether it is one of theirs.
    mutating func report(about media: UInt32, to writer: inout RTCPWriter) {
        guard pending > 0 else { return }
        while start <= highest { writer.transportFeedback(media: media, nextPacket()) }
        pending = 0
        due = .never
    }

    /// What follows the SSRCs in the feedback (section 3.1), from `start` on; `start` moves on behind what is in it.
    private mutating func nextPacket() -> [UInt8] {
        var symbols = PacketStatusChunks()
        var deltas: [UInt8] = []
        var received = 0
        // In units of 250 µs; the reference itself counts in 64 ms.
        var last: Int64 = 0
        var reference: Int64 = 0
        // Those missing since the last one that is in.
        var missing = 0
        for sequence in start...highest {
            let arrival = arrivals[Self.index(sequence)]
            guard arrival != Self.absent else {
                missing += 1
                continue
            }
            if received == 0 {
                reference = arrival >> 8
                last = reference << 8
            }
            // What doesn't fit 16 bits needs a reference of its own.
            guard received < Self.mostInPacket, let delta = Int16(exactly: arrival - last) else { break }
            symbols.append(.absent, missing)
            missing = 0
            if let small = UInt8(exactly: delta) {
                symbols.append(.smallDelta, 1)
                deltas.append(small)
            } else {
                symbols.append(.largeDelta, 1)
                deltas.append16(UInt16(bitPattern: delta))
            }
            received += 1
            last = arrival
        }
        var content: [UInt8] = []
        content.reserveCapacity(16 + symbols.count / 3 + deltas.count)
        content.append16(UInt16(truncatingIfNeeded: start))
        content.append16(UInt16(symbols.count))
        content.append32(UInt32(truncatingIfNeeded: reference) << 8 | UInt32(packetCount))
        symbols.write(to: &content)
        content += deltas
        packetCount &+= 1
        start += Int64(symbols.count)
        return content
    }
}
