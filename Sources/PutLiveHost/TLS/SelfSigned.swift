import COpenSSL

/// A certificate that vouches for itself, with its key: what nginx starts with before there is a better one. Both are PEM.
struct SelfSigned: Sendable {
    var chain: [UInt8]
    var key: [UInt8]

    /// Seconds for which a new one is good. Apple's systems refuse more than 825 days, and it is remade in time.
    static let validity = 800 * 86_400.0
    /// It is remade when less than this is left.
    static let renewal = 30 * 86_400.0
    /// A client's clock may be late.
    static let allowance = 86_400.0

    /// Makes a certificate of ECDSA on P-256.
    ///
    /// - Parameters:
    ///   - names: DNS names and addresses, of which it is for all.
    ///   - now: Seconds since 1970.
    ///   - serial: Tells it from those before, which browsers insist on.
    static func make(
        names: [String], at now: Double, validity: Double = validity,
        serial: UInt64 = .random(in: 1...UInt64(Int64.max))
    ) throws(SystemError) -> SelfSigned {
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let key = generateKey() else { throw failure() }
        defer { EVP_PKEY_free(key) }
        guard let x509 = X509_new() else { throw failure() }
        defer { X509_free(x509) }
        // No name of the host: it may be longer than a common name can be, and clients look at the extension.
        let subject = X509_get_subject_name(x509)
        guard X509_set_version(x509, 2) == 1,
            ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial) == 1,
            ASN1_TIME_set(X509_getm_notBefore(x509), time_t(now - allowance)) != nil,
            ASN1_TIME_set(X509_getm_notAfter(x509), time_t(now + validity)) != nil,
            X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, "PutLive self-signed", -1, -1, 0) == 1,
            X509_set_issuer_name(x509, subject) == 1,
            X509_set_pubkey(x509, key) == 1,
            add(NID_basic_constraints, "critical,CA:FALSE", to: x509),
            add(NID_ext_key_usage, "serverAuth", to: x509),
            add(names, to: x509),
            X509_sign(x509, key, EVP_sha256()) > 0,
            let chainPEM = MemoryBIO(), let keyPEM = MemoryBIO(),
            PEM_write_bio_X509(chainPEM.pointer, x509) == 1,
            PEM_write_bio_PrivateKey(keyPEM.pointer, key, nil, nil, 0, nil, nil) == 1
        else { throw failure() }
        return SelfSigned(chain: chainPEM.content, key: keyPEM.content)
    }

    private static func generateKey() -> OpaquePointer? {
        guard let context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil) else { return nil }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) > 0,
            EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) > 0,
            EVP_PKEY_keygen(context, &key) > 0
        else { return nil }
        return key
    }

    private static func add(_ id: Int32, _ value: String, to x509: OpaquePointer) -> Bool {
        guard let part = X509V3_EXT_conf_nid(nil, nil, id, value) else { return false }
        defer { X509_EXTENSION_free(part) }
        return X509_add_ext(x509, part, -1) == 1
    }

    /// The extension subjectAltName, made of its parts: no name can be taken for syntax.
    private static func add(_ names: [String], to x509: OpaquePointer) -> Bool {
        guard let list = OPENSSL_sk_new_null() else { return false }
        defer { GENERAL_NAMES_free(list) }
        for name in names {
            guard let part = GENERAL_NAME_new() else { return false }
            if let address = a2i_IPADDRESS(name) {
                GENERAL_NAME_set0_value(part, GEN_IPADD, address)
            } else {
                ERR_clear_error()
                let text = ASN1_IA5STRING_new()
                guard ASN1_STRING_set(text, name, Int32(name.utf8.count)) == 1 else { return false }
                GENERAL_NAME_set0_value(part, GEN_DNS, text)
            }
            guard OPENSSL_sk_push(list, part) > 0 else { return false }
        }
        return X509_add1_ext_i2d(x509, NID_subject_alt_name, UnsafeMutableRawPointer(list), 0, 0) == 1
    }

    private static func failure() -> SystemError {
        SystemError("OpenSSL can't make a self-signed certificate: \(OpenSSLWords.take())")
    }
}
