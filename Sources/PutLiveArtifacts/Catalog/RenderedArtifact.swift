/// An artifact as it belongs on a host.
public struct RenderedArtifact: Sendable {
    /// The catalog's row.
    public var artifact: Artifact
    /// The absolute path on the host.
    public var path: String
    /// The content, in UTF-8.
    public var text: String

    /// SHA-256 of the content, in lower-case hexadecimal.
    public var sha256: String { PutLiveArtifacts.sha256(of: Array(text.utf8)) }
}
