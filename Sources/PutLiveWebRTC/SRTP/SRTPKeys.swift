import COpenSSL

/// The master keys and salts of both directions, as DTLS made them (RFC 5764, section 4.2). The memory is wiped at the end.
public final class SRTPKeys {
    /// Agreed on.
    public let profile: SRTPProfile
    /// Key and salt of what we send.
    private var local: [UInt8]
    /// Key and salt of what the peer sends.
    private var remote: [UInt8]

    /// Of both directions, each the key and after it the salt; nil if one hasn't the profile's length.
    public init?(profile: SRTPProfile, local: [UInt8], remote: [UInt8]) {
        let length = profile.keyLength + profile.saltLength
        guard local.count == length, remote.count == length else { return nil }
        self.profile = profile
        self.local = local
        self.remote = remote
    }

    /// Of a handshake that is through; nil if no profile was agreed on.
    init?(_ ssl: OpaquePointer) {
        guard let number = SSL_get_selected_srtp_profile(ssl).map({ $0.pointee.id }),
            let profile = UInt16(exactly: number).flatMap(SRTPProfile.init)
        else { return nil }
        let (key, salt) = (profile.keyLength, profile.saltLength)
        let label = "EXTRACTOR-dtls_srtp"
        var material = [UInt8](repeating: 0, count: 2 * (key + salt))
        defer { Self.wipe(&material) }
        guard SSL_export_keying_material(ssl, &material, material.count, label, label.utf8.count, nil, 0, 0) == 1 else {
            return nil
        }
        // The client's key, the server's key, the client's salt, the server's salt.
        let client = Array(material[..<key] + material[2 * key..<2 * key + salt])
        let server = Array(material[key..<2 * key] + material[(2 * key + salt)...])
        let isServer = SSL_is_server(ssl) == 1
        self.profile = profile
        local = isServer ? server : client
        remote = isServer ? client : server
    }

    deinit {
        Self.wipe(&local)
        Self.wipe(&remote)
    }

    /// Lends the key and salt of one direction.
    func withKey<Result>(
        inbound: Bool, _ body: (UnsafeMutableBufferPointer<UInt8>) -> Result
    ) -> Result {
        inbound ? remote.withUnsafeMutableBufferPointer { body($0) } : local.withUnsafeMutableBufferPointer { body($0) }
    }

    private static func wipe(_ secret: inout [UInt8]) {
        secret.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
    }
}
