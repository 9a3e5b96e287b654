import PutLiveArtifacts

/// Compares what programs make of files: users, folders, settings of the kernel, the size of memory file systems.
struct EffectComparison {
    let system: any System
    let blueprint: Blueprint
    let generation: Generation?
    let newCause: Difference.Cause

    func run(into result: inout Comparison) throws(SystemError) {
        for applier in blueprint.desired.appliers where generation?.appliers[applier.path] != applier.digest {
            result.appliers.insert(applier.path)
        }
        compareAccounts(into: &result)
        try compareFolders(into: &result)
        compareSettings(into: &result)
        compareMounts(into: &result)
    }

    /// Notes a difference and has the program run that repairs it.
    private func add(
        _ kind: Difference.Kind, _ subject: String, _ detail: String, repairedBy program: String,
        into result: inout Comparison
    ) {
        // What was applied before and differs now was changed by somebody.
        guard let applier = blueprint.desired.appliers.first(where: { $0.program.hasSuffix(program) }) else { return }
        let isEdited = generation?.appliers[applier.path] == applier.digest
        let outcome: Difference.Outcome = isEdited && !blueprint.repairsEdits ? .report : .repair
        if outcome == .repair { result.appliers.insert(applier.path) }
        result.differences.append(
            Difference(
                kind: kind, subject: subject, detail: detail, cause: isEdited ? .edited : newCause, outcome: outcome))
    }

    // MARK: Users and groups

    private func compareAccounts(into result: inout Comparison) {
        guard !blueprint.desired.accounts.isEmpty else { return }
        let users = Set(lines(of: "/etc/passwd").compactMap(\.first))
        var members: [Substring: Set<Substring>] = [:]
        for fields in lines(of: "/etc/group") {
            guard let name = fields.first else { continue }
            members[name] = Set(fields.count > 3 ? fields[3].split(separator: ",") : [])
        }
        for account in blueprint.desired.accounts {
            let name = Substring(account.name)
            switch account.kind {
            case .user where !users.contains(name):
                add(.missing, "user \(name)", "is missing", repairedBy: Self.sysusers, into: &result)
            case .group where members[name] == nil:
                add(.missing, "group \(name)", "is missing", repairedBy: Self.sysusers, into: &result)
            case .membership where !(members[Substring(account.of)]?.contains(name) ?? false):
                add(
                    .missing, "user \(name)", "is not in the group \(account.of)", repairedBy: Self.sysusers,
                    into: &result)
            default: break
            }
        }
    }

    private func lines(of path: String) -> [[Substring]] {
        (system.text(of: path) ?? "").split(separator: "\n").map {
            $0.split(separator: ":", omittingEmptySubsequences: false)
        }
    }

    // MARK: Folders

    private func compareFolders(into result: inout Comparison) throws(SystemError) {
        for folder in blueprint.desired.folders {
            guard let entry = try system.entry(at: folder.path) else {
                if folder.kind != .adjusted {
                    add(.missing, folder.path, "is missing", repairedBy: Self.tmpfiles, into: &result)
                }
                continue
            }
            if folder.kind == .link {
                if entry.kind != .link || entry.target != folder.target {
                    // systemd-tmpfiles replaces nothing.
                    result.notes.append(
                        "\(folder.path) should be a link to \(folder.target ?? "") and is something else: move it away")
                }
                continue
            }
            if folder.kind == .folder && entry.kind != .folder {
                result.notes.append("\(folder.path) should be a folder and is a \(entry.kind.rawValue): move it away")
                continue
            }
            if let mode = folder.mode, entry.mode != mode {
                add(
                    .mode, folder.path, "has mode \(octal(entry.mode)) and should have \(octal(mode))",
                    repairedBy: Self.tmpfiles, into: &result)
            }
            if let owner = folder.owner, entry.owner != owner {
                add(
                    .owner, folder.path, "belongs to \(entry.owner) and should belong to \(owner)",
                    repairedBy: Self.tmpfiles, into: &result)
            }
        }
    }

    // MARK: Kernel

    private func compareSettings(into result: inout Comparison) {
        for setting in blueprint.desired.sysctls {
            guard let text = system.text(of: setting.path) else {
                result.notes.append("\(setting.name) can't be set here: this kernel doesn't show it")
                continue
            }
            let value = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            if value == setting.value { continue }
            if system.isContainer {
                result.notes.append("\(setting.name) is \(value): a container takes it from its host")
                continue
            }
            add(
                .kernel, setting.name, "is \(value) and should be \(setting.value)", repairedBy: Self.sysctl,
                into: &result)
        }
    }

    private func compareMounts(into result: inout Comparison) {
        for mount in blueprint.desired.mounts {
            guard let size = mountedSize(at: mount.path), size != Self.wholePages(mount.size),
                generation?.units[mount.unit]?.reloadDigest
                    == blueprint.desired.units.first(where: { $0.name == mount.unit })?.reloadDigest
            else { continue }
            // Another size by the config is the unit's change; this one is somebody's.
            result.differences.append(
                Difference(
                    kind: .kernel, subject: mount.path, detail: "holds \(size) bytes and should hold \(mount.size)",
                    cause: .edited, outcome: blueprint.repairsEdits ? .repair : .report))
            if blueprint.repairsEdits {
                result.units.append(UnitStep(unit: mount.unit, action: .reload, wasActive: true))
            }
        }
    }

    /// The kernel rounds up.
    private static func wholePages(_ size: Int64) -> Int64 { (size + 4095) / 4096 * 4096 }

    /// The size option of the memory file system mounted at `path`, in bytes.
    private func mountedSize(at path: String) -> Int64? {
        for line in (system.text(of: "/proc/self/mountinfo") ?? "").split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 6, fields[4] == path, let options = fields.last else { continue }
            for option in options.split(separator: ",") where option.hasPrefix("size=") {
                return Self.bytes(String(option.dropFirst(5)))
            }
        }
        return nil
    }

    private static func bytes(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["k": 1 << 10, "m": 1 << 20, "g": 1 << 30]
        guard let last = text.last else { return nil }
        guard let unit = units[last] else { return Int64(text) }
        return Int64(text.dropLast()).flatMap { value in
            let (product, overflow) = value.multipliedReportingOverflow(by: unit)
            return overflow ? nil : product
        }
    }

    private static let sysusers = "systemd-sysusers"
    private static let tmpfiles = "systemd-tmpfiles"
    private static let sysctl = "systemd-sysctl"
}
