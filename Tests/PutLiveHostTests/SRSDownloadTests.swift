import Foundation
import PutLiveArtifacts
import Testing

@testable import PutLiveHost

/// Fetching a package of SRS and taking the program out, with curl, tar and unzip themselves.
@Suite struct SRSDownloadTests {
    private let packages: SRSPackages
    private var system: ToolSystem { packages.system }

    init() throws { packages = try SRSPackages() }

    private static let tools = [
        "tar -c a", "tar -cz a", "tar -cJ a", "tar -c ./a", "cd a/usr/local/srs && tar -c objs", "tar -cP \"$PWD/a\"",
        "cat a/usr/local/srs/objs/srs", "zip -qr - a", "cd a/usr/local/srs && zip -qr - objs",
    ]

    @Test(arguments: tools) func theProgramIsFoundInAnyPackage(tool: String) throws {
        guard system.hasProgram("zip") || !tool.contains("zip") else { return }
        let download = try packages.package("srs.package", tool)
        #expect(try download.program(on: system) == packages.program)
        #expect(try system.names(in: packages.kept) == [download.sha256])
        #expect(try system.entry(at: packages.kept)?.mode == 0o700)
        #expect(try system.entry(at: "\(packages.kept)/\(download.sha256)")?.mode == 0o600)
    }

    @Test func aPackageIsFetchedOnce() throws {
        let download = try packages.package("srs.tar", "tar -c a")
        #expect(try download.program(on: system) == packages.program)
        try system.remove("\(packages.folder)/srs.tar")
        system.missing = ["curl"]
        #expect(try download.program(on: system) == packages.program)
    }

    @Test func aDamagedOneIsFetchedAgain() throws {
        let download = try packages.package("srs.tar", "tar -c a")
        try system.makeFolder(packages.kept, mode: 0o755, owner: .root)
        let path = "\(packages.kept)/\(download.sha256)"
        try system.write([1, 2, 3], to: path, mode: 0o644, owner: .root)
        #expect(try download.program(on: system) == packages.program)
        #expect(sha256(of: try system.read(path)) == download.sha256)
        try system.link(path, to: "/etc/passwd")
        #expect(try download.program(on: system) == packages.program)
        #expect(try system.entry(at: path)?.kind == .file)
    }

    @Test func whatIsLeftOfEarlierRunsGoes() throws {
        let download = try packages.package("srs.tar", "tar -c a")
        try system.makeFolder("\(packages.kept)/unpacked", mode: 0o700, owner: .root)
        for name in ["\(download.sha256).part", String(repeating: "a", count: 64), "unpacked/srs", "unpacked/x"] {
            try system.write([1], to: "\(packages.kept)/\(name)", mode: 0o600, owner: .root)
        }
        try system.makeFolder("\(packages.kept)/unpacked/folder", mode: 0o700, owner: .root)
        #expect(try download.program(on: system) == packages.program)
        #expect(try system.names(in: packages.kept) == [download.sha256])
    }

    @Test func anotherFileIsNotInstalled() throws {
        var download = try packages.package("srs.tar", "tar -c a")
        let found = download.sha256
        download.sha256 = String(repeating: "ab", count: 32)
        let refusal = packages.refusal(of: download)
        #expect(refusal.contains("its SHA-256 is \(found)") && refusal.contains("package_sha256 is \(download.sha256)"))
        #expect(refusal.contains("file://\(packages.folder)/srs.tar") && refusal.contains("Nothing was installed"))
        #expect(try system.names(in: packages.kept).isEmpty)
        #expect(!system.ran.contains("tar"))
    }

    @Test func nothingIsFetchedWhereNothingMayChange() throws {
        let download = try packages.package("srs.tar", "tar -c a")
        system.isWritable = false
        #expect(try download.program(on: system) == nil)
        system.isWritable = true
        system.isLive = false
        #expect(try download.program(on: system) == nil)
        #expect(try system.entry(at: packages.kept) == nil)
    }

    @Test func theReasonIsTold() throws {
        var download = try packages.package("srs.tar", "tar -c a")
        download.url = "file://\(packages.folder)/absent.tar"
        let refusal = packages.refusal(of: download)
        #expect(refusal.hasPrefix("SRS can't be fetched from \(download.url): curl: (37)"), "\(refusal)")
        #expect(refusal.contains("correct streaming.srs.package_url"))
        // A redirect or a mistake leads to no other protocol.
        download.url = "http://127.0.0.1:1/srs.tar?Signature=of-mine"
        #expect(
            packages.refusal(of: download).hasPrefix(
                "SRS can't be fetched from http://127.0.0.1:1/srs.tar?…: curl: (1)"))
        system.missing = ["curl"]
        #expect(packages.refusal(of: download).hasSuffix("curl isn't installed; apt install curl"))
        #expect(try system.names(in: packages.kept).isEmpty)
    }

    @Test func sizesAreBounded() throws {
        let noise = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 31 >> 5) }
        var download = try packages.package("srs", "cat a/usr/local/srs/objs/srs", program: packages.program + noise)
        download.limit = 50_000
        #expect(packages.refusal(of: download).contains("srs: it is larger than may be; correct"))

        // A few kilobytes that hold a megabyte.
        let bomb = packages.program + [UInt8](repeating: 0, count: 1 << 20)
        download = try packages.package("srs.tar.gz", "tar -cz a", program: bomb)
        download.limit = 500_000
        #expect(packages.refusal(of: download).hasSuffix("tar: it is larger than may be"))
        #expect(try system.names(in: packages.kept) == [download.sha256])
    }
}
