import COpenSSL

@testable import PutLiveHost

/// A certificate authority of its own, whose certificates are as good or bad as a test needs them.
final class TestAuthority {
    enum KeyKind { case p256, rsa(bits: Int) }

    /// A certificate with its key, and its chain up to the authority, as PEM.
    struct Issued {
        var chain: [UInt8]
        var key: [UInt8]
    }

    private let key: OpaquePointer
    private let x509: OpaquePointer

    init() {
        key = Self.generate(.p256)
        x509 = Self.make(
            subject: "Test authority", issuer: nil, names: [], key: key, signer: key,
            from: 1_700_000_000, to: 2_000_000_000, isAuthority: true)
    }

    deinit {
        X509_free(x509)
        EVP_PKEY_free(key)
    }

    /// - Parameter from: Seconds since 1970, as `to`.
    func issue(
        _ names: [String], from: Double, to: Double, kind: KeyKind = .p256, withAuthority: Bool = true
    ) -> Issued {
        let own = Self.generate(kind)
        defer { EVP_PKEY_free(own) }
        let leaf = Self.make(
            subject: "Test", issuer: x509, names: names, key: own, signer: key, from: from, to: to, isAuthority: false)
        defer { X509_free(leaf) }
        return Issued(
            chain: Self.pem { PEM_write_bio_X509($0, leaf) }
                + (withAuthority ? Self.pem { PEM_write_bio_X509($0, x509) } : []),
            key: Self.pem { PEM_write_bio_PrivateKey($0, own, nil, nil, 0, nil, nil) })
    }

    /// A key with a password.
    static func encryptedKey() -> [UInt8] {
        let key = generate(.p256)
        defer { EVP_PKEY_free(key) }
        let word = Array("secret".utf8)
        return pem { PEM_write_bio_PrivateKey($0, key, EVP_aes_128_cbc(), word, Int32(word.count), nil, nil) }
    }

    private static func pem(_ write: (OpaquePointer) -> Int32) -> [UInt8] {
        guard let bio = MemoryBIO() else { fatalError("no memory") }
        precondition(write(bio.pointer) == 1)
        return bio.content
    }

    private static func generate(_ kind: KeyKind) -> OpaquePointer {
        var id = EVP_PKEY_EC
        if case .rsa = kind { id = EVP_PKEY_RSA }
        let context = EVP_PKEY_CTX_new_id(id, nil)
        defer { EVP_PKEY_CTX_free(context) }
        precondition(EVP_PKEY_keygen_init(context) > 0)
        switch kind {
        case .p256: precondition(EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) > 0)
        case .rsa(let bits): precondition(EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(bits)) > 0)
        }
        var key: OpaquePointer?
        precondition(EVP_PKEY_keygen(context, &key) > 0)
        guard let key else { fatalError("no key") }
        return key
    }

    private static func make(
        subject: String, issuer: OpaquePointer?, names: [String], key: OpaquePointer, signer: OpaquePointer,
        from: Double, to: Double, isAuthority: Bool
    ) -> OpaquePointer {
        guard let x509 = X509_new() else { fatalError("no memory") }
        let name = X509_get_subject_name(x509)
        X509_set_version(x509, 2)
        ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), .random(in: 1...UInt64(Int64.max)))
        ASN1_TIME_set(X509_getm_notBefore(x509), time_t(from))
        ASN1_TIME_set(X509_getm_notAfter(x509), time_t(to))
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, subject, -1, -1, 0)
        X509_set_issuer_name(x509, issuer.map { X509_get_subject_name($0) } ?? name)
        X509_set_pubkey(x509, key)
        var parts = [(NID_basic_constraints, "critical,CA:\(isAuthority ? "TRUE" : "FALSE")")]
        if !names.isEmpty { parts.append((NID_subject_alt_name, names.joined(separator: ","))) }
        for (id, value) in parts {
            let part = X509V3_EXT_conf_nid(nil, nil, id, value)
            precondition(X509_add_ext(x509, part, -1) == 1)
            X509_EXTENSION_free(part)
        }
        precondition(X509_sign(x509, signer, EVP_sha256()) > 0)
        return x509
    }
}
