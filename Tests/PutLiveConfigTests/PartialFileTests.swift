import Testing

@testable import PutLiveConfig

/// Files that are read in spite of a problem in the file itself, so that one run tells of all that is wrong.
@Suite struct PartialFileTests {
    @Test func whatStandsInAnotherDocumentIsNotMissing() {
        let split = soundSections + "  http_port: 70000\n---\n" + soundSecrets
        #expect(
            errors("deployment: {instance_type: c6i.4xlarge}\n" + split)
                == [
                    "server.http_port: 70000 is not a port", ": a second document starts here; only one is read",
                ])
        #expect(errors("---\n# x\n---\n" + sound) == [": a second document starts here; only one is read"])
        // An anchor ends with its document.
        #expect(load("a: &x 1\n---\nb: *x\n").diagnostics.contains { $0.message.contains("anchor (&) that is not") })
    }

    @Test func aCommentInAnotherEncodingHidesNoProblem() {
        func found(_ text: String) -> [String] {
            // Latin-1.
            let bytes = text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
            let loaded = ConfigLoader(environment: testEnvironment).load(bytes, file: "x", directory: "/")
            #expect(loaded.config == nil)
            return loaded.diagnostics.filter { $0.severity == .error }.map { "\($0.line) \($0.key)" }
        }
        #expect(
            found("# Grüße\n" + sound + "  # für\n# ä\nstreaming: {hls_port: 0}\n") == ["1 ", "11 streaming.hls_port"])
        #expect(found("# ü\n" + sound + "alerts: {email: ü}\n") == ["1 ", "9 "])
        #expect(found(sound + "alerts: {email: ü}\n# ü\n") == ["8 "])
        #expect(found("# ü\n---\na: 1\n---\nb: 1\n").count > 2)
        #expect(found("# \u{7}ü\n") == ["1 "])
    }
}
