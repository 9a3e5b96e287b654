import PutLiveConfig

/// Proves an artifact set, and the stack of its role, with the programs that will read them.
public struct Verifier: Sendable {
    /// What the checks need of this machine.
    public struct Options: Sendable {
        /// Where tools are looked for.
        public var path: String
        /// The program of SRS, if any.
        public var srsBinary: String?
        /// Where the stage is made.
        public var temporaryFolder: String

        /// The folders of `path` are searched in its order, then the usual ones.
        public init(path: String, srsBinary: String?, temporaryFolder: String) {
            self.path = path
            self.srsBinary = srsBinary
            self.temporaryFolder = temporaryFolder
        }
    }

    let set: ArtifactSet
    let share: ShareFolder
    let options: Options

    /// Proves `set`, and the stack of its role from `share`.
    public init(_ set: ArtifactSet, share: ShareFolder, options: Options) {
        self.set = set
        self.share = share
        self.options = options
    }

    /// Runs every check, one after the other; `began` hears a check's name before it, `ended` its result.
    public func run(began: (String) -> Void, ended: (CheckResult) -> Void) async throws -> [CheckResult] {
        let stage = try Stage(set, below: stageFolder)
        let runner = self.runner
        var results: [CheckResult] = []
        for check in try checks() {
            try Task.checkCancellation()
            began(check.name)
            let result = await outcome(of: check, stage, runner)
            try Task.checkCancellation()
            ended(result)
            results.append(result)
        }
        return results
    }

    /// Runs the checks that cover any of `paths`: what a host needs before these files are written.
    public func run(covering paths: Set<String>) async throws -> [CheckResult] {
        let stage = try Stage(set, below: stageFolder)
        var results: [CheckResult] = []
        for kind in CheckKind.allCases {
            let items = set.artifacts.filter { $0.artifact.check == kind }
            guard items.contains(where: { paths.contains($0.path) }), let check = NativeCheck.of(kind, items, set)
            else { continue }
            results.append(await outcome(of: check, stage, runner))
        }
        return results
    }

    /// Runs the check called `name` alone: nil when this set needs none of that name.
    func run(only name: String) async throws -> CheckResult? {
        guard let check = try checks().first(where: { $0.name == name }) else { return nil }
        return await outcome(of: check, try Stage(set, below: stageFolder), runner)
    }

    /// The tools' own formats have no words for every path: a temporary folder with an odd name is left alone.
    private var stageFolder: String {
        Format.nginx.needsNoEscaping(options.temporaryFolder) ? options.temporaryFolder : "/tmp"
    }

    private var runner: ToolRunner {
        ToolRunner(path: options.path, named: ["srs": options.srsBinary ?? set.context.paths.srsBinary])
    }

    private func outcome(of check: NativeCheck, _ stage: Stage, _ runner: ToolRunner) async -> CheckResult {
        var result = CheckResult(name: check.name, status: .passed, covers: check.covers, notes: [])
        let missing = check.tools.filter { runner.find($0.name) == nil }
        if !missing.isEmpty {
            result.status = .skipped
            result.notes = missing.map { "\($0.name) is not installed; it comes with \($0.source)" }
            return result
        }
        do {
            if let words = try await check.run(stage, runner) {
                result.status = .failed
                result.notes = set.context.masked(words).split(separator: "\n").prefix(20).map(String.init)
            } else if !check.standIns.isEmpty {
                result.notes = ["with stand-ins: " + check.standIns.joined(separator: ", ")]
            }
        } catch {
            result.status = .failed
            result.notes = ["\(error)"]
        }
        return result
    }

    /// The checks that this set needs, in the order in which they are run.
    private func checks() throws -> [NativeCheck] {
        var checks: [NativeCheck] = []
        for kind in CheckKind.allCases {
            let items = set.artifacts.filter { $0.artifact.check == kind }
            guard !items.isEmpty, let check = NativeCheck.of(kind, items, set) else { continue }
            checks.append(check)
            if kind == .systemd, let exposure = NativeCheck.exposure(items) { checks.append(exposure) }
        }
        let role = set.context.config.deployment.role
        // A config of either kind makes both stacks.
        for stack in Stack.allCases where Stack.of(role) != nil {
            checks.append(.stack(stack.rawValue, text: try stack.render(set.context.config, share: share)))
        }
        return checks
    }
}

extension NativeCheck {
    static func of(_ kind: CheckKind, _ items: [RenderedArtifact], _ set: ArtifactSet) -> NativeCheck? {
        switch kind {
        case .nginx: .nginx(items, origin: set.context.config.deployment.originHost)
        case .srs: .srs(items)
        case .systemd: .systemd(items)
        case .sysusers: .sysusers(items)
        case .tmpfiles: .tmpfiles(items)
        case .sysctl: .sysctl(items)
        case .logrotate: .logrotate(items)
        case .fail2ban: .fail2ban(items)
        case .prometheus: .prometheus(items)
        case .shell: .shell(items)
        case .json: .parsed(items, name: "json")
        case .yaml: .parsed(items, name: "yaml")
        case .none: nil
        }
    }
}
