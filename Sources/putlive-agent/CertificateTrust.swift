import PutLiveArtifacts
import PutLiveConfig

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Whether browsers trust the certificate in use: the link that nginx reads leads to the configured one, not to the
/// self-signed stand-in.
struct CertificateTrust: Sendable {
    private let link: String
    private let configured: String

    init(config: Config, paths: HostPaths) {
        link = paths.tlsCertificate
        configured = config.server.sslCert
    }

    var isTrusted: Bool {
        guard !configured.isEmpty else { return false }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = readlink(link, &buffer, buffer.count - 1)
        return count > 0
            && String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self) == configured
    }
}
