/// Takes Opus packets out of RTP payloads (RFC 7587): each payload is one.
///
/// A pause of the sender (DTX) only makes the timestamps jump. What is lost may be in the next packet once more (in-band
/// FEC): `followsLoss` tells the decoder to look there.
public struct OpusDepacketizer: Sendable {
    /// False: a decoder of sound can begin anywhere.
    public var needsKeyframe: Bool { false }
    /// Packets that are no Opus.
    public private(set) var framesDropped = 0
    /// The same.
    public var packetsIgnored: Int { framesDropped }
    /// Length of the last packet in samples at 48 kHz, the clock of the timestamps; 0 before the first.
    public private(set) var lastSampleCount = 0

    private var hasPassed = false
    private var hasLost = false

    /// One that has seen nothing.
    public init() {}

    /// Takes the next packet, and appends to `frames` what it holds: one, or none if it is empty or malformed.
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
        if followsGap { hasLost = true }
        // Only padding.
        guard !payload.isEmpty else { return }
        guard let packet = OpusPacket(payload) else {
            framesDropped &+= 1
            hasLost = true
            return
        }
        lastSampleCount = packet.sampleCount
        frames.append(
            AssembledFrame(
                timestamp: timestamp, isKeyframe: true, followsLoss: hasLost && hasPassed, data: Array(payload)))
        (hasLost, hasPassed) = (false, true)
    }
}
