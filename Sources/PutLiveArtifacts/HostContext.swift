import Crypto
import PutLiveConfig

/// What the views are made from: the checked config, where things are, and what is derived from the secrets.
public struct HostContext: Sendable {
    /// Checked.
    public let config: Config
    /// Where things are on the host.
    public let paths: HostPaths
    /// What SRS shows with each hook, so that the agent knows who calls; empty where there is no JWT secret.
    public let hookSecret: Secret

    /// Derives what the views need from `config`.
    public init(config: Config, paths: HostPaths = HostPaths()) {
        self.config = config
        self.paths = paths
        hookSecret = config.authentication.jwtSecret.map { Self.derive("putlive srs hook v1", from: $0) } ?? Secret("")
    }

    /// A secret of its own for each purpose (HKDF-SHA256, RFC 5869), so that one that leaks tells nothing of the others.
    static func derive(_ purpose: String, from secret: Secret) -> Secret {
        let key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Array(secret.reveal().utf8)), info: Array(purpose.utf8),
            outputByteCount: 32)
        return Secret(key.withUnsafeBytes { $0.map(hexadecimal).joined() })
    }

    /// `text` with every secret of this config hidden: the longest first, for one may be part of another.
    public func masked(_ text: String) -> String {
        secretTexts.sorted { $0.utf8.count > $1.utf8.count }.reduce(text) { $0.replacing($1, with: "<secret>") }
    }

    /// The change of a file in the unified format, with every secret hidden, those that somebody may have written into the
    /// old one among them.
    public func diff(from old: String?, to text: String, path: String) -> String {
        Redactor(isSensitive: true, context: self).diff(from: old, to: text, path: path)
    }

    /// The texts that no diff, log or error may show.
    public var secretTexts: [String] {
        let auth = config.authentication
        let ice = config.streaming.webrtc.iceServers.compactMap(\.credential)
        return ([auth.jwtSecret, auth.defaultAdminPass].compactMap(\.self) + ice + [hookSecret])
            .map { $0.reveal() }.filter { !$0.isEmpty }
    }
}

/// The values that each group of templates is rendered with, a function a group.
public enum Views {}
