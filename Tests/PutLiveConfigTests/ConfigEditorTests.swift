import Testing

@testable import PutLiveConfig

/// Keys are set in the text, and the rest of it stays as it was.
@Suite struct ConfigEditorTests {
    private let text = """
        # A comment.
        version: "3.1"

        server:
          domain: "a.example" # its name
          http_port: 3000

        streaming:
          webrtc:
            enabled: true
        authentication:
          jwt_secret: "inline"
        flow: {a: 1}

        """

    private func setting(_ path: String, _ value: String, in source: String? = nil) throws -> String {
        var editor = ConfigEditor(source ?? text)
        try editor.set(path, to: value)
        return editor.text
    }

    @Test func aScalarIsReplacedAndItsCommentKept() throws {
        #expect(try setting("server.domain", "b.example") == text.replacing("\"a.example\" #", with: "\"b.example\" #"))
        #expect(try setting("server.http_port", "4000") == text.replacing("3000", with: "4000"))
        #expect(try setting("streaming.webrtc.enabled", "false").contains("    enabled: false\n"))
    }

    @Test func aMissingKeyIsAddedToItsSection() throws {
        #expect(
            try setting("server.https_enabled", "true").contains(
                "server:\n  https_enabled: true\n  domain: \"a.example\" # its name\n"))
        #expect(
            try setting("streaming.hls.playlist_window", "1m").contains(
                "streaming:\n  hls:\n    playlist_window: \"1m\"\n  webrtc:\n"))
    }

    @Test func aMissingSectionIsAddedAtTheEnd() throws {
        #expect(
            try setting("monitoring.cloudwatch.region", "eu-west-1").hasSuffix(
                "flow: {a: 1}\n\nmonitoring:\n  cloudwatch:\n    region: \"eu-west-1\"\n"))
    }

    @Test func aFileTakesThePlaceOfTheInlineSecret() throws {
        let result = try setting("authentication.jwt_secret_file", "/run/secret")
        #expect(result.contains("authentication:\n  jwt_secret_file: \"/run/secret\"\n"))
        #expect(!result.contains("inline"))
    }

    @Test func listsAreSeparatedByCommas() throws {
        #expect(
            try setting("server.trusted_proxies", "10.0.0.0/8,fd00::/8").contains(
                "  trusted_proxies: [\"10.0.0.0/8\", \"fd00::/8\"]\n"))
    }

    @Test func aKeyWithoutValueGetsOne() throws {
        let source = "server:\n  domain: # soon\n  http_port:\n"
        #expect(
            try setting("server.domain", "a.example", in: source)
                == "server:\n  domain: \"a.example\" # soon\n  http_port:\n")
        #expect(try setting("server.http_port", "1", in: source).hasSuffix("  http_port: 1\n"))
    }

    /// What is set comes back from the file as it was given, whatever it holds.
    @Test(arguments: ["a\"b\\c", "x: y # z", "line\nbreak", "[1]", "no", "über {}", "\u{7F}\u{1}"])
    func valuesComeBackAsTheyWere(value: String) throws {
        let result = try setting("alerts.email", value, in: "version: \"3.1\"\n")
        let loaded = ConfigLoader(environment: .empty).load(Array(result.utf8), file: "c", directory: "/")
        // No mail address, but whole: the message quotes it.
        #expect(loaded.diagnostics.contains { $0.key == "alerts.email" })
        #expect(!loaded.diagnostics.contains { $0.message.contains("YAML") })
    }

    @Test(arguments: [
        ("server", "x"), ("streaming.qualities[0].fps", "x"), ("streaming.qualities", "x"), ("server.http_prt", "x"),
        ("", "x"),
        ("flow.a", "x"),
    ])
    func whatCantBeSetIsRefused(path: String, value: String) {
        #expect(throws: ValueError.self) { try setting(path, value) }
    }

    @Test func aMisspeltKeyIsNamed() {
        let problem = #expect(throws: ValueError.self) { try setting("server.http_prt", "1") }
        #expect(problem?.remedy == "did you mean server.http_port?")
    }

    @Test(arguments: ["server: {domain: a}\n", "server:\n  domain:\n    - a\n    - b\n", "- a\n", "a: [\n"])
    func layoutsBeyondItAreRefused(source: String) {
        #expect(throws: ValueError.self) { try setting("server.domain", "x", in: source) }
    }
}
