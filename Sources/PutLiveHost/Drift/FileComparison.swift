import PutLiveArtifacts

/// Compares the files, links and folders of a host with a blueprint.
struct FileComparison {
    let system: any System
    let blueprint: Blueprint
    let generation: Generation?

    /// Why something new is asked for.
    var newCause: Difference.Cause {
        guard let generation else { return .neverApplied }
        // An upgrade makes something else of the same config.
        if generation.toolVersion != blueprint.toolVersion { return .upgraded }
        return generation.configDigest == blueprint.configDigest ? .neverApplied : .configChanged
    }

    func run(into result: inout Comparison) throws(SystemError) {
        for file in blueprint.desired.files { try compare(file, into: &result) }
        for link in blueprint.desired.links { try compare(link, into: &result) }
        try findExtras(into: &result)
    }

    // MARK: Files

    private func compare(_ file: DesiredFile, into result: inout Comparison) throws(SystemError) {
        let recorded = generation?.files[file.path]
        guard let entry = try system.entry(at: file.path) else {
            return add(
                file, .missing, "is missing", recorded.map { $0.sha256 == file.sha256 } ?? false, nil, into: &result)
        }
        guard entry.kind == .file else {
            return add(
                file, .content, "is a \(entry.kind.rawValue) and should be a file", recorded != nil, nil, into: &result)
        }
        let isUntouched = recorded.map { !$0.stamp.isEmpty && $0.stamp == entry.stamp } ?? false
        if !(isUntouched && recorded?.sha256 == file.sha256) {
            let bytes: [UInt8]
            do {
                // Of another size it is another content; only what isn't huge is read to show how.
                bytes = try system.read(file.path, limit: max(Self.readLimit, file.content.count) + 1)
            } catch {
                return add(file, .content, "can't be compared: \(error)", recorded != nil, nil, into: &result)
            }
            if bytes != file.content {
                // Another package's file, or one that is written for the first time, isn't an edit.
                let isEdited = recorded.map { $0.sha256 != sha256(of: bytes) } ?? false
                if isEdited { result.edited.insert(file.path) }
                // An edit that the config has something new to say about is replaced like any other content.
                let isOnlyEdited = isEdited && recorded?.sha256 == file.sha256
                // What another package put there may hold that one's secrets.
                let isForeign = !file.isOursAlone && recorded == nil
                let shown = isForeign ? nil : blueprint.diff(file, String(decoding: bytes, as: UTF8.self))
                return add(
                    file, .content,
                    isEdited ? "has been edited" : "has another content", isOnlyEdited, shown, into: &result)
            }
        }
        result.stamps[file.path] = entry.stamp
        compareAccess(of: file, entry, recorded, into: &result)
    }

    /// In bytes: more than any artifact has.
    private static let readLimit = 64 << 20

    private func compareAccess(
        of file: DesiredFile, _ entry: FileEntry, _ recorded: Generation.File?, into result: inout Comparison
    ) {
        var needsAdjusting = false
        func note(_ kind: Difference.Kind, _ detail: String, isEdited: Bool) {
            let outcome = outcome(isEdited: isEdited)
            if outcome == .repair { needsAdjusting = true }
            result.differences.append(
                Difference(
                    kind: kind, subject: file.path, detail: detail, cause: isEdited ? .edited : newCause,
                    outcome: outcome))
        }
        if entry.mode != file.mode {
            note(
                .mode, "has mode \(octal(entry.mode)) and should have \(octal(file.mode))",
                isEdited: recorded?.mode == file.mode)
        }
        // An image's users may not exist yet.
        if system.isLive && entry.owner != file.owner {
            note(
                .owner, "belongs to \(entry.owner) and should belong to \(file.owner)",
                isEdited: recorded?.owner == file.owner)
        }
        if needsAdjusting { result.adjustments.append(file) }
    }

    private func add(
        _ file: DesiredFile, _ kind: Difference.Kind, _ detail: String, _ isEdited: Bool, _ diff: String?,
        into result: inout Comparison
    ) {
        let outcome = outcome(isEdited: isEdited)
        if outcome == .repair { result.writes.append(file) }
        result.differences.append(
            Difference(
                kind: kind, subject: file.path, detail: detail, cause: isEdited ? .edited : newCause, outcome: outcome,
                diff: diff))
    }

    // MARK: Links

    private func compare(_ link: DesiredLink, into result: inout Comparison) throws(SystemError) {
        let entry = try system.entry(at: link.path)
        if entry?.kind == .link && entry?.target.map(Self.unmerged) == link.target { return }
        let isEdited = generation?.links[link.path] == link.target
        let outcome = outcome(isEdited: isEdited)
        if outcome == .repair { result.links.append(link) }
        let kind: Difference.Kind
        let detail: String
        if let unit = link.enables {
            kind = .unit
            detail = "is not enabled"
            result.differences.append(
                Difference(
                    kind: kind, subject: unit, detail: detail, cause: isEdited ? .stopped : newCause, outcome: outcome))
        } else {
            kind = entry == nil ? .missing : .content
            detail =
                entry == nil
                ? "is missing" : "should lead to \(link.target)" + (entry?.target.map { ", not to \($0)" } ?? "")
            result.differences.append(
                Difference(
                    kind: kind, subject: link.path, detail: detail, cause: isEdited ? .edited : newCause,
                    outcome: outcome))
        }
    }

    // MARK: What an earlier generation left

    private func findExtras(into result: inout Comparison) throws(SystemError) {
        guard let generation else { return }
        let wanted = Set(blueprint.desired.files.map(\.path)).union(blueprint.desired.links.map(\.path))
        for (path, file) in generation.files.sorted(by: { $0.key < $1.key }) where !wanted.contains(path) {
            guard let entry = try system.entry(at: path) else { continue }
            if let original = file.original, entry.kind == .file,
                try system.entry(at: original.copy) == nil
            {
                result.notes.append("\(path) stays: the copy of what was there before PutLive is gone")
                continue
            }
            if entry.kind == .file,
                sha256(of: (try? system.read(path, limit: Self.readLimit)) ?? []) != file.sha256
            {
                result.edited.insert(path)
            }
            result.removals.append(Removal(path: path, file: file))
            result.differences.append(
                Difference(
                    kind: .extra, subject: path, detail: "is not asked for any more", cause: newCause))
        }
        for (path, target) in generation.links.sorted(by: { $0.key < $1.key }) where !wanted.contains(path) {
            // Another package's unit stays enabled, as it came, unless the config alone had it run.
            let name = String(path.split(separator: "/").last ?? "")
            let isOurs = !Self.unmerged(target).hasPrefix("/lib/systemd/")
            guard SystemUnits.endsWithConfig(name, isOurs: isOurs) else { continue }
            guard let entry = try system.entry(at: path), entry.kind == .link,
                entry.target.map(Self.unmerged) == Self.unmerged(target)
            else { continue }
            result.removals.append(Removal(path: path, file: nil))
            result.differences.append(
                Difference(kind: .extra, subject: path, detail: "is not asked for any more", cause: newCause))
        }
    }

    /// On Debian /lib leads to /usr/lib.
    private static func unmerged(_ target: String) -> String {
        target.hasPrefix("/usr/lib/systemd/") ? String(target.dropFirst(4)) : target
    }

    private func outcome(isEdited: Bool) -> Difference.Outcome {
        isEdited && !blueprint.repairsEdits ? .report : .repair
    }
}
