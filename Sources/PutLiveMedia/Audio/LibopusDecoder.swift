import COpus

/// Opus packets to samples, by libopus. It takes three times as long as libavcodec's decoder, but makes something of a
/// loss.
final class LibopusDecoder {
    /// Samples of the longest packet, and of the longest loss that it makes something of: 120 ms.
    static let longest = AudioClock.rate * 120 / 1000

    private let decoder: OpaquePointer
    private let channels: Int
    private var interleaved: [Float]
    private var left = [Float](repeating: 0, count: longest)
    private var right = [Float](repeating: 0, count: longest)

    /// With 1 or 2 channels, whatever the packets have.
    init(channels: Int) throws(MediaError) {
        guard let decoder = opus_decoder_create(Int32(AudioClock.rate), Int32(channels), nil) else {
            throw MediaError(.codec, "can't get memory for libopus")
        }
        self.decoder = decoder
        self.channels = channels
        interleaved = [Float](repeating: 0, count: Self.longest * channels)
    }

    deinit { opus_decoder_destroy(decoder) }

    /// Decodes a packet and returns the count of its samples.
    func decode(_ packet: [UInt8]) throws(MediaError) -> Int {
        try run(packet, room: Self.longest, lost: false)
    }

    /// Makes up for `count` samples that were lost right before a packet: the last of them from the packet's copy of
    /// what came before it, as far as it has one, the others by going on with what was heard. It doesn't decode the
    /// packet.
    ///
    /// - Parameter count: a multiple of 2.5 ms, at most `longest`.
    func recover(_ count: Int, before packet: [UInt8]) throws(MediaError) {
        _ = try run(packet, room: count, lost: true)
    }

    private func run(_ packet: [UInt8], room: Int, lost: Bool) throws(MediaError) -> Int {
        // To libopus, no bytes are a loss.
        let count =
            packet.isEmpty
            ? OPUS_INVALID_PACKET
            : opus_decode_float(
                decoder, packet, Int32(clamping: packet.count), &interleaved, Int32(room), lost ? 1 : 0)
        guard count > 0 else {
            throw MediaError(.malformed, "can't decode Opus: \(String(cString: opus_strerror(count)))")
        }
        for index in 0..<Int(count) {
            left[index] = interleaved[index * channels]
            right[index] = interleaved[index * channels + channels - 1]
        }
        return Int(count)
    }

    /// Turns what was decoded last into something else, gradually, from the first sample to the last.
    func fade(to newLeft: UnsafeBufferPointer<Float>, _ newRight: UnsafeBufferPointer<Float>) {
        for index in 0..<min(newLeft.count, newRight.count, Self.longest) {
            let share = Float(index + 1) / Float(newLeft.count)
            left[index] += (newLeft[index] - left[index]) * share
            right[index] += (newRight[index] - right[index]) * share
        }
    }

    /// Lends the first samples of what was decoded last: left, right, and the same if there is one channel.
    func lend(
        _ count: Int, to body: (UnsafeBufferPointer<Float>, UnsafeBufferPointer<Float>) throws(MediaError) -> Void
    ) throws(MediaError) {
        try left.withUnsafeBufferPointer { left throws(MediaError) in
            try right.withUnsafeBufferPointer { right throws(MediaError) in
                try body(
                    UnsafeBufferPointer(rebasing: left.prefix(count)),
                    UnsafeBufferPointer(rebasing: right.prefix(count)))
            }
        }
    }
}
