import Foundation
import Testing

@testable import PutLiveConfig

/// Files that nobody would write by hand: nothing may crash, hang or show a secret.
@Suite struct HostileInputTests {
    private static let jwt = "hushQ7vX2mLp9RtZ4kWcB8nYd3sGhJ6f"
    private static let password = "hush-Kr5TqPw8"
    private static let credential = "hush!Zx3Vb7Nm"

    private static let sample = """
        version: "3.1"
        server:
          domain: stream.example.com   # the host
          ssl_cert: "/etc/ssl/cert.pem"
          ssl_key: '/etc/ssl/key.pem'
        streaming:
          default_quality: "480p"
          webrtc:
            ice_servers:
              - urls: "stun:stun.example.com:3478"
              - {urls: [turn:turn.example.com], username: putlive, credential: "\(credential)"}
          qualities:
            - {name: 480p, resolution: 854x480, bitrate: 1200k}
        authentication:
          jwt_secret: "\(jwt)"
          token_expiry: 24h
          default_admin_pass: \(password)
        database: {path: /var/lib/putlive/database/putlive.db, backup_interval: 6h}
        security:
          cors:
            enabled: true
            allowed_origins: [https://www.example.com]

        """

    /// Seven characters in a row of a secret, if they are shown. A secret whose key is gone is none any more.
    private static func leak(_ diagnostics: [Diagnostic], of text: String) -> String? {
        let report = diagnostics.map { "\($0.text())\n\($0.key)" }.joined(separator: "\n")
        let secrets = [("jwt_secret", jwt), ("default_admin_pass", password), ("credential", credential)]
        for (key, secret) in secrets where text.contains(key) {
            let fragments = (0...(secret.count - 7)).map { String(secret.dropFirst($0).prefix(7)) }
            if let shown = fragments.first(where: { report.contains($0) }) { return shown }
        }
        return nil
    }

    @Test(arguments: 0..<30)
    func editsAtRandomShowNoSecret(_ seed: Int) {
        var random = SplitMix(seed: UInt64(seed))
        let pieces = [
            "\n", " ", "  ", "\t", "\"", "'", ":", ": ", "- ", "#", " #", "{", "}", "[", "]", ",", "|\n", ">\n", "&a ",
            "*a",
            "!x ", "%", "@", "\\", "? ", "---\n", "...\n", "é", "\u{7}", "\r", "\0", "=", "x", "<<: ", "$", "~",
        ]
        for _ in 0..<25 {
            var text = Array(Self.sample.unicodeScalars)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: 0..<text.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: text.remove(at: index)
                case 1: text.removeSubrange(index..<min(text.count, index + Int.random(in: 1...20, using: &random)))
                default:
                    text.insert(
                        contentsOf: pieces[Int.random(in: 0..<pieces.count, using: &random)].unicodeScalars, at: index)
                }
            }
            let edited = String(String.UnicodeScalarView(text))
            if let fragment = Self.leak(load(edited).diagnostics, of: edited) {
                Issue.record(
                    "shows \(fragment):\n\(edited)\n\(load(edited).diagnostics.map { $0.text() }.joined(separator: "\n"))"
                )
            }
        }
    }

    @Test func theSoundConfigLoads() throws {
        let loaded = try config(Self.sample)
        #expect(loaded.authentication.jwtSecret?.reveal() == Self.jwt)
        #expect(loaded.streaming.webrtc.iceServers[1].credential?.reveal() == Self.credential)
    }

    @Test(arguments: 0..<20)
    func randomBytesNeverCrash(_ seed: Int) {
        var random = SplitMix(seed: UInt64(seed) + 1000)
        for _ in 0..<50 {
            let bytes = (0..<Int.random(in: 0..<200, using: &random)).map { _ in
                UInt8.random(in: .min ... .max, using: &random)
            }
            let loaded = ConfigLoader(environment: .empty).load(bytes, file: "x", directory: "/")
            #expect(loaded.config == nil)
            #expect(loaded.errorCount > 0)
        }
    }

    @Test func manyProblemsOnOneLongLineEndSoon() {
        let keys = (0..<4000).map { "unknown_key_\($0): \(String(repeating: "x", count: 60))" }.joined(separator: ", ")
        let start = ContinuousClock.now
        let loaded = load("{" + keys + "}")
        #expect(loaded.diagnostics.count == ReadingSession.problemLimit + 1)
        #expect(loaded.diagnostics.last?.message.contains("more than 200 problems") == true)
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test func aSearchForSecretsEndsSoon() {
        let start = ContinuousClock.now
        let many = (0..<900).map { _ in String(repeating: "a", count: 1000) + "b" }.joined(separator: ", ")
        let text = """
            authentication: {jwt_secret: \(String(repeating: "a", count: 600)), default_admin_pass: \(String(repeating: "a", count: 2000))}
            x: [\(many)]

            """
        #expect(errors(text).contains("authentication.default_admin_pass: is longer than 1024 bytes"))
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test func anEditOfAWindowsFileKeepsItsLines() throws {
        var editor = ConfigEditor("server:\r\n  domain: a.example\r\n  http_port: 3000\r\n")
        try editor.set("server.http_port", to: "3001")
        try editor.set("server.public_ip", to: "192.0.2.1")
        #expect(editor.text == "server:\n  public_ip: \"192.0.2.1\"\n  domain: a.example\n  http_port: 3001\n")
    }

    @Test func manyLinesAboveAFaultEndSoon() {
        let start = ContinuousClock.now
        let text = "a:\n" + String(repeating: "          # x\n", count: 60_000) + "  \"y"
        #expect(load(text).errorCount == 1)
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test func controlCharactersReachNoTerminal() {
        let text = """
            "\\e[31mred\\x9b\\u202e\\u2028": 1
            server:
              domain: "\\e]0;x\\a\\u202e"
              ssl_cert: "/a\\e"
              public_ip: "\\r\\n"
            alerts:
              email: "a\\u2029\\u200f"
            streaming:
              default_quality: "\\x7f"
              recording_path: "/a/\u{202E}b"

            """
        let loaded = load(text)
        #expect(loaded.errorCount >= 6)
        for diagnostic in loaded.diagnostics {
            let rows = diagnostic.text().split(separator: "\n", omittingEmptySubsequences: false)
            #expect(rows.count <= 4)
            #expect(rows.joined().unicodeScalars.allSatisfy(isInert))
        }
        let named = ConfigLoader(environment: .empty).load([], file: "a\u{1B}[2J.yaml", directory: "/").diagnostics
        #expect(named[0].text().unicodeScalars.allSatisfy { isInert($0) || $0 == "\n" })
    }
}

/// A small generator with a seed (SplitMix64), so that each run is the same.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
