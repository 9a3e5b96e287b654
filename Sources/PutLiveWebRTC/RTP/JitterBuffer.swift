/// A packet that waits for those before it.
struct BufferedPacket {
    var codec: PayloadCodec
    var timestamp: UInt32
    var marker: Bool
    /// When it came from the network.
    var arrival: MonotonicTime
    var payload: [UInt8]
}

/// Packets after a gap, which wait until it is filled or given up. A packet that comes in order never gets in here.
struct JitterBuffer {
    /// Most packets; the caller keeps sequence numbers within this distance of `next`.
    static let limit = 1024

    /// The sequence number that is to be let go next.
    private(set) var next: Int64
    /// How many wait.
    private(set) var count = 0
    /// Ring, indexed by the lowest bits of the sequence number; it grows as needed, to powers of 2.
    private var slots: [BufferedPacket?] = []

    init(next: Int64) {
        self.next = next
    }

    /// Counts a packet as let go that didn't have to wait, or as given up.
    mutating func advance() {
        next += 1
    }

    /// Keeps a packet, `sequence` being `next` or at most 1023 more, and not kept yet.
    mutating func insert(_ packet: BufferedPacket, _ sequence: Int64) {
        grow(to: Int(sequence - next) + 1)
        let slot = index(sequence)
        if slots[slot] == nil { count += 1 }
        slots[slot] = packet
    }

    /// Lets the packet at `next` go, if it is there.
    mutating func pop() -> BufferedPacket? {
        guard count > 0 else { return nil }
        let slot = index(next)
        guard let packet = slots[slot] else { return nil }
        slots[slot] = nil
        count -= 1
        next += 1
        return packet
    }

    private func index(_ sequence: Int64) -> Int { Int(truncatingIfNeeded: sequence) & (slots.count - 1) }

    private mutating func grow(to needed: Int) {
        guard needed > slots.count else { return }
        var size = max(64, slots.count)
        while size < needed { size *= 2 }
        let old = slots
        slots = [BufferedPacket?](repeating: nil, count: size)
        // All that wait are within the old ring's length of `next`.
        for offset in 0..<Int64(old.count) {
            let sequence = next + offset
            slots[index(sequence)] = old[Int(truncatingIfNeeded: sequence) & (old.count - 1)]
        }
    }
}
