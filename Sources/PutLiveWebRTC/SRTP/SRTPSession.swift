import CLibSRTP

/// Why a packet can't be taken.
public enum SRTPFailure: Error, Sendable, Equatable {
    /// It isn't the peer's, or it was changed on its way.
    case authentication
    /// It came before, or is too old to tell (RFC 3711, section 3.3.2).
    case replay
    /// It isn't SRTP, or of a source too many.
    case malformed
}

/// libsrtp couldn't be set up; its number for why.
public struct SRTPSetupError: Error, Sendable, Equatable {
    /// An `srtp_err_status_t`.
    public let status: UInt32
}

/// One direction of one peer in libsrtp. Not Sendable: one event loop owns it.
final class SRTPSession {
    /// How many packets old one may be and still be told from a replay: 3 s of 720p.
    private static let window: UInt = 1024
    let pointer: srtp_t

    init(_ keys: SRTPKeys, inbound: Bool) throws(SRTPSetupError) {
        guard Self.isReady else { throw SRTPSetupError(status: srtp_err_status_init_fail.rawValue) }
        var policy = srtp_policy_t()
        srtp_crypto_policy_set_from_profile_for_rtp(&policy.rtp, keys.profile.libSRTP)
        srtp_crypto_policy_set_from_profile_for_rtcp(&policy.rtcp, keys.profile.libSRTP)
        policy.ssrc.type = inbound ? ssrc_any_inbound : ssrc_any_outbound
        policy.window_size = Self.window
        var session: srtp_t?
        let status = keys.withKey(inbound: inbound) { key in
            policy.key = key.baseAddress
            return srtp_create(&session, &policy)
        }
        guard status == srtp_err_status_ok, let session else { throw SRTPSetupError(status: status.rawValue) }
        pointer = session
    }

    deinit { srtp_dealloc(pointer) }

    private static let isReady = srtp_init() == srtp_err_status_ok
}
