#if canImport(Glibc)
    import Glibc
#endif

/// Looks paths up below a root, folder by folder. Links on the way are followed as if the root were `/`, as after a chroot:
/// none leads out of it, and none can be put in between while a path is in use.
struct PathWalk {
    /// An image's folder; empty for the host itself.
    let root: String

    /// As many as the kernel follows.
    private static let linkLimit = 40

    /// The place of a path that is only read; nil when a folder on the way is missing.
    func reading(_ path: String) throws(SystemError) -> Place? {
        // On the host the kernel finds the way, which is faster.
        if root.isEmpty { return Place(folder: nil, name: try Self.checked(path), path: path) }
        return try changing(path)
    }

    /// The place of a path that is changed; nil when a folder on the way is missing.
    func changing(_ path: String) throws(SystemError) -> Place? {
        try place(of: path, makesFolders: false)
    }

    /// The place of a path that comes to be: folders on the way that are missing are made.
    func making(_ path: String) throws(SystemError) -> Place {
        guard let place = try place(of: path, makesFolders: true) else {
            throw SystemError("\(path) can't be made: something on the way isn't a folder; move it away")
        }
        return place
    }

    /// What `path` leads to in the end, links followed; nil when that is nothing.
    func following(_ path: String) throws(SystemError) -> Place? {
        var path = path
        for _ in 0..<Self.linkLimit {
            guard let place = try changing(path), try place.status() != nil else { return nil }
            guard let target = try place.linkTarget() else { return place }
            let folder = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
            path = target.hasPrefix("/") ? target : folder + "/" + target
        }
        return nil
    }

    private func place(of path: String, makesFolders: Bool) throws(SystemError) -> Place? {
        var names = try Self.checked(path).split(separator: "/")
        // `a/..` at the end would be another place than the one that is named.
        let name = names.popLast() ?? "."
        guard name != ".." else { throw SystemError("\(path) has .. at its end") }
        guard let folder = try open(names, of: path, makesFolders: makesFolders) else { return nil }
        return Place(folder: folder, name: String(name), path: path)
    }

    /// The folder that `names` lead to; nil when it is missing.
    private func open(_ names: [Substring], of path: String, makesFolders: Bool) throws(SystemError) -> Descriptor? {
        let start = root.isEmpty ? "/" : root
        guard let top = Descriptor(Glibc.open(start, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) else {
            throw SystemError("\(start) can't be opened", errno: errno)
        }
        // Each folder that `..` leads back to, the root last.
        var folders = [top]
        // The next one is last.
        var rest = Array(names.reversed())
        var links = 0
        while let name = rest.popLast() {
            if name == "." { continue }
            if name == ".." {
                if folders.count > 1 { folders.removeLast() }
                continue
            }
            let place = Place(folder: folders[folders.count - 1], name: String(name), path: path)
            if let next = place.open(O_RDONLY | O_DIRECTORY) {
                folders.append(next)
            } else if errno == ENOENT {
                guard makesFolders else { return nil }
                folders.append(try Self.make(place))
            } else if errno == ENOTDIR || errno == ELOOP {
                guard let target = try place.linkTarget() else { return nil }
                links += 1
                guard links <= Self.linkLimit else {
                    throw SystemError("\(path) can't be reached: a link on the way leads to itself")
                }
                if target.hasPrefix("/") { folders = [top] }
                rest += target.split(separator: "/").reversed()
            } else {
                throw SystemError("\(path) can't be reached", errno: errno)
            }
        }
        return folders[folders.count - 1]
    }

    /// A folder on the way to what is wanted: 0755 root:root whatever the umask or the folder above it says.
    private static func make(_ place: Place) throws(SystemError) -> Descriptor {
        try place.makeFolder()
        if geteuid() == 0 { try place.setOwner(user: 0, group: 0) }
        try place.setMode(0o755)
        try place.syncFolder()
        guard let folder = place.open(O_RDONLY | O_DIRECTORY) else {
            throw SystemError("\(place.path) can't be opened", errno: errno)
        }
        return folder
    }

    /// The path without a slash at its end, which would have the kernel follow a link.
    private static func checked(_ path: String) throws(SystemError) -> String {
        guard path.utf8.first == UInt8(ascii: "/"), !path.utf8.contains(0) else {
            throw SystemError("\(path) isn't an absolute path")
        }
        guard path.utf8.count > 1, path.utf8.last == UInt8(ascii: "/") else { return path }
        return String(path.dropLast())
    }
}
