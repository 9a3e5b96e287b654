import PutLiveArtifacts
import PutLiveConfig

/// The units that a set of artifacts asks for: its own, and those of other packages that it configures.
enum DesiredUnits {
    /// In the order in which they are started.
    static func all(
        of set: ArtifactSet, units: [String: UnitText], digests: UnitDigests
    ) throws(DesiredHostError) -> [DesiredUnit] {
        let own = Dictionary(
            units.filter { isUnitFile($0.key) }.map { (name(of: $0.key), $0.value) },
            uniquingKeysWith: { first, _ in first })
        var result: [DesiredUnit] = []
        for name in Set(own.keys).union(set.artifacts.flatMap { named(by: $0.artifact.onChange) }) {
            var unit = DesiredUnit(name: name)
            if let text = own[name] {
                unit.shouldRun = !text.isOneshot
            } else if let packaged = SystemUnits.packaged[name] {
                unit.isRequired = packaged.isRequired
                unit.package = packaged.package
            } else {
                throw DesiredHostError("the catalog names \(name), of which nothing is known")
            }
            unit.carriesBroadcasts = SystemUnits.carryingBroadcasts.contains(name)
            unit.restartDigest = digests.restarts[name]?.text ?? ""
            unit.reloadDigest = digests.reloads[name]?.text ?? ""
            unit.probe = probe(of: name, set.context)
            result.append(unit)
        }
        return result.sorted { (SystemUnits.rank($0.name), $0.name) < (SystemUnits.rank($1.name), $1.name) }
    }

    /// The links that enable the units of the set, in the order of their paths.
    static func links(
        of wanted: [DesiredUnit], units: [String: UnitText]
    ) throws(DesiredHostError) -> [DesiredLink] {
        var links: [DesiredLink] = []
        for (path, unit) in units where isUnitFile(path) { links += try unit.enablementLinks() }
        for unit in wanted {
            guard let packaged = SystemUnits.packaged[unit.name], let target = packaged.wantedBy else { continue }
            links.append(
                DesiredLink(
                    path: "\(SystemUnits.folder)/\(target).wants/\(unit.name)", target: packaged.file,
                    enables: unit.name))
        }
        return links.sorted { $0.path < $1.path }
    }

    /// A unit, and no drop-in of one.
    static func isUnitFile(_ path: String) -> Bool { path == "\(SystemUnits.folder)/\(name(of: path))" }

    private static func name(of path: String) -> String { String(path.split(separator: "/").last ?? "") }

    private static func named(by action: ChangeAction) -> [String] {
        switch action {
        case .none, .apply: []
        case .reload(let names), .restart(let names): names
        case .daemonReload(let restarted, let reloaded): restarted + reloaded
        }
    }

    /// Any answer of the agent and of nginx shows that it works: what else is wrong a restart wouldn't mend.
    private static func probe(of name: String, _ host: HostContext) -> ServiceProbe? {
        let watchdog = host.config.reliability.watchdog
        switch name {
        case SystemUnits.agent:
            return ServiceProbe(
                port: host.config.server.httpPort, path: "/api/health", acceptsAnyStatus: true,
                patience: watchdog.apiTimeout)
        case SystemUnits.srs:
            return ServiceProbe(port: host.paths.srsAPIPort, path: "/api/v1/versions", patience: watchdog.srsTimeout)
        case SystemUnits.nginx:
            // What nginx answers by itself: through it, an agent that hangs would look like an nginx that does.
            let path = host.config.deployment.role == .edge ? "/healthz" : "/metrics"
            return ServiceProbe(port: 80, path: path, acceptsAnyStatus: true, patience: .seconds(30))
        default: return nil
        }
    }
}
