import Foundation
import Testing

@testable import PutLiveHost

/// What is in a package: a hash vouches for the whole, not for what somebody packed.
@Suite struct SRSArchiveTests {
    private let packages: SRSPackages
    private var system: ToolSystem { packages.system }

    init() throws { packages = try SRSPackages() }

    private static let objs = "cd a/usr/local/srs/objs"

    @Test(arguments: [
        ("rm -r a/usr && tar -c a", "there is no objs/srs in"),
        ("rm -r a/usr && zip -qr - a", "there is no objs/srs in"),
        ("echo nothing", "there is no objs/srs in"), (":", "there is no objs/srs in"),
        ("tar -c a | head -c 4000", "tar: "), ("zip -qr - a | head -c 4000", "there is no objs/srs in"),
        ("(\(objs) && ln -sf /etc/passwd srs) && tar -c a", "is no file of at most"),
        ("(\(objs) && ln -sf /etc/passwd srs) && zip -qry - a", "is no file of at most"),
        ("(\(objs) && rm srs && mkdir -p srs/srs) && tar -c a", "is no file of at most"),
        ("(\(objs) && rm srs && mkfifo srs) && tar -c a", "is no file of at most"),
        ("(\(objs) && echo '#!/bin/sh' >srs) && tar -c a", "is no program of Linux"),
    ])
    func whatIsNoProgramIsRefused(tool: String, words: String) throws {
        guard system.hasProgram("zip") || !tool.contains("zip") else { return }
        let download = try packages.package("srs.package", tool)
        let refusal = packages.refusal(of: download)
        #expect(refusal.contains(words), "\(refusal)")
        #expect(try system.names(in: packages.kept) == [download.sha256])
    }

    /// A member that would land elsewhere lands in our folder, and links lead nowhere.
    @Test(arguments: [
        "tar -cP --transform \"s,^a/usr/local/srs,$PWD/escaped,\" a",
        "ln -s \"$PWD\" up && tar -c --transform 's,^a/usr/local/srs,up/escaped,' up a",
    ])
    func nothingLandsElsewhere(tool: String) throws {
        let download = try packages.package("srs.tar", tool)
        #expect(try download.program(on: system) == packages.program)
        try expectNothingEscaped(download)
    }

    @Test func dotsAreRefused() throws {
        let download = try packages.package("srs.tar", "tar -cP --transform 's,^a/usr/local/srs,../../../escaped,' a")
        #expect(packages.refusal(of: download).contains("Member name contains '..'"))
        try expectNothingEscaped(download)
    }

    private func expectNothingEscaped(_ download: SRSDownload) throws {
        #expect(try system.names(in: packages.kept) == [download.sha256])
        let all = FileManager.default.enumerator(atPath: packages.folder)?.allObjects as? [String] ?? []
        #expect(!all.isEmpty && !all.contains { $0.contains("escaped") })
    }

    @Test func theFirstOfTwoCounts() throws {
        let download = try packages.package(
            "srs.tar", "cp -r a b && ln -sf /etc/passwd b/usr/local/srs/objs/srs && tar -c a b")
        #expect(try download.program(on: system) == packages.program)
    }

    @Test(arguments: ["tar -c a", "zip -qr - a"]) func theToolMustBeThere(tool: String) throws {
        guard system.hasProgram("zip") || !tool.contains("zip") else { return }
        let download = try packages.package("srs.package", tool)
        let name = tool.contains("zip") ? "unzip" : "tar"
        system.missing = [name]
        #expect(packages.refusal(of: download).hasSuffix("\(name) isn't installed; apt install \(name)"))
    }

    @Test func aProgramForAnotherMachineIsRefused() throws {
        var other = packages.program
        other[18] = 8
        let download = try packages.package("srs.tar", "tar -c a", program: other)
        #expect(packages.refusal(of: download).contains("is a program for another kind of processor; name the package"))
    }

    @Test func aProgramThatDoesNotRunHereIsRefused() throws {
        let program = try system.read("/usr/bin/false", limit: 1 << 20)
        let download = try packages.package("srs.tar", "tar -c a", program: program)
        #expect(packages.refusal(of: download).contains("doesn't run on this host: it ended with status 1; name one"))
        system.version = ProgramResult(status: 127, output: "\nsrs: libssl.so.1.1: no such file\nmore\n")
        #expect(packages.refusal(of: download).contains("doesn't run on this host: srs: libssl.so.1.1: no such file; "))
    }

    @Test func oldVersionsAreRefused() throws {
        let download = try packages.package("srs.tar", "tar -c a")
        system.version = ProgramResult(status: 0, output: "5.0.213\n")
        #expect(packages.refusal(of: download).contains("is version 5.0.213, and PutLive needs 6 or later"))
        for good in ["6.0.157\n", "7.0.18 (Kai)\n", "of our own\n", ""] {
            system.version = ProgramResult(status: 0, output: good)
            #expect(packages.refusal(of: download).isEmpty, "\(good)")
        }
    }

    /// SRS itself, where there is one.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["SRS_BINARY"] != nil, "SRS_BINARY names no SRS"))
    func theRealOneIsTaken() throws {
        let path = try #require(ProcessInfo.processInfo.environment["SRS_BINARY"])
        let program = try system.read(path, limit: SRSDownload.limit)
        let download = try packages.package("srs.tar.gz", "tar -cz a", program: program)
        #expect(try download.program(on: system) == program)
    }
}

/// The first bytes of a program.
@Suite struct ELFHeaderTests {
    private let program: [UInt8]

    init() throws { program = try RealSystem().read("/usr/bin/true", limit: 1 << 20) }

    @Test func programsOfThisMachine() {
        #expect(ELFHeader.problem(of: program) == nil)
        #expect(ELFHeader.problem(of: program, machine: 8) == "is a program for another kind of processor")
        // e_type 2 is a program at a fixed address.
        #expect(ELFHeader.problem(of: with([16: 2])) == nil)
    }

    @Test(arguments: [
        (4, 1, "is a program for another kind of processor"), (5, 2, "is a program for another kind of processor"),
        (19, 1, "is a program for another kind of processor"), (16, 1, "is no program, but a part of one"),
        (0, 0x7E, "is no program of Linux"),
    ])
    func others(place: Int, byte: UInt8, problem: String) {
        #expect(ELFHeader.problem(of: with([place: byte])) == problem)
    }

    @Test func partsOfOne() {
        // A library has nowhere to begin.
        #expect(
            ELFHeader.problem(of: with(Dictionary(uniqueKeysWithValues: (24..<32).map { ($0, 0) })))
                == "is no program, but a part of one")
        for count in 0..<64 { #expect(ELFHeader.problem(of: Array(program.prefix(count))) == "is no program of Linux") }
    }

    private func with(_ changes: [Int: UInt8]) -> [UInt8] {
        var bytes = program
        for (place, byte) in changes { bytes[place] = byte }
        return bytes
    }
}
