import PutLiveArtifacts
import PutLiveConfig

#if canImport(Glibc)
    import Glibc
#endif

/// Reconciling as a command asks for it.
public struct HostReconcile {
    /// What is done with the differences.
    public enum Mode: Sendable {
        /// They are told, and nothing is changed.
        case check
        /// The host is made true to its config.
        case apply
        /// PutLive is taken off the host.
        case withdraw
    }

    /// What is done with the differences.
    public var mode: Mode
    /// Restarts what carries broadcasts even while somebody is live.
    public var doesNotWait = false
    /// Tries at once what failed before; false for the runs of the timer.
    public var retriesAtOnce = true
    /// An image's folder; empty for the host itself.
    public var root = ""
    /// The config, as this process finds it.
    public var config: String
    /// Templates and stacks.
    public var share: ShareFolder?
    /// Of PutLive.
    public var version: String
    /// Where `${NAME}` in the config comes from, and what the config is read with.
    public var environment = ConfigEnvironment.process
    /// The folders in which programs are looked for.
    public var searchPath = ""
    /// SRS's program for its check; nil for the installed one.
    public var srsBinary: String?
    /// A line for the journal or a terminal.
    public var say: (String) -> Void = { _ in }
    /// What a person has to see to.
    public var alert: (String) -> Void = { _ in }
    /// What is wrong with the config, in full: for a terminal.
    public var diagnosed: ([Diagnostic]) -> Void = { _ in }

    private let rendered = Rendered()

    /// As the command line has it, without options.
    public init(mode: Mode, config: String, version: String) {
        self.mode = mode
        self.config = config
        self.version = version
    }

    /// What a run found and did, and what would be done where nothing was: in words, as `restart nginx.service`.
    public func run() async throws -> (report: StatusReport, actions: [String]) {
        let host = RealSystem(root: root)
        guard mode != .check else {
            let lock = try lockForCheck(host)
            defer { withExtendedLifetime(lock) {} }
            let system = DryRunSystem(over: host)
            return (await reconciler(system).run(loader(system)), system.actions.filter(Self.isShown))
        }
        let lock = try lockHost(host)
        defer { withExtendedLifetime(lock) {} }
        var report: StatusReport
        if mode == .withdraw {
            report = await reconciler(host).withdraw()
        } else {
            var reconciler = reconciler(host)
            let watched = [config, HostPaths().environmentFile]
            reconciler.configStamp = {
                watched.map { path in (try? host.entry(at: path))?.stamp ?? "" }.joined(separator: " ")
            }
            report = await reconciler.run(loader(host))
        }
        report.notes += host.notes
        return (report, [])
    }

    private func lockHost(_ host: RealSystem) throws -> HostLock {
        // An image is locked by its own folder: what is inside may be a link to anywhere.
        if host.isLive { try host.makeFolder(StateFolder.runtime, mode: 0o755, owner: .root) }
        return try HostLock(
            path: host.isLive ? StateFolder.lock : root, isFolder: !host.isLive, limit: .seconds(600),
            sleep: { host.sleep($0) }, isWaiting: { say("another reconcile runs: waiting for its end") })
    }

    /// A check that ran beside an apply would see half of it. Who may not lock looks anyway.
    private func lockForCheck(_ host: RealSystem) throws -> HostLock? {
        guard host.isLive, geteuid() == 0, try host.entry(at: StateFolder.lock) != nil else { return nil }
        return try lockHost(host)
    }

    /// What was rendered, for the checks of the same run.
    private final class Rendered {
        var set: ArtifactSet?
    }

    private func reconciler(_ system: any System) -> Reconciler {
        var reconciler = Reconciler(system: system, doesNotWait: doesNotWait, say: say)
        reconciler.retriesAtOnce = retriesAtOnce
        let rendered = rendered
        reconciler.nativeChecks = { changed in
            guard let set = rendered.set, let share else { throw SystemError("nothing was rendered") }
            let options = Verifier.Options(
                path: searchPath, srsBinary: srsBinary, temporaryFolder: "/tmp")
            return try await Verifier(set, share: share, options: options).run(covering: changed)
        }
        reconciler.lastApplied = {
            guard system.isLive else { return nil }
            let (loaded, source) = load(HostPaths().appliedConfig)
            return loaded.config.flatMap { try? plan($0, source, for: system).0 }
        }
        return reconciler
    }

    /// A config with the bytes that it was read from.
    private func load(_ path: String) -> (LoadedConfig, [UInt8]) {
        let loader = ConfigLoader(environment: environment)
        let folder = HostPaths().configFolder
        guard let bytes = try? environment.readFile(path, ConfigLoader.sizeLimit) else {
            // Says what is wrong.
            return (loader.load(path: path, directory: folder), [])
        }
        return (loader.load(bytes, file: path, directory: folder), bytes)
    }

    private func loader(_ system: any System) -> Reconciler.Loader {
        { () throws(Reconciler.Refusal) in
            let (loaded, source) = load(config)
            if !loaded.diagnostics.isEmpty { diagnosed(loaded.diagnostics) }
            guard let config = loaded.config else {
                throw Reconciler.Refusal("config", Self.words(loaded) + "\nnothing was changed")
            }
            let (plan, set) = try plan(config, source, for: system)
            rendered.set = set
            return plan
        }
    }

    private func plan(
        _ config: Config, _ source: [UInt8], for system: any System
    ) throws(Reconciler.Refusal) -> (HostPlan, ArtifactSet) {
        guard let share else { throw Reconciler.Refusal("render", "there are no templates") }
        let set: ArtifactSet
        do {
            set = try ArtifactSet(config: config, share: share)
        } catch {
            throw Reconciler.Refusal("render", "\(error)\nnothing was changed")
        }
        let planner = HostPlanner(
            config: config, artifacts: set, source: source, version: version, say: say, alert: alert)
        return (try planner.plan(for: system), set)
    }

    /// The errors without the lines of the config, which anybody may read who may see the status.
    private static func words(_ loaded: LoadedConfig) -> String {
        let errors = loaded.diagnostics.filter { $0.severity == .error }
        let shown = errors.prefix(5).map { error in
            "\(error.file):\(error.line):\(error.column): \(error.key.isEmpty ? "" : error.key + ": ")\(error.message)"
                + (error.remedy.isEmpty ? "" : " (\(error.remedy))")
        }
        return shown.joined(separator: "\n") + (errors.count > 5 ? "\nand \(errors.count - 5) more" : "")
    }

    /// What the reconciler keeps for itself is nobody's concern.
    private static func isShown(_ action: String) -> Bool {
        !action.contains(StateFolder.path) && !action.contains(StateFolder.runtime)
    }
}
