/// Puts VP8 frames together from RTP payloads (RFC 7741).
///
/// What it hands out decodes without errors: a frame that misses a part is dropped, and so is every one after it up to
/// the next keyframe.
public struct VP8Depacketizer: Sendable {
    static let maximumBytes = 4 << 20

    private struct Frame: Sendable {
        var timestamp: UInt32
        var descriptor: VP8Descriptor
        var isDamaged: Bool
        var data: [UInt8] = []
    }

    /// True until the first keyframe, and after a loss until the next one.
    public var needsKeyframe: Bool { gate.needsKeyframe }
    /// Frames that came at least in part and were not handed out.
    public var framesDropped: Int { gate.framesDropped }
    /// Packets with a payload that isn't understood.
    public private(set) var packetsIgnored = 0

    private var gate = KeyframeGate()
    private var frame: Frame?
    /// Of the last frame that was whole.
    private var lastWhole: VP8Descriptor?
    private var followsGap = false
    private var expectedBytes = 4096

    /// One that has seen nothing.
    public init() {}

    /// Takes the next packet, and appends to `frames` those that it completes: none, one or two.
    ///
    /// - Parameters:
    ///   - payload: What follows the RTP header, padding taken off; empty if the packet was only padding. Packets come in
    ///     the order of their sequence numbers, once each.
    ///   - marker: The header's marker bit: with video, the last packet of a frame.
    ///   - followsGap: Packets just before it are lost for good.
    public mutating func receive(
        _ payload: UnsafeRawBufferPointer, timestamp: UInt32, marker: Bool, followsGap: Bool,
        into frames: inout [AssembledFrame]
    ) {
        if followsGap {
            damage()
            self.followsGap = true
        }
        // Only padding: it has the timestamp of a frame that may be complete, and begins none.
        guard !payload.isEmpty else { return }
        guard let descriptor = VP8Descriptor(payload), descriptor.count < payload.count else {
            packetsIgnored &+= 1
            damage()
            // It may have been a frame of its own.
            gate.lose()
            lastWhole = nil
            if marker { finish(into: &frames) }
            return
        }
        if let open = frame, open.timestamp != timestamp || descriptor.beginsFrame { finish(into: &frames) }
        if self.followsGap {
            self.followsGap = false
            // Where the picture numbers have no gap, only padding is lost.
            let lostNothing = descriptor.beginsFrame && lastWhole.map { descriptor.isNext(after: $0) } ?? false
            if !lostNothing { gate.lose() }
        }
        append(UnsafeRawBufferPointer(rebasing: payload[descriptor.count...]), of: descriptor, timestamp: timestamp)
        if marker { finish(into: &frames) }
    }

    private mutating func damage() {
        frame?.isDamaged = true
        frame?.data = []
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer, of descriptor: VP8Descriptor, timestamp: UInt32) {
        if frame == nil {
            frame = Frame(timestamp: timestamp, descriptor: descriptor, isDamaged: !descriptor.beginsFrame)
            frame?.data.reserveCapacity(expectedBytes)
        }
        guard frame?.isDamaged == false else { return }
        if let count = frame?.data.count, count + bytes.count > Self.maximumBytes { return damage() }
        frame?.data.append(contentsOf: bytes)
    }

    private mutating func finish(into frames: inout [AssembledFrame]) {
        guard let done = frame else { return }
        frame = nil
        // RFC 6386 section 9.1: the lowest bit of the first byte is 0 in a keyframe, which then has a start code.
        let isKeyframe = done.data.first.map { $0 & 1 == 0 } ?? false
        let hasStartCode = done.data.count >= 10 && done.data[3] == 0x9D && done.data[4] == 0x01 && done.data[5] == 0x2A
        guard !done.isDamaged, hasStartCode || !isKeyframe else {
            lastWhole = nil
            return gate.drop()
        }
        lastWhole = done.descriptor
        expectedBytes = min((expectedBytes * 7 + done.data.count) / 8, 1 << 16)
        let whole = gate.pass(timestamp: done.timestamp, isKeyframe: isKeyframe, data: done.data)
        if let whole { frames.append(whole) }
    }
}
