import COpenSSL

/// What all handshakes of a process have in common: our certificate, and what we agree to.
///
/// The SSL_CTX isn't changed after `init`, and OpenSSL counts references to it atomically, so handshakes on several
/// threads may share it: hence @unchecked Sendable.
public final class DTLSContext: @unchecked Sendable {
    let pointer: OpaquePointer

    /// DTLS 1.2 alone, with ephemeral keys and authenticated encryption (RFC 8827, section 6.5).
    ///
    /// - Throws: `CertificateError` if OpenSSL doesn't take the certificate.
    public convenience init(certificate: Certificate) throws(CertificateError) {
        try self.init(certificate: certificate, profiles: SRTPProfile.allCases)
    }

    /// - Parameter profiles: For SRTP, the preferred one first.
    init(certificate: Certificate, profiles: [SRTPProfile]) throws(CertificateError) {
        guard let context = SSL_CTX_new(DTLS_method()) else { throw .openSSL("SSL_CTX_new") }
        pointer = context
        guard SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION),
            SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION),
            SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1,
            SSL_CTX_use_certificate(context, certificate.x509) == 1,
            SSL_CTX_use_PrivateKey(context, certificate.key) == 1,
            // This one answers 0 for success.
            SSL_CTX_set_tlsext_use_srtp(context, profiles.map(\.name).joined(separator: ":")) == 0
        else { throw .openSSL("DTLS context") }
        SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION)
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF)
        // A session is quiet after its handshake: its buffers needn't stay.
        SSL_CTX_set_mode(context, UInt32(SSL_MODE_RELEASE_BUFFERS))
        // Any certificate at all, for all are self-signed: its fingerprint is compared after the handshake.
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT) { _, _ in 1 }
    }

    deinit { SSL_CTX_free(pointer) }
}
