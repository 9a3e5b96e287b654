import Crypto
import PutLiveArtifacts
import PutLiveConfig

/// Makes the plan of a host from its config.
struct HostPlanner {
    let config: Config
    let artifacts: ArtifactSet
    /// config.yaml as it is written; the services read a copy of it.
    let source: [UInt8]
    /// The version of PutLive.
    let version: String
    /// A line for the journal.
    var say: (String) -> Void = { _ in }
    /// What a person has to see to.
    var alert: (String) -> Void = { _ in }

    private var paths: HostPaths { artifacts.context.paths }
    private var hasAgent: Bool { config.deployment.role != .edge }
    private var agentPort: Int? { hasAgent ? config.server.httpPort : nil }
    private var usesSRS: Bool { hasAgent && config.streaming.engine == .srs }

    func plan(for system: any System) throws(Reconciler.Refusal) -> HostPlan {
        let tool: String
        var desired: DesiredHost
        do {
            tool = version + " " + (try ProgramIdentity.of(paths.agent, on: system))
            // Variables reach a running agent by a restart alone.
            let variables = paths.environmentFile
            let hash = try system.entry(at: variables) == nil ? "" : sha256(of: system.read(variables))
            desired = try DesiredHost(artifacts, tool: "\(tool) \(hash)")
        } catch let error as DesiredHostError {
            throw Reconciler.Refusal("render", error.description)
        } catch {
            throw Reconciler.Refusal("compare", "\(error)")
        }
        let index = desired.files.firstIndex { $0.path > paths.appliedConfig } ?? desired.files.endIndex
        desired.files.insert(appliedConfig, at: index)
        var blueprint = Blueprint(desired: desired, configDigest: digest(desired), toolVersion: tool)
        blueprint.agentPort = agentPort
        blueprint.repairsEdits = config.reliability.onDrift == .repair
        let context = artifacts.context
        blueprint.masked = { context.masked($0) }
        blueprint.diff = { file, old in
            let text = context.diff(
                // What a hand wrote may hold a secret that no config knows.
                from: old, to: String(decoding: file.content, as: UTF8.self), path: file.path)
            let count = text.utf8.count
            return count <= Self.diffLimit ? text : "(a difference of \(count) bytes is not shown)\n"
        }
        var plan = HostPlan(blueprint: blueprint)
        let preparation = Preparation(config: config)
        plan.prepare = { system, blueprint, generation throws(Reconciler.Refusal) in
            try preparation.prepare(blueprint, generation, on: system)
        }
        let (agentPort, srsPort) = (agentPort, paths.srsAPIPort)
        plan.broadcasts = { system, generation in
            // Servers that the config doesn't want any more may still carry something.
            let broadcasts = Broadcasts.look(
                system, agentPort: agentPort, formerAgentPort: generation?.agentPort, srsPort: srsPort)
            return { broadcasts.carried(by: $0) }
        }
        plan.awaitHealthy = { unit, system throws(SystemError) in
            guard unit.shouldRun else { return }
            try ServiceHealth.awaitHealthy(unit.name, probe: unit.probe, on: system)
        }
        let (say, usesSRS) = (say, usesSRS)
        plan.reload = { unit, system throws(SystemError) in
            if unit == SystemUnits.nginx { return try NginxReload(system).run() }
            guard usesSRS, unit == SystemUnits.srs else { return try system.act(.reload, on: unit) }
            let reload = SRSReload(system, port: srsPort)
            try system.act(.reload, on: unit)
            if let note = try reload.confirm() { say(note) }
        }
        let policy = HealthPolicy(
            restartsOnFailure: config.reliability.watchdog.restartOnFailure,
            maxRestarts: config.reliability.watchdog.maxRestarts)
        let rounds = HealthRounds(desired: desired, policy: policy, say: say, alert: alert)
        plan.watch = { system, comparison, started, report in
            rounds.run(system, comparison, started: started, &report)
        }
        return plan
    }

    /// Held back with the agent, and no reason to restart it: what it says is in the agent's digests.
    private var appliedConfig: DesiredFile {
        DesiredFile(
            name: "applied.yaml", path: paths.appliedConfig, content: source,
            sha256: sha256(of: source), mode: 0o640, owner: Owner("root", "putlive"),
            restarts: hasAgent ? [SystemUnits.agent] : [])
    }

    /// Of everything that the config asks for, its secrets included.
    private func digest(_ desired: DesiredHost) -> String {
        var hash = SHA256()
        for file in desired.files { hash.update(data: Array("\(file.path) \(file.sha256)\n".utf8)) }
        for unit in desired.units {
            hash.update(data: Array("\(unit.name) \(unit.restartDigest) \(unit.reloadDigest)\n".utf8))
        }
        return hash.finalize().map(hexadecimal).joined()
    }

    /// In bytes: what a person reads through.
    private static let diffLimit = 64 << 10
}
