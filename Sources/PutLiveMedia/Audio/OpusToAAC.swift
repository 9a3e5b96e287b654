/// Turns a broadcaster's Opus into AAC whose times follow the broadcaster's timeline: lost packets, silence that isn't sent
/// (DTX) and drifting clocks leave neither a hole nor a shift.
public final class OpusToAAC {
    /// What comes out.
    public var format: AudioFormat { encoder.format }
    /// Packets that couldn't be decoded.
    public private(set) var malformedPackets = 0

    private let decoder: OpusDecoder
    private let encoder: AACEncoder
    private var clock = AudioClock()
    private var concealer = Concealer()
    /// The last packet couldn't be decoded.
    private var followsDamage = false
    /// Samples in the encoder's frame so far, and where the first of them is.
    private var filled = 0
    private var frameStart: Int64 = 0
    private var lastDecodeTime = Int64.min
    /// Where the picture is, and where it was when sound came last; microseconds.
    private var picture: Int64?
    private var pictureAtSound: Int64?

    /// Longer than sound lags behind the picture, or is left out by DTX; and what it may lag thereafter. Microseconds.
    private static let longestWait: Int64 = 600_000
    private static let lag: Int64 = 400_000

    /// With 1 or 2 channels; the bit rate is that of two, one takes half of it. Fails when libavcodec lacks a codec or
    /// memory ends.
    public init(bitRate: Int = 128_000, channels: Int = 2) throws(MediaError) {
        let channels = min(max(channels, 1), 2)
        decoder = try OpusDecoder(channels: channels)
        encoder = try AACEncoder(bitRate: bitRate, channels: channels)
    }

    /// Takes a packet of Opus and appends what AAC is ready; it comes some 40 ms later than its Opus. Where the packet
    /// follows a loss, what was lost is made up for. A packet that can't be decoded counts as lost.
    public func encode(_ frame: MediaFrame, into packets: inout [EncodedPacket]) throws(MediaError) {
        var time = frame.presentationTime
        let first = packets.count
        do throws(MediaError) {
            // Any other gap is a pause of the broadcaster (DTX).
            if frame.followsLoss || followsDamage { try recover(before: frame, &packets) }
            try decoder.decode(frame.data) { left, right throws(MediaError) in
                try place(left, right, presentationTime: time, &packets)
                time += AudioClock.microseconds(ofSamples: Int64(left.count))
            }
            followsDamage = false
            pictureAtSound = picture
        } catch  where error.kind == .malformed {
            malformedPackets += 1
            followsDamage = true
        }
        keepRising(&packets, from: first)
    }

    /// Puts what can be made of a loss where the lost packets would have been.
    private func recover(before frame: MediaFrame, _ packets: inout [EncodedPacket]) throws(MediaError) {
        let missing = clock.missing(before: frame.presentationTime)
        try decoder.recover(missing, before: frame.data) { left, right throws(MediaError) in
            let length = AudioClock.microseconds(ofSamples: Int64(left.count))
            try place(left, right, presentationTime: frame.presentationTime - length, &packets)
        }
    }

    /// No sound has come yet, and the picture doesn't wait: it begins as silence at a time, which `catchUp` goes on with, until
    /// sound comes. Nothing happens if sound has come.
    public func begin(at presentationTime: Int64) {
        guard clock.position == nil else { return }
        clock.begin(at: presentationTime)
        frameStart = AudioClock.samples(ofMicroseconds: presentationTime)
    }

    /// Takes in that the picture is at a time already: when the sound is far behind, because the broadcaster sends none now,
    /// it goes on as silence. A player would wait for it for ever. After a pause of both it begins with the picture. To be
    /// called before the picture is written: what is left of the sound from before the pause belongs before it.
    public func catchUp(to presentationTime: Int64, into packets: inout [EncodedPacket]) throws(MediaError) {
        guard let position = clock.position else { return }
        picture = presentationTime
        // Sound that still comes is only late: silence in its place would leave no room for it.
        let isSilent = pictureAtSound.map { presentationTime - $0 > Self.longestWait } ?? true
        let isBehind = presentationTime - AudioClock.microseconds(ofSamples: position) > Self.longestWait
        guard isSilent, isBehind, let placement = clock.fill(to: presentationTime, lag: Self.lag) else { return }
        let first = packets.count
        // What comes next rises out of silence.
        concealer = Concealer()
        decoder.forget()
        if placement.isRestart { try jump(to: placement.start, &packets) }
        try silence(placement.gap, &packets)
        keepRising(&packets, from: first)
    }

