/// A package whose hash is right: a tar archive, compressed or not, a zip archive, as SRS's own scripts/package.sh makes
/// it, or the program alone. Only the one member `objs/srs` is taken out, below whatever folders it is.
struct SRSArchive {
    /// Where the package is.
    var path: String
    /// What it holds.
    var bytes: [UInt8]
    /// A folder of ours to unpack to, removed again.
    var unpacked: String
    /// Most bytes of the program.
    var limit: Int

    /// The program, proven to be one for this machine. `name` is what errors call the package.
    func program(named name: String, on system: any System) throws(SystemError) -> [UInt8] {
        try clean(on: system)
        try system.makeFolder(unpacked, mode: 0o700, owner: .root)
        defer { try? clean(on: system) }
        if ELFHeader.isELF(bytes) {
            try system.write(bytes, to: member, mode: 0o700, owner: .root)
        } else {
            try unpack(name, on: system)
        }
        let program = try checked(name, on: system)
        try run(name, on: system)
        return program
    }

    private var member: String { "\(unpacked)/srs" }
    private var isZip: Bool { bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) }

    private func unpack(_ name: String, on system: any System) throws(SystemError) {
        let tool = isZip ? "unzip" : "tar"
        guard system.hasProgram(tool) else {
            throw SystemError("SRS can't be unpacked from \(name): \(tool) isn't installed; apt install \(tool)")
        }
        // Whatever the member is called, it lands at `member`: no path of the archive's is ever used. Its size is bounded
        // by the kernel, for an archive of kilobytes may hold gigabytes.
        let arguments =
            isZip
            ? ["-q", "-o", "-j", path, "objs/srs", "*/objs/srs", "-d", unpacked]
            : [
                "--extract", "--file", path, "--directory", unpacked, "--no-same-owner", "--no-same-permissions",
                "--transform", "s,.*,srs,rSH", "--no-anchored", "--occurrence=1", "objs/srs",
            ]
        let result = try system.run(
            "prlimit", ["--fsize=\(limit)", "--core=0", tool] + arguments, limit: .seconds(120))
        // unzip tells of the pattern that found nothing (11), tar of a member that isn't there: both by failing.
        if try system.entry(at: member) == nil {
            throw SystemError(
                "there is no objs/srs in \(name)"
                    + (result.succeeded ? "" : " (\(tool): \(SRSDownload.firstLine(of: result)))")
                    + "; name a tar or zip archive of a built SRS 6")
        }
        guard result.succeeded || (isZip && result.status == 11) else {
            throw SystemError("SRS can't be unpacked from \(name): \(tool): \(SRSDownload.firstLine(of: result))")
        }
    }

    /// The member's bytes, if they are a program for this machine.
    private func checked(_ name: String, on system: any System) throws(SystemError) -> [UInt8] {
        guard let entry = try system.entry(at: member), entry.kind == .file, entry.size <= limit
        else {
            throw SystemError("objs/srs in \(name) is no file of at most \(limit >> 20) MB")
        }
        let program = try system.read(member, limit: limit)
        if let problem = ELFHeader.problem(of: program) {
            throw SystemError("objs/srs in \(name) \(problem); name the package of an SRS 6 built for this machine")
        }
        return program
    }

    /// Has the program tell its version, which shows that the libraries it was linked with are here. A file system on
    /// which nothing may be run shows nothing.
    private func run(_ name: String, on system: any System) throws(SystemError) {
        try system.setMode(0o700, of: member)
        guard let result = try? system.run(member, ["-v"], limit: .seconds(10)) else { return }
        guard result.succeeded else {
            throw SystemError(
                "the SRS in \(name) doesn't run on this host: \(SRSDownload.firstLine(of: result)); name one that was built for "
                    + "Debian 12")
        }
        let version = SRSDownload.firstLine(of: result).prefix { $0 != " " }
        guard let major = version.split(separator: ".").first.flatMap({ Int($0) }), major < 6 else { return }
        throw SystemError("the SRS in \(name) is version \(version), and PutLive needs 6 or later; name a newer one")
    }

    private func clean(on system: any System) throws(SystemError) {
        for name in try system.names(in: unpacked) {
            let path = "\(unpacked)/\(name)"
            if try system.entry(at: path)?.kind == .folder {
                try system.removeEmptyFolder(path)
            } else {
                try system.remove(path)
            }
        }
        try system.removeEmptyFolder(unpacked)
    }
}
