import Foundation
import Testing

@testable import PutLiveConfig

/// How problems are told.
@Suite struct ReportTests {
    private func only(_ text: String) throws -> Diagnostic {
        let diagnostics = load(text).diagnostics.filter { $0.severity == .error }
        try #require(diagnostics.count == 1, "\(diagnostics.map { $0.text() })")
        return diagnostics[0]
    }

    @Test func hasPlaceLineCaretAndRemedy() throws {
        let diagnostic = try only(sound + "monitoring:\n  prometheus_port: 70000\n")
        #expect(
            diagnostic.text() == """
                config.yaml:9:20: error: monitoring.prometheus_port: 70000 is not a port
                    prometheus_port: 70000
                                     ^~~~~
                  remedy: write a number from 1 to 65535
                """)
        #expect(diagnostic.text(colour: true).contains("\u{1B}[31merror:\u{1B}[0m"))
        #expect(diagnostic.text(colour: true).contains("\u{1B}[32m^~~~~\u{1B}[0m"))
        let warning = try #require(load(sound).diagnostics.first { $0.severity == .warning })
        #expect(warning.text(colour: true).contains("\u{1B}[33mwarning:"))
        #expect(Paint(enabled: true).cyan("x") == "\u{1B}[36mx\u{1B}[0m")
    }

    @Test func aWindowsFileWithAMarkHasTheSamePlaces() {
        let text = "\u{FEFF}" + (sound + "monitoring:\n  prometheus_port: 70000\n").replacing("\n", with: "\r\n")
        let diagnostic = load(text).diagnostics.first { $0.severity == .error }
        #expect(diagnostic?.line == 9)
        #expect(diagnostic?.column == 20)
        #expect(diagnostic?.excerpt == "  prometheus_port: 70000")
    }

    @Test func tabsAndInvisibleCharactersKeepTheCaretInPlace() throws {
        let diagnostic = try only(sound + "monitoring: {\tprometheus_port:\t70000\t}\n")
        #expect(diagnostic.excerpt == "monitoring: { prometheus_port: 70000 }")
        #expect(diagnostic.caret == diagnostic.column)
    }

    @Test func aLongLineIsShownAroundTheProblem() throws {
        let networks = (0..<30).map { "192.0.2.\($0)/32" }.joined(separator: ", ")
        let diagnostic = try only(sound + "security: {admin_cidrs: [\(networks), wrong, 192.0.3.0/24]}\n")
        #expect(diagnostic.column > 400)
        let excerpt = Array(diagnostic.excerpt)
        #expect(excerpt.count <= 162)
        #expect(excerpt.first == "…")
        #expect(String(excerpt[(diagnostic.caret - 1)...].prefix(diagnostic.width)) == "wrong")
    }

    @Test func theEndOfALongLineIsCut() throws {
        let networks = (0..<20).map { "192.0.2.\($0)/32" }.joined(separator: ", ")
        let diagnostic = try only(sound + "security: {admin_cidrs: [wrong, \(networks)]}\n")
        #expect(diagnostic.excerpt.hasSuffix("…"))
        #expect(diagnostic.caret == diagnostic.column)
    }

    @Test func aSecretOnALongLineStaysHidden() throws {
        let filler = (0..<10).map { "192.0.2.\($0)/32" }.joined(separator: ", ")
        let text = """
            \(soundSections){authentication: {jwt_secret: hush-0123456789-abcdefghijklmnopqrstuvwxyz}}
            """
        #expect(load(text + filler).errorCount > 0)
        let line =
            "authentication: {jwt_secret: \(String(repeating: "hush-0123456789-", count: 20)), token_expiry: never, default_admin_pass: hush-a-long-password}\n"
        let diagnostic = try only(soundSections + line)
        #expect(diagnostic.excerpt.hasPrefix("…*"))
        #expect(diagnostic.excerpt.contains("token_expiry: never"))
        #expect(!diagnostic.excerpt.contains("hush"))
    }

    @Test func aRuleOnAnAbsentSectionShowsNoLine() throws {
        let diagnostic = try #require(load(soundSecrets).diagnostics.first { $0.key == "server.domain" })
        #expect((diagnostic.line, diagnostic.column) == (1, 1))
        #expect(diagnostic.excerpt.isEmpty)
        #expect(diagnostic.text().split(separator: "\n").count == 2)
    }

    @Test func aFileThatCannotBeReadIsAProblemWithoutAPlace() {
        let loaded = ConfigLoader(environment: .empty).load(path: "/nowhere.yaml", directory: "/")
        #expect(loaded.config == nil)
        #expect(loaded.errorCount == 1 && loaded.warningCount == 0)
        #expect(loaded.diagnostics[0].text().hasPrefix("/nowhere.yaml: error: can't be read: no such file\n  remedy: "))
    }

    @Test func aFileOfTheMachineIsRead() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "putlive-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "config.yaml")
        try sound.write(to: file, atomically: true, encoding: .utf8)
        #expect(ConfigLoader().load(path: file.path, directory: folder.path).config != nil)
        #expect(
            ConfigLoader().load(path: folder.path, directory: "/").diagnostics[0].message.contains("not a regular file")
        )
        #expect(
            ConfigLoader().load(path: folder.path + "/none", directory: "/").diagnostics[0].message
                .contains("there is no such file"))
        try Data(repeating: 0x20, count: (1 << 20) + 1).write(to: file)
        #expect(ConfigLoader().load(path: file.path, directory: "/").diagnostics[0].message.contains("larger than 1M"))
        #expect(
            ConfigLoader().load(path: "/dev/zero", directory: "/").diagnostics[0].message.contains("not a regular file")
        )
        #expect(ConfigEnvironment.process.variable("PATH") != nil)
    }

    @Test func diagnosticsSurviveJSON() throws {
        let diagnostics = load("server: {domian: x}\n").diagnostics
        let data = try JSONEncoder().encode(diagnostics)
        #expect(try JSONDecoder().decode([Diagnostic].self, from: data) == diagnostics)
    }

    /// A file with a fault in syntax has no tree: what is shown of its lines is decided by their text alone.
    @Test(arguments: [
        ("  domain: stream.example.com", ""), ("  domian: stream", "stream"), ("  jwt_secret: hush", "hush"),
        ("  jwt_secret_file: /hush", "/hush"), ("  jwt_secret:hush", "hush"), ("  jwt_secret hush", "hush"),
        ("  hush", "hush"), ("  # a comment", ""), ("server:", ""), ("server: hush", "hush"),
        ("  {domain: a, jwt_secrt: hush", "hush"), ("  domain: a, jwt_secret:hush", "hush"),
        ("  domain: a default_admin_pas: hush", "hush"), ("  \"domain\": \"a\", \"jwt_secret\": \"hush\"", "hush"),
        ("  'credential': hush", "hush"), ("  http_port 3000", "3000"), ("  admin_cidrs: [a, b], hush", "hush"),
        ("  {qualities: [{name: 480p, hush", "hush"), ("  ? hush", "hush"), ("  # jwt_secret: hush", "hush"),
        ("  urls: [a, credential\": hush", "hush"), ("", ""), ("  - name: 480p", ""),
        ("    continued: hush", "hush"), ("  ip: \"1\", name: a", "\"1\""),
    ])
    func aLineOfABrokenFileIsMasked(_ line: String, _ hidden: String) {
        let lines = SourceLines(Array("server:\n\(line)".utf8))
        let scalars = lines.scalars(2)
        let part = BlindMask.hiddenPart(of: 2, in: lines)
        let text = String(String.UnicodeScalarView(scalars[part]))
        #expect(hidden.isEmpty ? text.isEmpty : text.contains(hidden), "\(text)")
    }

    @Test func whatStandsBelowASecretIsHidden() {
        let text =
            "authentication:\n  jwt_secret: |\n    domain: hush\nsecurity:\n  admin_cidrs:\n    - 192.0.2.0/24\n    \"a\": x"
        let lines = SourceLines(Array(text.utf8))
        #expect(BlindMask.hiddenPart(of: 3, in: lines) == 4..<16)
        #expect(BlindMask.hiddenPart(of: 6, in: lines).isEmpty)
        #expect(!BlindMask.hiddenPart(of: 7, in: lines).isEmpty)
        #expect(BlindMask.hiddenPart(of: 99, in: lines).isEmpty)
    }
}
