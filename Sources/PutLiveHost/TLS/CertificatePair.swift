import PutLiveArtifacts

/// A certificate chain with its key, as they lie on the host.
struct CertificatePair {
    private typealias File = (path: String, entry: FileEntry)

    private let system: any System
    private let chain: File
    private let key: File

    /// Follows links, such as certbot's. Nil when one of the two isn't there.
    init?(_ chainPath: String, _ keyPath: String, on system: any System) throws(SystemError) {
        guard let chain = try Self.file(chainPath, on: system), let key = try Self.file(keyPath, on: system) else {
            return nil
        }
        (self.system, self.chain, self.key) = (system, chain, key)
    }

    /// Nobody but root can read the key.
    var isPrivate: Bool { key.entry.mode & 0o077 == 0 }

    /// What the two files say; not read again while they are the same.
    func look(for domain: String, _ memory: inout CertificateMemory) throws(SystemError) -> CertificateLook {
        let subject = [domain, chain.path, chain.entry.stamp, key.path, key.entry.stamp].joined(separator: "\n")
        let isTold = !chain.entry.stamp.isEmpty && !key.entry.stamp.isEmpty
        if isTold, let look = memory.looks[subject] { return look }
        let chainBytes = try system.read(chain.path, limit: CertificateFile.limit)
        let keyBytes = try system.read(key.path, limit: CertificateFile.limit)
        var look = CertificateLook(digest: sha256(of: chainBytes))
        do throws(CertificateProblem) {
            look.facts = try CertificateFile.examine(chain: chainBytes, key: keyBytes, domain: domain)
        } catch {
            look.problem = error.words
        }
        if isTold { memory.note(look, of: subject) }
        return look
    }

    /// Whether there is a file at the end of `path`.
    static func exists(_ path: String, on system: any System) throws(SystemError) -> Bool {
        try file(path, on: system) != nil
    }

    private static func file(_ path: String, on system: any System) throws(SystemError) -> File? {
        guard let end = try system.following(path), let entry = try system.entry(at: end), entry.kind == .file else {
            return nil
        }
        return (end, entry)
    }
}
