import PutLiveConfig

/// The config that `init` writes: the keys that a person changes, with words on each, and secrets of its own.
public struct InitialConfig {
    /// What the host is to be.
    public var role: Deployment.Role
    /// The host's public name.
    public var domain: String
    /// For alarms and certificates; empty for none.
    public var email: String
    /// What an edge fetches from; empty otherwise.
    public var originHost: String
    /// The absolute folder of the file, where the local role keeps its data.
    public var folder: String

    /// A config for a host; nothing is written yet.
    public init(role: Deployment.Role, domain: String, email: String, originHost: String, folder: String) {
        self.role = role
        self.domain = domain
        self.email = email
        self.originHost = originHost
        self.folder = folder
    }

    /// The file's text, with secrets from the system's random source.
    public func render(share: ShareFolder) throws -> String {
        var generator = SystemRandomNumberGenerator()
        return try render(share: share, using: &generator)
    }

    func render(share: ShareFolder, using generator: inout some RandomNumberGenerator) throws -> String {
        func path(_ name: String) -> String { folder == "/" ? "/\(name)" : "\(folder)/\(name)" }
        let view: [String: Any] = [
            "role": role.rawValue,
            "isLocal": role == .local,
            "isEdge": role == .edge,
            "isHost": role == .single || role == .origin,
            "domain": domain,
            "email": email,
            "originHost": originHost,
            "certificate": "/etc/letsencrypt/live/\(domain)/fullchain.pem",
            "certificateKey": "/etc/letsencrypt/live/\(domain)/privkey.pem",
            "jwtSecret": Self.secret(length: 64, using: &generator),
            "adminPassword": Self.secret(length: 20, using: &generator),
            "database": path("putlive.db"),
            "backups": path("backups"),
            "recordings": path("recordings"),
            "hls": path("hls"),
        ]
        return try TemplateRenderer(share: share).render(
            "templates/etc/putlive/config.yaml.mustache", format: .yaml, view: view)
    }

    /// Letters and digits without those that are mistaken for others: 5.8 bits each.
    static func secret(length: Int, using generator: inout some RandomNumberGenerator) -> String {
        let alphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789")
        return String((0..<length).map { _ in alphabet.randomElement(using: &generator) ?? "x" })
    }
}
