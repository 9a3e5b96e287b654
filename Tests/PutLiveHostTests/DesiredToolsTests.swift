import Foundation
import PutLiveArtifacts
import Testing

@testable import PutLiveHost

#if canImport(Glibc)
    import Glibc
#endif

/// systemd's own tools, on an image, make of the golden trees what a `DesiredHost` says they do.
@Suite struct DesiredToolsTests {
    private static let hasSystemctl = ImageRoot.has("/usr/bin/systemctl")
    private static let canMakeUsers =
        geteuid() == 0 && ImageRoot.has("/usr/bin/systemd-sysusers") && ImageRoot.has("/usr/bin/systemd-tmpfiles")

    /// `systemctl enable` makes exactly the links; of another package's unit where it is installed here.
    @Test(.enabled(if: hasSystemctl, "systemctl is not installed"), arguments: Golden.hosts)
    func linksAreThoseOfSystemctl(profile: String) throws {
        let image = try ImageRoot()
        let host = try Golden.host(profile)
        for file in host.files where file.path.hasPrefix("/etc/systemd/system/") {
            try image.write(file.path, String(decoding: file.content, as: UTF8.self))
        }
        var enabled: [String] = []
        for unit in Set(host.links.compactMap(\.enables)).sorted() {
            if let packaged = SystemUnits.packaged[unit] {
                guard let text = try? String(contentsOfFile: packaged.file, encoding: .utf8) else { continue }
                try image.write(packaged.file, text)
            }
            enabled.append(unit)
        }
        try image.run("/usr/bin/systemctl", ["--root=\(image.path)", "enable"] + enabled)
        let wanted = host.links.filter { enabled.contains($0.enables ?? "") }
        #expect(wanted.count >= 5)
        #expect(try links(below: image.path) == Dictionary(uniqueKeysWithValues: wanted.map { ($0.path, $0.target) }))
    }

    private func links(below root: String) throws -> [String: String] {
        var result: [String: String] = [:]
        let walker = FileManager.default.enumerator(atPath: root + "/etc/systemd/system")
        while let name = walker?.nextObject() as? String {
            let path = "/etc/systemd/system/" + name
            if let target = try? FileManager.default.destinationOfSymbolicLink(atPath: root + path) {
                result[path] = target
            }
        }
        return result
    }

    @Test(.enabled(if: canMakeUsers, "needs root, systemd-sysusers and systemd-tmpfiles"), arguments: Golden.hosts)
    func accountsAndFoldersAreThoseOfSystemd(profile: String) throws {
        let image = try ImageRoot()
        let host = try Golden.host(profile)
        for applier in host.appliers.prefix(2) {
            let file = try #require(host.files.first { $0.path == applier.path })
            try image.write(file.path, String(decoding: file.content, as: UTF8.self))
        }
        try image.write("/etc/putlive/config.yaml", "")
        try image.write("/etc/putlive/environment", "")
        try FileManager.default.createDirectory(atPath: image.path + "/dev/shm", withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: image.path + "/srv", withIntermediateDirectories: true)
        for applier in host.appliers.prefix(2) {
            // They look for the file outside of the image.
            let arguments = applier.arguments.map { $0 == applier.path ? image.path + $0 : $0 }
            try image.run("/usr/bin/" + applier.program, ["--root=\(image.path)"] + arguments)
        }
        let users = numbers(image.text("/etc/passwd"))
        let groups = numbers(image.text("/etc/group"))
        for account in host.accounts {
            switch account.kind {
            case .user: #expect(users.values.contains(account.name))
            case .group: #expect(groups.values.contains(account.name))
            case .membership:
                let line = image.text("/etc/group").split(separator: "\n").first { $0.hasPrefix(account.of + ":") }
                #expect(try #require(line).hasSuffix(":" + account.name))
            }
        }
        // What was there before, and what the host says of it, are all that there is.
        #expect(Set(users.values) == Set(["root", "www-data"] + host.accounts.filter { $0.kind == .user }.map(\.name)))
        #expect(!host.folders.isEmpty)
        for folder in host.folders { try check(folder, image, users, groups) }
    }

    private func check(
        _ folder: DesiredFolder, _ image: ImageRoot, _ users: [UInt32: String], _ groups: [UInt32: String]
    ) throws {
        var status = stat()
        try #require(lstat(image.path + folder.path, &status) == 0, "\(folder.path) was not made")
        let kinds: [DesiredFolder.Kind: mode_t] = [
            .folder: S_IFDIR, .file: S_IFREG, .link: S_IFLNK, .adjusted: S_IFREG,
        ]
        #expect(status.st_mode & S_IFMT == kinds[folder.kind], "\(folder.path)")
        if let mode = folder.mode { #expect(UInt16(status.st_mode & 0o7777) == mode, "\(folder.path)") }
        if let owner = folder.owner {
            #expect(Owner(users[status.st_uid] ?? "", groups[status.st_gid] ?? "") == owner, "\(folder.path)")
        }
        if folder.kind == .link {
            let target = try FileManager.default.destinationOfSymbolicLink(atPath: image.path + folder.path)
            #expect(target == folder.target)
        }
    }

    /// The names of passwd and group by their numbers.
    private func numbers(_ text: String) -> [UInt32: String] {
        var result: [UInt32: String] = [:]
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            if fields.count > 2, let number = UInt32(fields[2]) { result[number] = String(fields[0]) }
        }
        return result
    }
}
