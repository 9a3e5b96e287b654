/// Opus packets to samples, by two decoders: libavcodec's, which is quick, and libopus around losses, which can make up
/// for them.
///
/// A browser that is told of losses puts a coarse copy of each packet into the next one (in-band FEC: RFC 6716, section
/// 2.1.7; RFC 7587, section 3.3). So libopus takes over where a packet is lost, and where packets hold copies. It
/// listens to the packets before to know where the voice was, and goes on for 60 ms more: a decoder that knows nothing
/// of a packet turns the next two into something else as well. While nothing is lost, there is no libopus.
///
/// Measured with speech of 32 kbit/s, one packet lost, as signal to error: in its place 18 dB by its copy, 6 dB without
/// one, -1 dB as the mirrored sound of `Concealer`; in the packet thereafter 19 dB in place of 2 dB.
final class OpusDecoder {
    /// Packets that a new libopus listens to: beyond five, one more changes nothing.
    private static let preparation = 5
    /// Samples until a decoder that has missed something is itself again.
    private static let aftermath = AudioClock.rate * 60 / 1000

    private let channels: Int
    private let libav: LibavOpusDecoder
    private var libopus: LibopusDecoder?
    /// Samples for which libopus is still needed.
    private var remaining = 0
    /// The last packets, without a gap between them.
    private var recent: [[UInt8]] = []
    /// Samples of the last packet; 0 before the first.
    private var lastLength = 0

    /// With 1 or 2 channels, whatever the packets have: one is heard on both, two are mixed (RFC 7587, section 3.4).
    init(channels: Int) throws(MediaError) {
        self.channels = channels
        libav = try LibavOpusDecoder(channels: channels)
    }

    /// libopus is at work.
    var isRecovering: Bool { libopus != nil }

    /// Decodes a packet and lends the samples to `body`: left, right, both of one length, and the same if there is
    /// one channel. No call for a packet of which nothing comes.
    func decode(
        _ packet: [UInt8], _ body: (UnsafeBufferPointer<Float>, UnsafeBufferPointer<Float>) throws(MediaError) -> Void
    ) throws(MediaError) {
        guard !OpusCopies.exist(in: packet) else {
            let libopus = try prepared()
            let count = try libopus.decode(packet)
            remaining = Self.aftermath
            remember(packet, count)
            return try libopus.lend(count, to: body)
        }
        try libav.decode(packet) { left, right throws(MediaError) in
            let better = follow(packet, left, right)
            remember(packet, left.count)
            if let better { try better.lend(left.count, to: body) } else { try body(left, right) }
        }
    }

    /// Lends samples for what was lost right before a packet; no call if it is too much, or nothing is known of what
    /// came before. `decode` the packet thereafter.
    ///
    /// - Parameter missing: samples between the packet before and this one, by the broadcaster's timeline.
    func recover(
        _ missing: Int, before packet: [UInt8],
        _ body: (UnsafeBufferPointer<Float>, UnsafeBufferPointer<Float>) throws(MediaError) -> Void
    ) throws(MediaError) {
        let length = min(lastLength, OpusCopies.length(of: packet))
        guard length > 0 else { return }
        // Whole packets are lost; the timeline is moved a little at times.
        let count = (max(0, missing) + length / 2) / length * length
        guard (1...LibopusDecoder.longest).contains(count) else { return forget() }
        let libopus = try prepared()
        try libopus.recover(count, before: packet)
        remaining = Self.aftermath
        // What comes before a loss is no preparation for another one.
        recent.removeAll(keepingCapacity: true)
        try libopus.lend(count, to: body)
    }

    /// What comes next has nothing to do with what came before.
    func forget() {
        libopus = nil
        lastLength = 0
        recent.removeAll(keepingCapacity: true)
    }

    /// libopus with what it makes of a packet, while it is needed; in the end it turns into what libavcodec makes of
    /// it.
    private func follow(
        _ packet: [UInt8], _ left: UnsafeBufferPointer<Float>, _ right: UnsafeBufferPointer<Float>
    ) -> LibopusDecoder? {
        guard let libopus else { return nil }
        remaining -= left.count
        if remaining <= 0 { self.libopus = nil }
        guard (try? libopus.decode(packet)) == left.count else { return nil }
        if remaining <= 0 { libopus.fade(to: left, right) }
        return libopus
    }

    private func prepared() throws(MediaError) -> LibopusDecoder {
        if let libopus { return libopus }
        let new = try LibopusDecoder(channels: channels)
        for packet in recent { _ = try? new.decode(packet) }
        libopus = new
        return new
    }

    private func remember(_ packet: [UInt8], _ length: Int) {
        if recent.count == Self.preparation { recent.removeFirst() }
        recent.append(packet)
        lastLength = length
    }
}
