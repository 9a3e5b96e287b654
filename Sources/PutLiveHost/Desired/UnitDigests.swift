import PutLiveArtifacts

/// Of each unit, what a restart and what a reload of it was done with: one digest each over all that makes it necessary.
struct UnitDigests {
    private(set) var restarts: [String: FieldDigest] = [:]
    private(set) var reloads: [String: FieldDigest] = [:]

    /// - Parameters:
    ///   - units: The texts of units and drop-ins, by path.
    ///   - tool: Changes whenever the agent's program does.
    init(_ set: ArtifactSet, units: [String: UnitText], tool: String) throws(DesiredHostError) {
        for item in set.artifacts {
            let content = units[item.path]?.keptWhileRunning ?? item.text
            switch item.artifact.onChange {
            case .none, .apply: break
            case .reload([SystemUnits.srs]):
                let directives = try SRSDirectives(path: item.path, text: item.text)
                restarts[SystemUnits.srs, default: FieldDigest()].add(item.path, directives.restarted)
                reloads[SystemUnits.srs, default: FieldDigest()].add(item.path, directives.reloaded)
            case .reload(let names): add(item.path, content, to: names, of: \.reloads)
            case .restart(let names): add(item.path, content, to: names, of: \.restarts)
            case .daemonReload(let restarted, let reloaded):
                add(item.path, content, to: restarted, of: \.restarts)
                add(item.path, content, to: reloaded, of: \.reloads)
            }
        }
        // The program that was installed, if one was, is what SRS runs.
        restarts[SystemUnits.srs]?.add("package", set.context.config.streaming.srs.sha256)
        guard restarts[SystemUnits.agent] != nil else { return }
        restarts[SystemUnits.agent]?.add("tool", tool)
        // It reads config.yaml itself.
        for setting in AgentKeys.needingRestart(set.context.config) {
            restarts[SystemUnits.agent]?.add(setting.key, setting.value.reveal())
        }
        for setting in AgentKeys.takenOverByReload(set.context.config) {
            reloads[SystemUnits.agent, default: FieldDigest()].add(setting.key, setting.value.reveal())
        }
    }

    private mutating func add(
        _ path: String, _ content: String, to names: [String], of kind: WritableKeyPath<Self, [String: FieldDigest]>
    ) {
        for name in names { self[keyPath: kind][name, default: FieldDigest()].add(path, content) }
    }
}
