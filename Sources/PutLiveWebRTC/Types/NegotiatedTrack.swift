/// Sound or picture.
public enum MediaKind: String, Sendable, CaseIterable {
    // The names of SDP.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    case audio, video
}

/// What a payload type carries.
public enum PayloadCodec: String, Sendable {
    // The codecs' own names.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    case h264, vp8, opus

    /// Ticks of its RTP clock a second.
    public var clockRate: Int { self == .opus ? 48_000 : 90_000 }
}

/// A payload type that offer and answer agree on.
public struct NegotiatedPayload: Sendable, Equatable {
    /// In RTP, 0 to 127.
    public var payloadType: UInt8
    /// What it carries.
    public var codec: PayloadCodec
    /// The payload type of its retransmissions (RFC 4588); nil for none.
    public var rtxPayloadType: UInt8?
    /// H.264: the parameter sets (NAL units) that the offer named, which may come in no packet.
    public var parameterSets: [[UInt8]]

    /// All fields.
    public init(
        payloadType: UInt8, codec: PayloadCodec, rtxPayloadType: UInt8? = nil, parameterSets: [[UInt8]] = []
    ) {
        self.payloadType = payloadType
        self.codec = codec
        self.rtxPayloadType = rtxPayloadType
        self.parameterSets = parameterSets
    }
}

/// A media section that was accepted.
public struct NegotiatedTrack: Sendable, Equatable {
    /// The media section's `a=mid`.
    public var mid: String
    /// Sound or picture.
    public var kind: MediaKind
    /// What the peer may send, at least one; it may change among them.
    public var payloads: [NegotiatedPayload]
    /// The SSRC that the offer named; nil if it named none, and the first packet tells.
    public var ssrc: UInt32?
    /// The SSRC of its retransmissions, from `a=ssrc-group:FID`.
    public var rtxSSRC: UInt32?
    /// Both sides agreed on generic NACK.
    public var usesNACK: Bool
    /// Both sides agreed on Picture Loss Indication.
    public var usesPLI: Bool
    /// Both sides agreed on transport-wide congestion control feedback.
    public var usesTransportCC: Bool
    /// Both sides agreed on `goog-remb`.
    public var usesREMB: Bool
    /// Sound in two channels is to be expected (RFC 7587, section 6.1); else one is.
    public var isStereo: Bool

    /// All fields.
    public init(
        mid: String, kind: MediaKind, payloads: [NegotiatedPayload], ssrc: UInt32? = nil, rtxSSRC: UInt32? = nil,
        usesNACK: Bool = false, usesPLI: Bool = false, usesTransportCC: Bool = false, usesREMB: Bool = false,
        isStereo: Bool = false
    ) {
        self.mid = mid
        self.kind = kind
        self.payloads = payloads
        self.ssrc = ssrc
        self.rtxSSRC = rtxSSRC
        self.usesNACK = usesNACK
        self.usesPLI = usesPLI
        self.usesTransportCC = usesTransportCC
        self.usesREMB = usesREMB
        self.isStereo = isStereo
    }
}

/// The numbers that offer and answer gave to RTP header extensions (RFC 8285); nil for those not used.
public struct HeaderExtensionIDs: Sendable, Equatable {
    /// `urn:ietf:params:rtp-hdrext:sdes:mid`
    public var mid: UInt8?
    /// `http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01`
    public var transportCC: UInt8?

    /// None, unless told.
    public init(mid: UInt8? = nil, transportCC: UInt8? = nil) {
        self.mid = mid
        self.transportCC = transportCC
    }
}
