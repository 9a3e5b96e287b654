import PutLiveArtifacts
import PutLiveConfig

/// How a host comes by the program of SRS, which Debian doesn't package.
enum SRSPlan: Sendable, Hashable {
    /// Nothing of the config's needs it.
    case notNeeded
    /// The program is there and stays. `isOurs` tells whether an earlier run installed it: then the generation still
    /// owns its file, and it is no stray one.
    case present(isOurs: Bool)
    /// The program of this package takes the place of what is there.
    case install(SRSDownload, because: Reason)
    /// There is none, and nothing says where to get it: what is wrong, and what to do.
    case missing(String)

    /// Why a package is installed.
    enum Reason: String, Sendable, Hashable {
        /// There is no program.
        case absent
        /// The program is of another package.
        case otherPackage
        /// The program was put there by hand, and the config asks for a package now.
        case foreign
        /// Somebody changed the program since it was installed.
        case edited
    }
}

extension SRSPlan {
    /// Where the program is, and what is run.
    static let path = HostPaths().srsBinary

    /// Decides by what is there, and by what the last `generation` says of it. Reads the program only where its stamp
    /// isn't that of the generation.
    static func decide(_ config: Config, on system: any System, generation: Generation?) throws(SystemError) -> SRSPlan
    {
        guard config.needsSRS else { return .notNeeded }
        // The check of srs.conf runs it as root. An image's folders may belong to whoever makes it.
        if system.isLive, let problem = try openFolder(on: system) {
            return .missing("streaming.engine is srs, but \(problem)")
        }
        let entry = try system.entry(at: path)
        let package = config.streaming.srs
        guard !package.url.isEmpty else {
            if let problem = try problem(of: entry, on: system) { return .missing(Self.remedies(problem)) }
            return .present(isOurs: generation?.srsPackage != nil)
        }
        let download = SRSDownload(url: package.url, sha256: package.sha256)
        guard let entry else { return .install(download, because: .absent) }
        guard let installed = generation?.srsPackage else { return .install(download, because: .foreign) }
        guard installed == package.sha256 else { return .install(download, because: .otherPackage) }
        let isEdited = try isEdited(entry, since: generation?.files[path], on: system)
        return isEdited ? .install(download, because: .edited) : .present(isOurs: true)
    }

    /// Which folder on the way to the program others than root could put another into; nil when there is none. As sshd
    /// looks at the way to a user's keys.
    private static func openFolder(on system: any System) throws(SystemError) -> String? {
        for start in [path, try system.following(path)].compactMap(\.self) {
            var folder = start[...]
            while let slash = folder.lastIndex(of: "/") {
                folder = folder[..<slash]
                let name = folder.isEmpty ? "/" : String(folder)
                guard let entry = try system.entry(at: name), entry.kind == .folder, isOpen(entry) else { continue }
                return "\(name), on the way to \(path), which root runs, can be changed by others than root: "
                    + "chown root \(name); chmod go-w \(name)"
            }
        }
        return nil
    }

    private static func isOpen(_ entry: FileEntry) -> Bool { entry.owner.user != "root" || entry.mode & 0o022 != 0 }

    /// Why what is at the path can't be run; nil when it can.
    private static func problem(of entry: FileEntry?, on system: any System) throws(SystemError) -> String? {
        guard let entry else { return "there is no \(path)" }
        switch entry.kind {
        case .link:
            guard system.isLive, let end = try system.following(path), let program = try system.entry(at: end),
                program.kind == .file, isOpen(program)
            else { return nil }
            return "\(end), where \(path) leads, can be changed by others than root (chown root and chmod go-w)"
        case .file where entry.mode & 0o111 == 0: return "\(path) isn't executable"
        case .file where isOpen(entry):
            return "\(path) can be changed by others than root (chown root:root and chmod go-w)"
        case .file: return nil
        case .folder, .other: return "\(path) is no file"
        }
    }

    private static func remedies(_ problem: String) -> String {
        "streaming.engine is srs, but \(problem). Set streaming.srs.package_url and streaming.srs.package_sha256 to the "
            + "archive of an SRS 6, or install one at \(HostPaths().srsFolder); or do without SRS, by "
            + "streaming.engine: embedded"
    }

    private static func isEdited(
        _ entry: FileEntry, since written: Generation.File?, on system: any System
    ) throws(SystemError) -> Bool {
        guard let written else { return false }
        guard entry.kind == .file else { return true }
        if !entry.stamp.isEmpty && entry.stamp == written.stamp { return false }
        return sha256(of: try system.read(path, limit: SRSDownload.limit)) != written.sha256
    }
}

extension Config {
    /// Whether SRS runs on the host.
    fileprivate var needsSRS: Bool {
        switch deployment.role {
        case .single, .origin: streaming.engine == .srs
        case .edge, .local: false
        }
    }
}
