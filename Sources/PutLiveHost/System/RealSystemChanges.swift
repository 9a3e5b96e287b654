#if canImport(Glibc)
    import Glibc
#endif

/// How files are changed: each change is whole and outlives a power cut, or it didn't happen.
extension RealSystem {
    func write(_ content: [UInt8], to path: String, mode: UInt16, owner: Owner) throws(SystemError) {
        forgetAccounts()
        let numbers = try numbers(of: owner, for: path)
        let place = try walk.making(path)
        let new = place.beside
        try new.remove()
        // Readable by root alone until mode and owner are right and all of it is there.
        guard let file = new.open(O_WRONLY | O_CREAT | O_EXCL, mode: 0o600) else {
            throw SystemError("\(path) can't be written", errno: errno)
        }
        do throws(SystemError) {
            // The mode comes last: a change of the owner takes the set-user-ID bit away.
            if let (user, group) = numbers, fchown(file.number, user, group) != 0 {
                throw SystemError("\(path) can't be given to \(owner)", errno: errno)
            }
            guard file.write(content), fchmod(file.number, mode_t(mode)) == 0, fsync(file.number) == 0 else {
                throw SystemError("\(path) can't be written", errno: errno)
            }
            try new.rename(to: place)
        } catch {
            _ = try? new.remove()
            throw error
        }
        try place.syncFolder()
    }

    func link(_ path: String, to target: String) throws(SystemError) {
        let place = try walk.making(path)
        let new = place.beside
        try new.remove()
        try new.makeLink(to: target)
        do throws(SystemError) {
            try new.rename(to: place)
        } catch {
            _ = try? new.remove()
            throw error
        }
        try place.syncFolder()
    }

    func makeFolder(_ path: String, mode: UInt16, owner: Owner) throws(SystemError) {
        let numbers = try numbers(of: owner, for: path)
        let place = try walk.making(path)
        if let status = try place.status() {
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw SystemError("\(path) can't be made: something else is there; move it away")
            }
        } else {
            try place.makeFolder()
        }
        if let numbers { try place.setOwner(user: numbers.user, group: numbers.group) }
        try place.setMode(mode)
        try place.syncFolder()
    }

    func setMode(_ mode: UInt16, of path: String) throws(SystemError) {
        guard let place = try walk.changing(path) else {
            throw SystemError("the mode of \(path) can't be set", errno: ENOENT)
        }
        try place.setMode(mode)
    }

    func setOwner(_ owner: Owner, of path: String) throws(SystemError) {
        guard let (user, group) = try numbers(of: owner, for: path) else { return }
        guard let place = try walk.changing(path) else {
            throw SystemError("the owner of \(path) can't be set", errno: ENOENT)
        }
        try place.setOwner(user: user, group: group)
    }

    func remove(_ path: String) throws(SystemError) {
        forgetAccounts()
        guard let place = try walk.changing(path), try place.remove() else { return }
        try place.syncFolder()
    }

    func removeEmptyFolder(_ path: String) throws(SystemError) {
        guard let place = try walk.changing(path), try place.remove(folder: true) else { return }
        try place.syncFolder()
    }

    /// The numbers of an owner; nil where an image's files can't be given to it, which is noted.
    private func numbers(of owner: Owner, for path: String) throws(SystemError) -> (user: UInt32, group: UInt32)? {
        if !isLive && geteuid() != 0 {
            note(path, because: "an ordinary user can't give files to others")
            return nil
        }
        guard let user = accounts.user(owner.user) else { return try lacks("user \(owner.user)", path) }
        guard let group = accounts.group(owner.group) else { return try lacks("group \(owner.group)", path) }
        return (user, group)
    }

    private func lacks(_ account: String, _ path: String) throws(SystemError) -> (user: UInt32, group: UInt32)? {
        guard !isLive else {
            throw SystemError("\(path) can't be given to the \(account), which doesn't exist: run systemd-sysusers")
        }
        note(path, because: "the image has no \(account)")
        return nil
    }

    private func note(_ path: String, because reason: String) {
        if unowned[reason]?.contains(path) != true { unowned[reason, default: []].append(path) }
    }
}
