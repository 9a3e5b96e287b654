import Foundation
import Testing

@testable import PutLiveConfig

/// Each `golden/errors/<case>.yaml` has its exact diagnostics in `<case>.txt`. `PUTLIVE_RECORD=1` records them anew.
@Suite struct GoldenErrorsTests {
    static let folder = goldenFolder().appending(path: "errors")
    static let isRecording = ProcessInfo.processInfo.environment["PUTLIVE_RECORD"] == "1"

    static let cases: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
    }()

    /// The nearest folder `golden` above this file, wherever a package has it.
    static func goldenFolder() -> URL {
        var folder = URL(filePath: #filePath).deletingLastPathComponent()
        while folder.path != "/" {
            let golden = folder.appending(path: "golden")
            if FileManager.default.fileExists(atPath: golden.path) { return golden }
            folder.deleteLastPathComponent()
        }
        return URL(filePath: "/golden")
    }

    static func diagnostics(_ name: String) throws -> [Diagnostic] {
        let bytes = [UInt8](try Data(contentsOf: folder.appending(path: "\(name).yaml")))
        let loader = ConfigLoader(environment: testEnvironment)
        return loader.load(bytes, file: "\(name).yaml", directory: "/etc/putlive").diagnostics
    }

    @Test func thereAreEnoughCases() {
        #expect(Self.cases.count >= 40)
    }

    @Test(arguments: cases)
    func saysWhatIsRecorded(_ name: String) throws {
        let diagnostics = try Self.diagnostics(name)
        let wanted: Diagnostic.Severity = name.hasPrefix("warning-") ? .warning : .error
        #expect(diagnostics.contains { $0.severity == wanted })
        if name.hasPrefix("warning-") { #expect(!diagnostics.contains { $0.severity == .error }) }

        let actual = diagnostics.map { $0.text(colour: false) }.joined(separator: "\n") + "\n"
        let file = Self.folder.appending(path: "\(name).txt")
        let recorded = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        if Self.isRecording && actual != recorded {
            print("golden/errors/\(name).txt\n\(Self.diff(recorded, actual))")
            try actual.write(to: file, atomically: true, encoding: .utf8)
        } else {
            #expect(actual == recorded, "record anew with PUTLIVE_RECORD=1")
        }
    }

    @Test(arguments: cases)
    func showsNoSecret(_ name: String) throws {
        let bytes = try Data(contentsOf: Self.folder.appending(path: "\(name).yaml"))
        let text = String(decoding: bytes, as: UTF8.self)
        let shown = try Self.diagnostics(name)
        let json = String(decoding: try JSONEncoder().encode(shown), as: UTF8.self)
        let report = shown.map { $0.text() }.joined(separator: "\n") + json
        // Every secret of the cases and of the tests' machine holds this word.
        #expect(!report.contains("hush"))
        for secret in Self.secretLookingValues(text) {
            #expect(!report.contains(secret), "\(secret)")
        }
    }

    /// No problem is told of a recorded case that no file has any more.
    @Test func noRecordIsLeftOver() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        for name in names where name.hasSuffix(".txt") {
            #expect(Self.cases.contains(String(name.dropLast(4))), "\(name) has no config")
        }
    }

    /// The values on the lines of keys that look like a secret's.
    private static func secretLookingValues(_ text: String) -> [String] {
        let key = /(?i)[a-z_]*(secr|pass|credential|pwd)[a-z_]*["']?[ ]*[:=][ ]*["']?([^"',}#\n]*)/
        return text.matches(of: key).map { String($0.output.2).trimmingCharacters(in: .whitespaces) }
            .filter { $0.count >= 3 && !["true", "null"].contains($0) }
    }

    private static func diff(_ old: String, _ new: String) -> String {
        let before = old.split(separator: "\n", omittingEmptySubsequences: false)
        let after = new.split(separator: "\n", omittingEmptySubsequences: false)
        return after.difference(from: before).map { change in
            switch change {
            case .remove(_, let line, _): "- \(line)"
            case .insert(_, let line, _): "+ \(line)"
            }
        }.joined(separator: "\n")
    }
}
