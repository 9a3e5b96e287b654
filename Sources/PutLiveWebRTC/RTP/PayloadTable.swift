/// What a track's payload types mean.
struct PayloadTable {
    /// The meaning of one.
    struct Use {
        var codec: PayloadCodec
        /// Its packets are sent again, and wrapped (RFC 4588, section 4).
        var isRetransmission: Bool
    }

    /// By payload type.
    private var uses = [Use?](repeating: nil, count: 128)

    init(_ payloads: [NegotiatedPayload]) {
        for payload in payloads {
            uses[Int(payload.payloadType & 0x7F)] = Use(codec: payload.codec, isRetransmission: false)
            if let retransmission = payload.rtxPayloadType {
                uses[Int(retransmission & 0x7F)] = Use(codec: payload.codec, isRetransmission: true)
            }
        }
    }

    /// Nil for one that wasn't agreed on.
    subscript(_ payloadType: UInt8) -> Use? { uses[Int(payloadType & 0x7F)] }
}
