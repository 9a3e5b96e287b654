/// An artifact as it belongs on a host.
public struct RenderedArtifact: Sendable {
    /// The catalog's row.
    public var artifact: Artifact
    /// The absolute path on the host.
    public var path: String
    /// The content, in UTF-8.
    public var text: String {
        didSet { sha256 = Self.sha256(of: text) }
    }
    /// SHA-256 of the content, in lower-case hexadecimal: made with it, since texts are made side by side.
    public private(set) var sha256: String

    init(artifact: Artifact, path: String, text: String) {
        self.artifact = artifact
        self.path = path
        self.text = text
        sha256 = Self.sha256(of: text)
    }

    private static func sha256(of text: String) -> String {
        PutLiveArtifacts.sha256(of: Array(text.utf8))
    }
}
