import Crypto
import PutLiveConfig

/// An artifact as it belongs on a host.
public struct RenderedArtifact: Sendable {
    public var artifact: Artifact
    /// The absolute path on the host.
    public var path: String
    public var text: String

    /// SHA-256 of the content, in lower-case hexadecimal.
    public var sha256: String {
        SHA256.hash(data: Array(text.utf8)).map(hexadecimal).joined()
    }
}

/// Every artifact of a host, rendered, in the order of their paths.
public struct ArtifactSet: Sendable {
    public var artifacts: [RenderedArtifact]
    public let context: HostContext

    /// Renders what `config` asks for; with `only`, those named alone. It throws when any can't be rendered, saying
    /// all that is wrong.
    public init(config: Config, share: ShareFolder, only: Set<String> = []) throws {
        context = HostContext(config: config)
        let renderer = TemplateRenderer(share: share)
        var problems: [TemplateError] = []
        var rendered: [RenderedArtifact] = []
        for artifact in Catalog.artifacts where artifact.applies(to: config) {
            guard only.isEmpty || only.contains(artifact.name) else { continue }
            do {
                let text = try renderer.render(artifact.template, format: artifact.format, view: artifact.view(context))
                rendered.append(RenderedArtifact(artifact: artifact, path: artifact.path(config), text: text))
            } catch let error as TemplateError {
                problems.append(error)
            }
        }
        guard problems.isEmpty else { throw RenderFailure(problems: problems) }
        artifacts = rendered.sorted { $0.path < $1.path }
    }
}

/// The artifacts that could not be rendered, with the reasons.
public struct RenderFailure: Error, Sendable, CustomStringConvertible {
    public var problems: [TemplateError]

    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
