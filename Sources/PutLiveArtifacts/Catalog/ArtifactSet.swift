import Dispatch
import PutLiveConfig
import Synchronization

/// Every artifact of a host, rendered, in the order of their paths.
public struct ArtifactSet: Sendable {
    /// In the order of their paths.
    public var artifacts: [RenderedArtifact]
    /// What the artifacts were made from.
    public let context: HostContext

    /// Renders what `config` asks for; with `only`, those named alone. It throws when any can't be rendered, saying
    /// all that is wrong.
    public init(config: Config, share: ShareFolder, only: Set<String> = []) throws {
        let context = HostContext(config: config)
        let renderer = TemplateRenderer(share: share)
        let wanted = Catalog.artifacts.filter { $0.applies(to: config) && (only.isEmpty || only.contains($0.name)) }
        let results = Mutex<[Result<RenderedArtifact, any Error>?]>(
            Array(repeating: nil, count: wanted.count))
        // Side by side: a host has two cores at least, and the templates know nothing of each other.
        DispatchQueue.concurrentPerform(iterations: wanted.count) { index in
            let artifact = wanted[index]
            let result = Result {
                RenderedArtifact(
                    artifact: artifact, path: artifact.path(config),
                    text: try renderer.render(
                        artifact.template, format: artifact.format, view: artifact.view(context)))
            }
            results.withLock { $0[index] = result }
        }
        var problems: [TemplateError] = []
        var rendered: [RenderedArtifact] = []
        for index in wanted.indices {
            do {
                guard let item = try results.withLock({ try $0[index]?.get() }) else { continue }
                rendered.append(item)
            } catch let error as TemplateError {
                problems.append(error)
            }
        }
        guard problems.isEmpty else { throw RenderFailure(problems: problems) }
        artifacts = rendered.sorted { $0.path < $1.path }
        self.context = context
    }
}

/// The artifacts that could not be rendered, with the reasons.
public struct RenderFailure: Error, Sendable, CustomStringConvertible {
    /// The templates, each with all that is wrong.
    public var problems: [TemplateError]

    /// A line for each template.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
