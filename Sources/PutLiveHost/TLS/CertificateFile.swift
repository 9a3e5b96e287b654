import COpenSSL

#if canImport(Glibc)
    import Glibc
#endif

/// What a certificate says of itself. Times are seconds since 1970.
struct CertificateFacts: Sendable, Hashable, Codable {
    /// DNS names and addresses that it is for.
    var names: [String]
    /// Whether it is for the host's domain.
    var coversDomain: Bool
    var notBefore: Double
    var notAfter: Double
    /// Nobody but its own key vouches for it.
    var isSelfSigned: Bool
}

/// Why a certificate can't be used.
struct CertificateProblem: Error, Sendable, Hashable {
    /// What follows the file's name in a sentence.
    var words: String

    init(_ words: String) {
        self.words = words
    }
}

/// Looks at a certificate chain and its key as nginx would.
enum CertificateFile {
    /// Longest file that is read.
    static let limit = 256 << 10
    /// More than any authority sends.
    private static let longestChain = 16
    private static let mostNames = 100

    /// - Parameters:
    ///   - chain: PEM, the host's own certificate first.
    ///   - key: PEM.
    ///   - domain: A DNS name or an address.
    static func examine(
        chain: [UInt8], key: [UInt8], domain: String
    ) throws(CertificateProblem) -> CertificateFacts {
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard chain.count <= limit, key.count <= limit else { throw CertificateProblem("is too large") }
        let certificates = try Certificates(chain)
        let privateKey = try PrivateKey(key)
        let own = try certificates.own()
        guard X509_check_private_key(own, privateKey.pointer) == 1 else {
            throw CertificateProblem("doesn't belong to its key, or the host's own certificate isn't the first in it")
        }
        try offer(certificates, privateKey)
        guard let notBefore = seconds(X509_get0_notBefore(own)), let notAfter = seconds(X509_get0_notAfter(own)) else {
            throw CertificateProblem("has no readable dates")
        }
        return CertificateFacts(
            names: names(of: own), coversDomain: covers(own, domain), notBefore: notBefore, notAfter: notAfter,
            isSelfSigned: X509_self_signed(own, 0) == 1)
    }

    // MARK: Reading

    /// Owns what it holds.
    private struct Certificates: ~Copyable {
        private(set) var pointers: [OpaquePointer] = []

        init(_ pem: [UInt8]) throws(CertificateProblem) {
            guard let bio = MemoryBIO(pem) else { throw CertificateProblem("can't be read: \(OpenSSLWords.take())") }
            while let x509 = PEM_read_bio_X509(bio.pointer, nil, { _, _, _, _ in -1 }, nil) {
                pointers.append(x509)
                guard pointers.count <= CertificateFile.longestChain else {
                    throw CertificateProblem("has more than \(CertificateFile.longestChain) certificates")
                }
            }
            // What ends the file is that no further one begins.
            guard OpenSSLWords.lastReason == PEM_R_NO_START_LINE else {
                throw CertificateProblem("is damaged: \(OpenSSLWords.take())")
            }
            ERR_clear_error()
        }

        deinit { for pointer in pointers { X509_free(pointer) } }

        func own() throws(CertificateProblem) -> OpaquePointer {
            guard let first = pointers.first else { throw CertificateProblem("holds no certificate in PEM") }
            return first
        }
    }

    private struct PrivateKey: ~Copyable {
        let pointer: OpaquePointer

        init(_ pem: [UInt8]) throws(CertificateProblem) {
            guard let bio = MemoryBIO(pem),
                // Without a callback, OpenSSL would ask the terminal for a password.
                let key = PEM_read_bio_PrivateKey(bio.pointer, nil, { _, _, _, _ in -1 }, nil)
            else {
                ERR_clear_error()
                throw CertificateProblem("has a key that holds no private key in PEM, or is encrypted")
            }
            pointer = key
        }

        deinit { EVP_PKEY_free(pointer) }
    }

    /// Offers them to a TLS server, which has its own idea of what is too weak.
    private static func offer(_ certificates: borrowing Certificates, _ key: borrowing PrivateKey)
        throws(CertificateProblem)
    {
        guard let context = SSL_CTX_new(TLS_server_method()) else {
            throw CertificateProblem("can't be tried: \(OpenSSLWords.take())")
        }
        defer { SSL_CTX_free(context) }
        var isTaken = SSL_CTX_use_certificate(context, try certificates.own()) == 1
        for index in certificates.pointers.indices.dropFirst() where isTaken {
            // The macro SSL_CTX_add1_chain_cert.
            let issuer = UnsafeMutableRawPointer(certificates.pointers[index])
            isTaken = SSL_CTX_ctrl(context, SSL_CTRL_CHAIN_CERT, 1, issuer) == 1
        }
        guard isTaken, SSL_CTX_use_PrivateKey(context, key.pointer) == 1 else {
            throw CertificateProblem("is refused by OpenSSL: \(OpenSSLWords.take())")
        }
    }

    // MARK: Facts

    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Double? {
        let epoch = ASN1_TIME_set(nil, 0)
        defer { ASN1_STRING_free(epoch) }
        var days = Int32(0)
        var seconds = Int32(0)
        guard ASN1_TIME_diff(&days, &seconds, epoch, time) == 1 else { return nil }
        return Double(days) * 86_400 + Double(seconds)
    }

    private static func covers(_ x509: OpaquePointer, _ domain: String) -> Bool {
        X509_check_host(x509, domain, domain.utf8.count, 0, nil) == 1 || X509_check_ip_asc(x509, domain, 0) == 1
    }

    /// Of the extension subjectAltName (RFC 5280, section 4.2.1.6); browsers look at nothing else.
    private static func names(of x509: OpaquePointer) -> [String] {
        guard let extensionValue = X509_get_ext_d2i(x509, NID_subject_alt_name, nil, nil) else { return [] }
        let list = OpaquePointer(extensionValue)
        defer { GENERAL_NAMES_free(list) }
        var names: [String] = []
        for index in 0..<max(0, OPENSSL_sk_num(list)) where names.count < mostNames {
            var type = Int32(-1)
            let name = OPENSSL_sk_value(list, index)?.assumingMemoryBound(to: GENERAL_NAME.self)
            guard let value = GENERAL_NAME_get0_value(name, &type), type == GEN_DNS || type == GEN_IPADD else {
                continue
            }
            let text = value.assumingMemoryBound(to: ASN1_STRING.self)
            let bytes = UnsafeBufferPointer(
                start: ASN1_STRING_get0_data(text), count: max(0, Int(ASN1_STRING_length(text))))
            if let name = type == GEN_DNS ? dnsName(bytes) : address(bytes) { names.append(name) }
        }
        return names
    }

    private static func dnsName(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        guard (1...253).contains(bytes.count), bytes.allSatisfy({ (0x21...0x7e).contains($0) }) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func address(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        var text = [CChar](repeating: 0, count: 64)
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, bytes.baseAddress, &text, socklen_t(text.count)) != nil else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
