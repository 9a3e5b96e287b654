import PutLiveArtifacts
import PutLiveConfig

extension DesiredHost {
    /// What a rendered set asks of a host. It looks at nothing but the set.
    ///
    /// - Parameter tool: Changes whenever the agent's program does, which restarts the agent.
    init(_ set: ArtifactSet, tool: String) throws(DesiredHostError) {
        guard set.context.config.deployment.role != .local else {
            throw DesiredHostError(
                "deployment.role is local: a laptop has nothing to reconcile; run putlive-agent serve")
        }
        files = set.artifacts.map(DesiredFile.init)
        var texts: [String: UnitText] = [:]
        for item in set.artifacts where item.artifact.check == .systemd {
            texts[item.path] = try UnitText(path: item.path, text: item.text)
        }
        let digests = try UnitDigests(set, units: texts, tool: tool)
        units = try DesiredUnits.all(of: set, units: texts, digests: digests)
        links = try DesiredUnits.links(of: units, units: texts)
        for item in set.artifacts {
            guard case .apply(let program) = item.artifact.onChange else { continue }
            switch program {
            case "systemd-sysusers": accounts = try SysusersFile.accounts(path: item.path, text: item.text)
            case "systemd-tmpfiles": folders = try TmpfilesFile.folders(path: item.path, text: item.text)
            case "systemd-sysctl": sysctls = try SysctlFile.settings(path: item.path, text: item.text)
            default: throw DesiredHostError("the catalog names the program \(program), of which nothing is known")
            }
            appliers.append(Applier(program, of: item))
        }
        appliers.sort { Applier.order($0) < Applier.order($1) }
        mounts = Self.mounts(of: set)
    }

    private static func mounts(of set: ArtifactSet) -> [DesiredMount] {
        let host = set.context
        let unit = SystemdName.escape(path: host.paths.hlsMount) + ".mount"
        guard set.artifacts.contains(where: { $0.path == "\(SystemUnits.folder)/\(unit)" }) else { return [] }
        let size = host.config.streaming.hls.tmpfsMaxSize.bytes
        return [DesiredMount(path: host.paths.hlsMount, size: Int64(size), unit: unit)]
    }
}

extension DesiredFile {
    init(_ item: RenderedArtifact) {
        let artifact = item.artifact
        self.init(
            name: artifact.name, path: item.path, content: Array(item.text.utf8), sha256: item.sha256,
            mode: artifact.mode, owner: Owner(artifact.owner, artifact.group),
            isOursAlone: artifact.isOursAlone)
        switch artifact.onChange {
        case .none, .apply: break
        case .reload(let names): reloads = names
        case .restart(let names): restarts = names
        case .daemonReload(let restarted, let reloaded):
            restarts = restarted
            reloads = reloaded
            needsDaemonReload = true
        }
    }
}

extension Applier {
    /// Users come before the folders that they own.
    private static let programs = ["systemd-sysusers", "systemd-tmpfiles", "/lib/systemd/systemd-sysctl"]

    static func order(_ applier: Applier) -> Int { programs.firstIndex(of: applier.program) ?? programs.count }

    init(_ program: String, of item: RenderedArtifact) {
        self.init(
            // Debian has this one in no folder of programs.
            program: program == "systemd-sysctl" ? "/lib/systemd/systemd-sysctl" : program,
            arguments: program == "systemd-tmpfiles" ? ["--create", item.path] : [item.path], path: item.path,
            digest: item.sha256)
    }
}
