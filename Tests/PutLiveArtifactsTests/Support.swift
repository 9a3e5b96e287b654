import Foundation
import PutLiveConfig
import Testing

@testable import PutLiveArtifacts

/// The package's folder, found upwards of this file.
let packageFolder: String = {
    var folder = URL(filePath: #filePath)
    while folder.path != "/" {
        folder.deleteLastPathComponent()
        if FileManager.default.fileExists(atPath: folder.appending(path: "golden").path) { break }
    }
    return folder.path
}()

let share = ShareFolder(path: packageFolder)

/// A folder of the test's own, removed with the value.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "putlive-test-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// The config of a golden profile.
func goldenConfig(_ profile: String) throws -> Config {
    let path = "\(packageFolder)/golden/\(profile)/config.yaml"
    let loaded = ConfigLoader(environment: .process).load(path: path, directory: "/home/someone/putlive")
    return try #require(loaded.config, "\(loaded.diagnostics.map { $0.text() })")
}

/// Every profile, by the names of their folders.
let goldenProfiles: [String] = {
    let folder = packageFolder + "/golden"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { FileManager.default.fileExists(atPath: "\(folder)/\($0)/config.yaml") }.sorted()
}()

/// Files below `folder` by their paths relative to it.
func files(below folder: String) throws -> [String: String] {
    var result: [String: String] = [:]
    guard let walker = FileManager.default.enumerator(atPath: folder) else { return [:] }
    for case let name as String in walker where walker.fileAttributes?[.type] as? FileAttributeType == .typeRegular {
        result[name] = String(decoding: try Data(contentsOf: URL(filePath: "\(folder)/\(name)")), as: UTF8.self)
    }
    return result
}

/// SplitMix64: the same numbers on every machine.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
