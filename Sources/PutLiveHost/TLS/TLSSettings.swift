import PutLiveArtifacts
import PutLiveConfig

/// What the config says of the host's certificate.
struct TLSSettings: Sendable, Hashable {
    /// A DNS name or an address.
    var domain: String
    /// PEM, the chain; empty for none.
    var certificate: String
    /// PEM; empty for none.
    var key: String
    /// Of the links that nginx reads.
    var folder: String

    /// Nil where nginx serves no HTTPS.
    init?(_ config: Config, paths: HostPaths = HostPaths()) {
        guard config.server.httpsEnabled, config.deployment.role != .local else { return nil }
        self.init(
            domain: config.server.domain, certificate: config.server.sslCert, key: config.server.sslKey,
            folder: paths.tlsFolder)
    }

    init(domain: String, certificate: String, key: String, folder: String) {
        self.domain = domain
        self.certificate = certificate
        self.key = key
        self.folder = folder
    }

    /// What nginx reads: links to what is in use.
    var chainLink: String { folder + "/fullchain.pem" }
    var keyLink: String { folder + "/privkey.pem" }
    /// The self-signed one, which reconcile makes.
    var selfSignedFolder: String { folder + "/self-signed" }
    var selfSignedChain: String { selfSignedFolder + "/fullchain.pem" }
    var selfSignedKey: String { selfSignedFolder + "/privkey.pem" }
}
