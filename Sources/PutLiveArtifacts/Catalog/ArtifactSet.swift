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
        let wanted = Catalog.artifacts.filter { $0.applies(to: config) && (only.isEmpty || only.contains($0.name)) }
        let job = RenderJob(wanted, context: context, renderer: TemplateRenderer(share: share))
        // Side by side: a host has two cores at least, and the templates know nothing of each other.
        let other = SideThread { job.renderRest() }
        job.renderRest()
        other.join()
        var problems: [TemplateError] = []
        var rendered: [RenderedArtifact] = []
        for outcome in job.outcomes {
            switch outcome {
            case .rendered(let item): rendered.append(item)
            case .failed(let error as TemplateError): problems.append(error)
            case .failed(let error): throw error
            case nil: continue
            }
        }
        guard problems.isEmpty else { throw RenderFailure(problems: problems) }
        artifacts = rendered.sorted { $0.path < $1.path }
        self.context = context
    }
}

/// The artifacts of a set, of which each thread takes the next one until none is left.
private final class RenderJob: Sendable {
    enum Outcome {
        case rendered(RenderedArtifact)
        case failed(any Error)
    }

    private struct State {
        var next = 0
        var outcomes: [Outcome?]
    }

    private let wanted: [Artifact]
    private let context: HostContext
    private let renderer: TemplateRenderer
    private let state: Mutex<State>

    init(_ wanted: [Artifact], context: HostContext, renderer: TemplateRenderer) {
        self.wanted = wanted
        self.context = context
        self.renderer = renderer
        state = Mutex(State(outcomes: Array(repeating: nil, count: wanted.count)))
    }

    /// In the order of the catalog.
    var outcomes: [Outcome?] { state.withLock { $0.outcomes } }

    func renderRest() {
        while let index = takeNext() {
            let outcome = render(wanted[index])
            state.withLock { $0.outcomes[index] = outcome }
        }
    }

    private func takeNext() -> Int? {
        state.withLock { state in
            guard state.next < wanted.count else { return nil }
            state.next += 1
            return state.next - 1
        }
    }

    private func render(_ artifact: Artifact) -> Outcome {
        do {
            let text = try renderer.render(
                artifact.template, format: artifact.format, view: artifact.view(context))
            return .rendered(RenderedArtifact(artifact: artifact, path: artifact.path(context.config), text: text))
        } catch {
            return .failed(error)
        }
    }
}

/// The artifacts that could not be rendered, with the reasons.
public struct RenderFailure: Error, Sendable, CustomStringConvertible {
    /// The templates, each with all that is wrong.
    public var problems: [TemplateError]

    /// A line for each template.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
