/// What was seen of a certificate and its key.
struct CertificateLook: Sendable, Hashable, Codable {
    /// Nil when it can't be used.
    var facts: CertificateFacts?
    /// Why not.
    var problem = ""
    /// SHA-256 of the chain, in lower-case hexadecimal.
    var digest: String
}

/// What was seen of certificates, kept from run to run: OpenSSL takes 4 ms to look at one, and a run looks twice a minute.
struct CertificateMemory: Sendable, Hashable, Codable {
    private static let path = StateFolder.runtime + "/certificates.json"

    /// Of this file's format.
    private(set) var version = 1
    /// By domain, paths and stamps of the files.
    private(set) var looks: [String: CertificateLook] = [:]

    /// More than a host has certificates; older ones are forgotten all at once.
    private static let mostLooks = 8

    mutating func note(_ look: CertificateLook, of subject: String) {
        if looks.count >= Self.mostLooks { looks = [:] }
        looks[subject] = look
    }

    /// What an earlier run has kept.
    static func recall(from system: any System) -> CertificateMemory {
        let memory = try? StateFolder.read(CertificateMemory.self, at: path, from: system)
        return memory.flatMap { $0.version == 1 ? $0 : nil } ?? CertificateMemory()
    }

    /// Keeps it for the next run. Where that fails, the next one looks itself.
    func keep(on system: any System) {
        guard system.isLive, system.isWritable else { return }
        try? system.makeFolder(StateFolder.runtime, mode: 0o755, owner: .root)
        try? StateFolder.write(self, to: Self.path, on: system)
    }
}
