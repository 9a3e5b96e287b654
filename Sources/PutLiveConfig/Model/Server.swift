/// Names, addresses and certificates of the host.
public struct Server: ConfigSection {
    /// Public host name; needed by every role but local.
    public var domain: String
    /// The agent's port on 127.0.0.1; role local serves everything on it.
    public var httpPort: Int
    /// Serve HTTPS and redirect HTTP to it; a laptop and an edge behind a load balancer do without.
    public var httpsEnabled: Bool
    /// Empty for none.
    public var sslCert: String
    /// Empty for none.
    public var sslKey: String
    /// `auto` or an IP address.
    public var publicIP: String
    /// Networks whose word on the client's address is believed.
    public var trustedProxies: [String]
    /// Largest video file that may be uploaded.
    public var maxUploadSize: ByteSize

    /// Reads the section, and thereby declares its keys.
    public init(from section: Section) {
        domain = section.value(
            "domain", .host, default: "localhost", "Public host name; needed by every role but local.")
        httpPort = section.value(
            "http_port", .port, default: 3000, "The agent's port on 127.0.0.1; role local serves everything on it.")
        httpsEnabled = section.value(
            "https_enabled", .bool, default: !section.isLocal && section.role != .edge,
            "Serve HTTPS and redirect HTTP to it; a laptop and an edge behind a load balancer do without.")
        sslCert = section.value(
            "ssl_cert", .optionalPath, default: "", "Certificate chain (PEM) that nginx uses once it exists.")
        sslKey = section.value("ssl_key", .optionalPath, default: "", "Private key (PEM) of the certificate.")
        publicIP = section.value(
            "public_ip", .publicAddress, default: "auto",
            "Address that browsers send media to: `auto` asks EC2, else the interfaces.")
        trustedProxies = section.values(
            "trusted_proxies", .proxyNetwork, default: [], limit: 32,
            "Networks of load balancers in front, whose X-Forwarded-For names the client.")
        maxUploadSize = section.value(
            "max_upload_size", .byteSize(.mebibytes(1) ... .gibibytes(100)), default: .gibibytes(2),
            "Largest video file that may be uploaded.")
    }
}
