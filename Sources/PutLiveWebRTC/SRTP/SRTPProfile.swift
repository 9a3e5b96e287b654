import CLibSRTP

/// How media is encrypted and authenticated (RFC 5764, section 4.1.2; RFC 7714, section 14.2). The first is preferred: with
/// the CPU's help it is the cheaper one.
public enum SRTPProfile: UInt16, Sendable, CaseIterable {
    /// AEAD_AES_128_GCM
    case aeadAES128GCM = 0x0007
    /// AES128_CM_SHA1_80, which everybody has.
    case aes128CMSHA180 = 0x0001

    /// OpenSSL's name.
    var name: String {
        switch self {
        case .aeadAES128GCM: "SRTP_AEAD_AES_128_GCM"
        case .aes128CMSHA180: "SRTP_AES128_CM_SHA1_80"
        }
    }

    var keyLength: Int { 16 }

    var saltLength: Int { self == .aeadAES128GCM ? 12 : 14 }

    /// libsrtp has the numbers of the RFC.
    var libSRTP: srtp_profile_t { srtp_profile_t(rawValue: UInt32(rawValue)) }
}
