import COpenSSL

/// Why there is no certificate.
public enum CertificateError: Error, Sendable, Equatable {
    /// OpenSSL couldn't; what it was doing, and its words.
    case openSSL(String)
    /// A text isn't a certificate with its key.
    case malformed
    /// The file can't be read or written: the call that failed, the path, and errno.
    case file(call: String, path: String, errno: Int32)
}

/// A self-signed ECDSA P-256 certificate with its key, by which a browser knows us: its fingerprint stands in our SDP.
///
/// Both objects are only read after `init`, and OpenSSL counts references to them atomically, so threads may share it:
/// hence @unchecked Sendable.
public final class Certificate: @unchecked Sendable {
    /// How long a new one is good for, in seconds: 30 days.
    public static let validity: Int64 = 30 * 86_400
    /// It is renewed when less than this of its validity is left.
    static let renewal = validity / 10
    /// A browser's clock may be late.
    private static let allowance: Int64 = 86_400

    let key: OpaquePointer
    let x509: OpaquePointer

    /// Takes over both references.
    private init(key: OpaquePointer, x509: OpaquePointer) {
        self.key = key
        self.x509 = x509
    }

    deinit {
        X509_free(x509)
        EVP_PKEY_free(key)
    }

    /// A new one.
    ///
    /// - Parameter now: Seconds since 1970.
    public static func make(now: Int64) throws(CertificateError) -> Certificate {
        guard let key = makeKey(), let x509 = X509_new() else { throw failure("key generation") }
        let certificate = Certificate(key: key, x509: x509)
        // The name says nothing of the host (RFC 8827, section 6.5, worries about what certificates tell).
        let name = X509_get_subject_name(x509)
        guard X509_set_version(x509, 2) == 1,
            ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), .random(in: 1...UInt64(Int64.max))) == 1,
            ASN1_TIME_set(X509_getm_notBefore(x509), time_t(now - allowance)) != nil,
            ASN1_TIME_set(X509_getm_notAfter(x509), time_t(now + validity)) != nil,
            X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, "PutLive", -1, -1, 0) == 1,
            X509_set_issuer_name(x509, name) == 1,
            X509_set_pubkey(x509, key) == 1,
            X509_sign(x509, key, EVP_sha256()) > 0
        else { throw failure("signing") }
        return certificate
    }

    private static func makeKey() -> OpaquePointer? {
        guard let context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil) else { return nil }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) > 0,
            EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) > 0,
            EVP_PKEY_keygen(context, &key) > 0
        else { return nil }
        return key
    }

    /// Of the text that `pem` gives: the key and the certificate, in any order.
    public convenience init(pem: String) throws(CertificateError) {
        ERR_clear_error()
        guard let x509 = Self.read(pem, { PEM_read_bio_X509($0, nil, { _, _, _, _ in -1 }, nil) }) else {
            throw .malformed
        }
        // Without a callback, OpenSSL would ask the terminal for the password of an encrypted key.
        guard let key = Self.read(pem, { PEM_read_bio_PrivateKey($0, nil, { _, _, _, _ in -1 }, nil) }) else {
            X509_free(x509)
            throw .malformed
        }
        self.init(key: key, x509: x509)
        guard X509_check_private_key(x509, key) == 1 else { throw .malformed }
    }

    private static func read(_ pem: String, _ body: (OpaquePointer) -> OpaquePointer?) -> OpaquePointer? {
        defer { ERR_clear_error() }
        let text = Array(pem.utf8)
        guard text.count <= 65_536, let bio = BIO_new_mem_buf(text, Int32(text.count)) else { return nil }
        defer { BIO_free(bio) }
        return body(bio)
    }

    /// The key and the certificate as text: a secret.
    public func pem() throws(CertificateError) -> String {
        guard let bio = BIO_new(BIO_s_mem()) else { throw Self.failure("BIO_new") }
        defer { BIO_free(bio) }
        guard PEM_write_bio_PrivateKey(bio, key, nil, nil, 0, nil, nil) == 1, PEM_write_bio_X509(bio, x509) == 1 else {
            throw Self.failure("PEM")
        }
        var text: UnsafeMutablePointer<UInt8>?
        let count = BIO_ctrl(bio, BIO_CTRL_INFO, 0, &text)
        return String(decoding: UnsafeBufferPointer(start: text, count: max(0, count)), as: UTF8.self)
    }

    /// Its SHA-256, as the value of `a=fingerprint` after the algorithm: `AB:CD:…`
    public var fingerprint: String { Self.fingerprint(of: x509, EVP_sha256()) }

    /// Pairs of hexadecimal digits with colons between them (RFC 8122, section 5).
    static func fingerprint(of x509: OpaquePointer, _ algorithm: OpaquePointer?) -> String {
        var hash = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count = UInt32(0)
        guard X509_digest(x509, algorithm, &hash, &count) == 1 else { return "" }
        let pairs = hash.prefix(Int(count)).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
        return pairs.joined(separator: ":")
    }

    /// It is expired, will be soon, or isn't valid yet, as after a change of the clock.
    ///
    /// - Parameter now: Seconds since 1970.
    public func needsRenewal(now: Int64) -> Bool {
        guard let begin = Self.seconds(from: now, to: X509_get0_notBefore(x509)),
            let end = Self.seconds(from: now, to: X509_get0_notAfter(x509))
        else { return true }
        // One that is good for much longer isn't ours.
        return begin > 0 || end < Self.renewal || end > Self.validity
    }

    private static func seconds(from now: Int64, to time: UnsafePointer<ASN1_TIME>?) -> Int64? {
        let start = ASN1_TIME_set(nil, time_t(now))
        defer { ASN1_STRING_free(start) }
        var days = Int32(0)
        var seconds = Int32(0)
        guard ASN1_TIME_diff(&days, &seconds, start, time) == 1 else { return nil }
        return Int64(days) * 86_400 + Int64(seconds)
    }

    private static func failure(_ what: String) -> CertificateError {
        .openSSL("\(what): \(OpenSSLError.take().words)")
    }
}
