/// Puts what there is to say into compound packets. Each begins with a receiver report and the CNAME, as RFC 3550,
/// section 6.1 asks; what is said at about the same time shares one.
struct RTCPWriter {
    /// Most bytes of a compound packet, so that with SRTCP's trailer it fits any path.
    static let limit = 1200

    private let ssrc: UInt32
    /// The packet of section 6.5, which never changes.
    private let description: [UInt8]
    private var finished: [[UInt8]] = []
    /// Empty until something is to be said.
    private var current: [UInt8] = []

    init(ssrc: UInt32, cname: String) {
        self.ssrc = ssrc
        let name = Array(cname.utf8.prefix(64))
        var chunk: [UInt8] = [1, UInt8(name.count)] + name
        // One zero byte at least ends the list of items, and the chunk ends on 32 bits.
        chunk += [UInt8](repeating: 0, count: 4 - chunk.count % 4)
        var packet: [UInt8] = [0x81, RTCPType.sourceDescription]
        packet.append16(UInt16(1 + chunk.count / 4))
        packet.append32(ssrc)
        description = packet + chunk
    }

    /// The compound packets, which are forgotten here.
    mutating func take() -> [[UInt8]] {
        finish()
        guard !finished.isEmpty else { return [] }
        defer { finished = [] }
        return finished
    }

    private mutating func finish() {
        guard !current.isEmpty else { return }
        finished.append(current)
        current = []
    }

    /// Begins a packet of `length` bytes.
    private mutating func begin(_ count: UInt8, _ type: UInt8, length: Int) {
        if current.count + length > Self.limit { finish() }
        if current.isEmpty {
            current.reserveCapacity(256)
            header(0, RTCPType.receiverReport, length: 8)
            current += description
        }
        header(count, type, length: length)
    }

    private mutating func header(_ count: UInt8, _ type: UInt8, length: Int) {
        current.append(0x80 | count)
        current.append(type)
        current.append16(UInt16(length / 4 - 1))
        current.append32(ssrc)
    }

    // MARK: What is said

    /// RFC 3550, section 6.4.2. At most 31 blocks.
    mutating func receiverReport(_ blocks: [ReceptionReport.Block]) {
        let length = 8 + 24 * blocks.count
        let count = UInt8(blocks.count)
        if current.isEmpty {
            current.reserveCapacity(256)
            header(count, RTCPType.receiverReport, length: length)
            blocks.forEach { append($0) }
            current += description
        } else {
            begin(count, RTCPType.receiverReport, length: length)
            blocks.forEach { append($0) }
        }
    }

    private mutating func append(_ block: ReceptionReport.Block) {
        current.append32(block.ssrc)
        current.append32(UInt32(block.fractionLost) << 24 | UInt32(bitPattern: block.lost) & 0xFF_FFFF)
        current.append32(block.highestSequence)
        current.append32(block.jitter)
        current.append32(block.lastSenderReport)
        current.append32(block.delaySinceSenderReport)
    }

    /// RFC 3611, section 4.4: a time of ours, which the peer sends back, so that we learn of the round trip.
    mutating func referenceTime(_ ntp: UInt64) {
        begin(0, RTCPType.extendedReport, length: 20)
        current += [4, 0, 0, 2]
        current.append32(UInt32(truncatingIfNeeded: ntp >> 32))
        current.append32(UInt32(truncatingIfNeeded: ntp))
    }

    /// RFC 4585, section 6.2.1: asks for packets again, given in order and at least one.
    mutating func nack(media: UInt32, _ sequences: [UInt16]) {
        var fields: [(id: UInt16, following: UInt16)] = []
        for sequence in sequences {
            // A field names one packet, and in a mask any of the 16 after it.
            if let last = fields.last, case let distance = sequence &- last.id, (1...16).contains(distance) {
                fields[fields.count - 1].following |= 1 << (distance - 1)
            } else {
                fields.append((sequence, 0))
            }
        }
        begin(1, RTCPType.transportFeedback, length: 12 + 4 * fields.count)
        current.append32(media)
        for field in fields {
            current.append16(field.id)
            current.append16(field.following)
        }
    }

    /// RFC 4585, section 6.3.1: asks for a keyframe.
    mutating func pictureLossIndication(media: UInt32) {
        begin(1, RTCPType.payloadFeedback, length: 12)
        current.append32(media)
    }

    /// draft-alvestrand-rmcat-remb-03, section 2.2: at most so many bits a second, for these streams together.
    mutating func maximumBitrate(_ bitsPerSecond: Int, for streams: [UInt32]) {
        begin(15, RTCPType.payloadFeedback, length: 20 + 4 * streams.count)
        current.append32(0)
        current += Array("REMB".utf8)
        // 18 bits of mantissa, 6 of exponent.
        var mantissa = UInt64(max(0, bitsPerSecond))
        var exponent: UInt32 = 0
        while mantissa >= 1 << 18 {
            mantissa >>= 1
            exponent += 1
        }
        current.append32(UInt32(streams.count) << 24 | exponent << 18 | UInt32(mantissa))
        streams.forEach { current.append32($0) }
    }

    /// draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1: `content` is what follows the SSRCs.
    mutating func transportFeedback(media: UInt32, _ content: [UInt8]) {
        // Padded to 32 bits; the last byte tells how much (RFC 3550, section 6.4.1).
        let padding = (4 - content.count % 4) % 4
        begin(padding == 0 ? 15 : 0x20 | 15, RTCPType.transportFeedback, length: 12 + content.count + padding)
        current.append32(media)
        current += content
        if padding > 0 { current += [UInt8](repeating: 0, count: padding - 1) + [UInt8(padding)] }
    }
}
