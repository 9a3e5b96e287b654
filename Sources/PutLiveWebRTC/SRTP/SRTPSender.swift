import CLibSRTP

/// Encrypts what we send (RFC 3711). Not Sendable: one event loop owns it.
public final class SRTPSender {
    private let session: SRTPSession
    /// What may come behind a packet: SRTP_MAX_TRAILER_LEN, and the index of SRTCP.
    private static let trailer = 16 + 128 + 4

    /// With the keys of a handshake.
    public init(_ keys: SRTPKeys) throws(SRTPSetupError) {
        session = try SRTPSession(keys, inbound: false)
    }

    /// Encrypts an RTCP packet; nil if it is none.
    public func protectRTCP(_ packet: [UInt8]) -> [UInt8]? {
        guard packet.count >= 8 else { return nil }
        return protect(packet, srtp_protect_rtcp)
    }

    /// Encrypts an RTP packet; nil if it is none, or comes a second time.
    public func protectRTP(_ packet: [UInt8]) -> [UInt8]? {
        guard packet.count >= 12 else { return nil }
        return protect(packet, srtp_protect)
    }

    private func protect(
        _ packet: [UInt8],
        _ body: (srtp_t?, UnsafeMutableRawPointer?, UnsafeMutablePointer<Int32>?) -> srtp_err_status_t
    ) -> [UInt8]? {
        // Longer ones don't go through a socket anyway.
        guard packet.count <= 65_535 else { return nil }
        var isGood = false
        let bytes = [UInt8](unsafeUninitializedCapacity: packet.count + Self.trailer) { buffer, count in
            _ = buffer.update(fromContentsOf: packet)
            var length = Int32(packet.count)
            isGood = body(session.pointer, buffer.baseAddress, &length) == srtp_err_status_ok
            count = isGood ? Int(length) : 0
        }
        return isGood ? bytes : nil
    }
}