    /// Appends what is left. Nothing can be encoded after it.
    public func finish(into packets: inout [EncodedPacket]) throws(MediaError) {
        let first = packets.count
        if filled > 0 { try silence(AACEncoder.frameSize - filled, &packets) }
        try encoder.finish(into: &packets)
        keepRising(&packets, from: first)
    }

    private func place(
        _ left: UnsafeBufferPointer<Float>, _ right: UnsafeBufferPointer<Float>, presentationTime: Int64,
        _ packets: inout [EncodedPacket]
    ) throws(MediaError) {
        let isFirst = clock.position == nil
        let placement = clock.place(presentationTime: presentationTime, count: left.count)
        if isFirst {
            frameStart = placement.start
        } else if placement.isRestart {
            try jump(to: placement.start, &packets)
        }
        if placement.gap > 0 {
            let concealed = concealer.conceal(placement.gap)
            try append(count: concealed, &packets) { [concealer] in concealer.sample($0, $1) }
            try silence(placement.gap - concealed, &packets)
        }
        let isAfterGap = placement.isRestart || placement.gap > 0 || placement.skip > 0
        concealer.remember(left, right)
        let kept = left.count - placement.skip
        let count = kept + placement.stretch
        guard kept > 0, count > 0 else { return }
        let source = (
            UnsafeBufferPointer(rebasing: left[placement.skip...]),
            UnsafeBufferPointer(rebasing: right[placement.skip...])
        )
        if placement.stretch == 0 && !isAfterGap {
            try copy(source.0, source.1, &packets)
        } else {
            let resampler = Resampler(from: kept, to: count, fadesIn: isAfterGap)
            try append(count: count, &packets) { channel, index in
                resampler.sample(index, of: channel == 0 ? source.0 : source.1)
            }
        }
    }

    /// Goes on at a time, in samples, that is more than `held` later than all before.
    ///
    /// The silence before it pushes out what the encoder holds back. That would else come after pictures of the later
    /// time, and in HLS begin the segment that comes after the pause.
    private func jump(to start: Int64, _ packets: inout [EncodedPacket]) throws(MediaError) {
        if filled > 0 { try silence(AACEncoder.frameSize - filled, &packets) }
        frameStart = start - Int64(AACEncoder.held)
        try silence(AACEncoder.held, &packets)
    }

    /// The way of nearly every packet.
    private func copy(
        _ left: UnsafeBufferPointer<Float>, _ right: UnsafeBufferPointer<Float>, _ packets: inout [EncodedPacket]
    ) throws(MediaError) {
        var done = 0
        while done < left.count {
            let part = min(left.count - done, AACEncoder.frameSize - filled)
            try encoder.withSamples { toLeft, toRight in
                _ = UnsafeMutableBufferPointer(rebasing: toLeft[filled...]).update(
                    fromContentsOf: left[done..<done + part])
                _ = UnsafeMutableBufferPointer(rebasing: toRight[filled...])
                    .update(fromContentsOf: right[done..<done + part])
            }
            done += part
            try advance(part, &packets)
        }
    }

    private func append(
        count: Int, _ packets: inout [EncodedPacket], sample: (_ channel: Int, _ index: Int) -> Float
    ) throws(MediaError) {
        var done = 0
        while done < count {
            let part = min(count - done, AACEncoder.frameSize - filled)
            try encoder.withSamples { left, right in
                for offset in 0..<part {
                    left[filled + offset] = sample(0, done + offset)
                    right[filled + offset] = sample(1, done + offset)
                }
            }
            done += part
            try advance(part, &packets)
        }
    }

    private func silence(_ count: Int, _ packets: inout [EncodedPacket]) throws(MediaError) {
        try append(count: count, &packets) { _, _ in 0 }
    }

    private func advance(_ count: Int, _ packets: inout [EncodedPacket]) throws(MediaError) {
        filled += count
        guard filled == AACEncoder.frameSize else { return }
        try encoder.encode(start: frameStart, into: &packets)
        frameStart += Int64(filled)
        filled = 0
    }

    /// A frame that was filled up with silence before a jump ends up to 21 ms late, never more than the jump itself; this
    /// makes sure of what outputs rely on.
    private func keepRising(_ packets: inout [EncodedPacket], from first: Int) {
        var index = first
        while index < packets.count {
            if packets[index].decodeTime > lastDecodeTime {
                lastDecodeTime = packets[index].decodeTime
                index += 1
            } else {
                packets.remove(at: index)
            }
        }
    }
}
