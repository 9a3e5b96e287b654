import CLibSRTP

/// Decrypts what a peer sends (RFC 3711). Not Sendable: one event loop owns it.
public final class SRTPReceiver {
    private let session: SRTPSession
    /// Sources that were heard. libsrtp keeps state for each, so there must be an end; a browser has four.
    private var sources: [UInt32] = []
    private static let mostSources = 64

    /// With the keys of a handshake.
    public init(_ keys: SRTPKeys) throws(SRTPSetupError) {
        session = try SRTPSession(keys, inbound: true)
    }

    /// Decrypts an RTP packet in place.
    ///
    /// - Returns: How many bytes of it are left.
    public func unprotectRTP(_ packet: UnsafeMutableRawBufferPointer) -> Result<Int, SRTPFailure> {
        // The shortest header (RFC 3550, section 5.1).
        guard packet.count >= 12 else { return .failure(.malformed) }
        return unprotect(packet, sourceAt: 8, srtp_unprotect)
    }

    /// Decrypts an RTCP packet in place.
    ///
    /// - Returns: How many bytes of it are left.
    public func unprotectRTCP(_ packet: UnsafeMutableRawBufferPointer) -> Result<Int, SRTPFailure> {
        // The shortest report, and the index (RFC 3711, section 3.4).
        guard packet.count >= 12 else { return .failure(.malformed) }
        return unprotect(packet, sourceAt: 4, srtp_unprotect_rtcp)
    }

    @inline(__always)
    private func unprotect(
        _ packet: UnsafeMutableRawBufferPointer, sourceAt offset: Int,
        _ body: (srtp_t?, UnsafeMutableRawPointer?, UnsafeMutablePointer<Int32>?) -> srtp_err_status_t
    ) -> Result<Int, SRTPFailure> {
        let source = packet.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
        let isKnown = sources.contains(source)
        guard isKnown || sources.count < Self.mostSources, var count = Int32(exactly: packet.count) else {
            return .failure(.malformed)
        }
        switch body(session.pointer, packet.baseAddress, &count) {
        case srtp_err_status_ok:
            if !isKnown { sources.append(source) }
            return .success(Int(count))
        case srtp_err_status_auth_fail: return .failure(.authentication)
        case srtp_err_status_replay_fail, srtp_err_status_replay_old: return .failure(.replay)
        default: return .failure(.malformed)
        }
    }
}
