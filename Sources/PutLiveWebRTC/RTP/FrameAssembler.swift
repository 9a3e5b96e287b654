/// A track's depacketizers: one for each codec that was agreed on, for a sender may change among them.
struct FrameAssembler {
    private var h264: H264Depacketizer
    private var vp8 = VP8Depacketizer()
    private var opus = OpusDepacketizer()
    private var codec: PayloadCodec?

    init(_ payloads: [NegotiatedPayload]) {
        // Of payload types that differ in how they are packed; the picture is the same.
        h264 = H264Depacketizer(parameterSets: payloads.first { !$0.parameterSets.isEmpty }?.parameterSets ?? [])
    }

    /// A keyframe is needed before anything else can be shown.
    var needsKeyframe: Bool {
        switch codec {
        case .h264: h264.needsKeyframe
        case .vp8: vp8.needsKeyframe
        case .opus, nil: false
        }
    }

    /// Keyframes come, and the parameter sets to decode them with don't.
    var lacksParameterSets: Bool { codec == .h264 && h264.lacksParameterSets }

    /// Frames that came at least in part and weren't handed out.
    var framesDropped: Int { h264.framesDropped + vp8.framesDropped + opus.framesDropped }

    /// Takes the next packet in order, and appends the frames that it completes.
    mutating func receive(
        _ payload: UnsafeRawBufferPointer, _ codec: PayloadCodec, timestamp: UInt32, marker: Bool, followsGap: Bool,
        into frames: inout [AssembledFrame]
    ) {
        // What the other codec's decoder knows is of no use to this one.
        let followsGap = followsGap || self.codec != nil && self.codec != codec
        self.codec = codec
        switch codec {
        case .h264:
            h264.receive(payload, timestamp: timestamp, marker: marker, followsGap: followsGap, into: &frames)
        case .vp8:
            vp8.receive(payload, timestamp: timestamp, marker: marker, followsGap: followsGap, into: &frames)
        case .opus:
            opus.receive(payload, timestamp: timestamp, marker: marker, followsGap: followsGap, into: &frames)
        }
    }
}
