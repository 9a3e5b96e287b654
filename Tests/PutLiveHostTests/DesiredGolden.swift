import Foundation
import PutLiveArtifacts
import PutLiveConfig
import Testing

@testable import PutLiveHost

/// The golden profiles: a config each, and the tree that it renders to.
enum Golden {
    /// The package's folder, found upwards of this file.
    static let package: String = {
        var folder = URL(filePath: #filePath)
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            if FileManager.default.fileExists(atPath: folder.appending(path: "golden").path) { break }
        }
        return folder.path
    }()

    /// Those of hosts; a laptop isn't reconciled.
    static let hosts = profiles { $0 != .local }
    static let laptops = profiles { $0 == .local }

    private static func profiles(_ isMeant: (Deployment.Role) -> Bool) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: package + "/golden")) ?? []
        return names.filter { (try? config($0)).map { isMeant($0.deployment.role) } ?? false }.sorted()
    }

    static func config(_ profile: String) throws -> Config {
        let path = "\(package)/golden/\(profile)/config.yaml"
        let loaded = ConfigLoader(environment: .process).load(path: path, directory: "/home/someone/putlive")
        return try #require(loaded.config, "\(loaded.diagnostics.map { $0.text() })")
    }

    static func set(_ config: Config) throws -> ArtifactSet {
        try ArtifactSet(config: config, share: ShareFolder(path: package))
    }

    static func host(_ config: Config, tool: String = "1.0 abc") throws -> DesiredHost {
        try DesiredHost(set(config), tool: tool)
    }

    static func host(_ profile: String) throws -> DesiredHost { try host(config(profile)) }
}

/// The root of an image: a folder of the test's own, with the users of a Debian host, removed with the value.
final class ImageRoot {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "putlive-image-\(UUID().uuidString)").path
        try write("/etc/passwd", "root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/var/www:/bin/false\n")
        try write("/etc/group", "root:x:0:\nadm:x:4:\nwww-data:x:33:\n")
    }

    func write(_ name: String, _ content: String) throws {
        let file = URL(filePath: path + name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try content.write(to: file, atomically: true, encoding: .utf8)
    }

    func text(_ name: String) -> String { (try? String(contentsOfFile: path + name, encoding: .utf8)) ?? "" }

    /// Runs a program of the machine, and expects it to succeed.
    func run(_ program: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardError = pipe
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(
            process.terminationStatus == 0, "\(program) \(arguments): \(String(decoding: output, as: UTF8.self))")
    }

    static func has(_ program: String) -> Bool { FileManager.default.isExecutableFile(atPath: program) }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
