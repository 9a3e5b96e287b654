import PutLiveArtifacts

/// A package of SRS: fetches it, proves its hash and takes the program out. What runs is never what the hash doesn't
/// vouch for.
struct SRSDownload: Sendable, Hashable {
    /// `https://…` or `file:///…`.
    var url: String
    /// Of the package, in lower-case hexadecimal.
    var sha256: String
    /// Where packages are kept, so that the same one needn't be fetched twice.
    var folder = "/var/lib/putlive-reconcile/srs"
    /// Most bytes of the package, and of the program in it.
    var limit = Self.limit

    /// The program of SRS 6 has 14 MB, and may have several times that with all that it can link statically.
    static let limit = 200 << 20

    /// The program's bytes; nil where nothing may be changed, and so nothing is fetched.
    func program(on system: any System) throws(SystemError) -> [UInt8]? {
        guard system.isLive, system.isWritable else { return nil }
        try system.makeFolder(folder, mode: 0o700, owner: .root)
        let package: [UInt8]
        if let kept = try kept(on: system) { package = kept } else { package = try fetched(on: system) }
        for name in try system.names(in: folder) where name != sha256 && name != Self.unpacked {
            try system.remove("\(folder)/\(name)")
        }
        let archive = SRSArchive(
            path: path, bytes: package, unpacked: "\(folder)/\(Self.unpacked)", limit: limit)
        return try archive.program(named: shownURL, on: system)
    }

    private static let unpacked = "unpacked"
    private var path: String { "\(folder)/\(sha256)" }
    private var part: String { "\(path).part" }
    private var refusal: SRSRefusal { SRSRefusal(path: "\(path).refused", url: url) }

    /// The URL without its query, which may hold a signature.
    private var shownURL: String {
        url.firstIndex(of: "?").map { url[..<$0] + "?…" } ?? url
    }

    /// The package of an earlier run, if it is whole.
    private func kept(on system: any System) throws(SystemError) -> [UInt8]? {
        guard let entry = try system.entry(at: path) else { return nil }
        if entry.kind == .file, entry.size <= limit {
            let bytes = try system.read(path, limit: limit)
            if PutLiveArtifacts.sha256(of: bytes) == sha256 { return bytes }
        }
        try system.remove(path)
        return nil
    }

    private func fetched(on system: any System) throws(SystemError) -> [UInt8] {
        guard system.hasProgram("curl") else {
            throw SystemError("SRS can't be fetched from \(shownURL): curl isn't installed; apt install curl")
        }
        if let refusal = refusal.lately(on: system) { throw SystemError(refusal) }
        try system.remove(part)
        let bytes: [UInt8]
        do {
            bytes = try download(on: system)
        } catch {
            try? system.remove(part)
            throw error
        }
        // In one step, so that what bears the hash as its name is whole.
        try system.write(bytes, to: path, mode: 0o600, owner: .root)
        try system.remove(part)
        return bytes
    }

    private func download(on system: any System) throws(SystemError) -> [UInt8] {
        // A server may leave out how much it sends: the file's size is bounded by the kernel as well.
        let result = try system.run(
            "prlimit",
            [
                "--fsize=\(limit)", "--core=0", "curl", "--silent", "--show-error", "--fail", "--location", "--globoff",
                "--proto", "=https,file", "--proto-redir", "=https", "--max-redirs", "5", "--connect-timeout", "15",
                "--max-time", "240", "--retry", "3", "--retry-connrefused", "--retry-max-time", "60",
                "--max-filesize", "\(limit)", "--output", part, "--", url,
            ], limit: .seconds(330))
        guard result.succeeded else {
            throw refusal.noted(
                "SRS can't be fetched from \(shownURL): \(Self.firstLine(of: result)); correct "
                    + "streaming.srs.package_url, or fetch the package by hand and name it as file:///path", on: system)
        }
        // An empty file isn't written at all.
        let bytes = try system.entry(at: part) == nil ? [] : system.read(part, limit: limit)
        let found = PutLiveArtifacts.sha256(of: bytes)
        guard found == sha256 else {
            throw refusal.noted(
                "what \(shownURL) holds isn't the package that the config names: its SHA-256 is \(found), and "
                    + "streaming.srs.package_sha256 is \(sha256). Nothing was installed. Find out why the two differ; "
                    + "where the new package is meant, correct package_sha256", on: system)
        }
        return bytes
    }

    /// The first line of what a program had to say, or how it ended where it said nothing.
    static func firstLine(of result: ProgramResult) -> String {
        // SIGXFSZ: the kernel let it write no more.
        if result.status == 128 + 25 { return "it is larger than may be" }
        let line = result.output.split(whereSeparator: \.isNewline).first.map { String($0.prefix(300)) }
        return line ?? "it ended with status \(result.status)"
    }
}
