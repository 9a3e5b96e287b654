import Logging
import Testing

@testable import PutLiveAPI

@Suite struct LoggingScrubberTests {
    private static let jwtSecret = "0123456789abcdef0123456789abcdef"
    private static let hookSecret = "p+q/r=s&t u&v"
    private static let scrubber = SecretScrubber(secrets: [jwtSecret, hookSecret, "short", "0123456789abcdef"])

    @Test(arguments: [
        ("", ""),
        ("nothing to hide: short, keyboard, secretary, bearer", "nothing to hide: short, keyboard, secretary, bearer"),
        ("a 0123456789abcdef0123456789abcdef b", "a *** b"), ("x0123456789abcdefx", "x***x"),
        ("0123456789abcdef", "***"), ("p+q/r=s&t u&v", "***"), ("/x?s=p%2Bq%2Fr%3Ds%26t%20u%26v&y=1", "/x?s=***&y=1"),
        ("Authorization: Bearer abc.def-ghi_1~+/==, next", "Authorization: Bearer ***, next"),
        ("bearer   abc", "bearer   ***"), ("BEARER abc\nx", "BEARER ***\nx"), ("bearer", "bearer"),
        ("bearer ", "bearer "),
        ("rtmp://host/live/stream?key=abc.1234.sig&x=1", "rtmp://host/live/stream?key=***&x=1"),
        ("/api/srs/on_publish?secret=abc", "/api/srs/on_publish?secret=***"), ("KEY=abc", "KEY=***"),
        ("key: value", "key: value"), ("keys=1", "keys=1"), ("key=", "key="), ("stream_key=a;b", "stream_key=***;b"),
        ("password=hunter2 next", "password=*** next"), ("Password: hunter2", "Password: ***"),
        (#"{"password":"my long one","user":"u"}"#, #"{"password":"***","user":"u"}"#),
        (#"{\"password\": \"my one\",\"user\":1}"#, #"{\"password\": \"***\",\"user\":1}"#),
        ("passwd = 'a b' c", "passwd = '***' c"), ("token=abc", "token=***"), ("token: abc", "token: abc"),
        ("password", "password"), ("password:", "password:"), ("secret \"", "secret \""),
        (
            "got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.AbC-d_e1 here", "got *** here"
        ),
        ("eyJ", "eyJ"), ("eyJhbGciOiJIUzI1NiJ9eyJhbGciOiJIUzI1NiJ9", "eyJhbGciOiJIUzI1NiJ9eyJhbGciOiJIUzI1NiJ9"),
        ("ü€ key=ü€ ü", "ü€ key=*** ü"),
    ])
    func secretsAreMasked(_ text: String, _ expected: String) {
        #expect(Self.scrubber.scrub(text) == expected)
    }

    @Test(arguments: [
        ("password", true), ("new_password", true), ("Password", true), ("hook_secret", true), ("token", true),
        ("authorization", true), ("stream_key", true), ("jwt", true), ("cookie", true), ("user", false),
        ("stream", false), ("ip", false), ("key_id", false), ("", false), ("a", false),
        (String(repeating: "a", count: 100) + "password", false),
    ])
    func namesOfSecrets(_ name: String, _ expected: Bool) {
        #expect(SecretScrubber.isSecretName(name) == expected)
    }

    @Test func noPlaceOfALineHoldsASecret() {
        let lines = LoggedLines()
        let output = LogOutput(level: .trace, secrets: [Self.jwtSecret], writer: lines, clock: { 0 })
        var logger = Logger(label: "test") { _ in JSONLogHandler(output: output) }
        logger[metadataKey: "a"] = .string("x\(Self.jwtSecret)y")
        logger.debug(
            "Failed: \(Self.jwtSecret)",
            metadata: [
                "ip": .string(Self.jwtSecret), "b": [.string(Self.jwtSecret)], "c": ["d": .string(Self.jwtSecret)],
                "e": .stringConvertible(Self.jwtSecret), "password": "other", .init(Self.jwtSecret): "v",
            ])
        #expect(lines.texts.count == 1)
        #expect(!lines.texts[0].contains("0123456789abcdef"))
        #expect(!lines.texts[0].contains("other"))
        #expect(lines.texts[0].contains(#""message":"Failed: ***""#))
    }

    /// Wherever a text is cut, no part of a secret is left.
    @Test func cutNeverLeavesPartOfASecret() {
        let lines = LoggedLines()
        let secret = "\u{1}SSSSSSSSSSSS"
        let output = LogOutput(secrets: [secret], writer: lines, clock: { 0 })
        let logger = Logger(label: "test") { _ in JSONLogHandler(output: output) }
        for before in (8_170...8_200).map({ String(repeating: "x", count: $0) })
            + (2_690...2_740).map({ String(repeating: "\u{1}", count: $0) })
        {
            logger.info("event", metadata: ["a": .string(before + secret + secret)])
            logger.info("event", metadata: ["a": .string(before + "key=SSSSSSSSSSSS"), "b": .string(before)])
        }
        #expect(lines.texts.count == 164)
        for line in lines.texts {
            #expect(!line.contains("SS"))
            #expect(line.utf8.count <= 16_384)
        }
    }

    @Test func newSecretsReplaceTheOld() {
        let lines = LoggedLines()
        let output = LogOutput(secrets: ["old-secret-value"], writer: lines, clock: { 0 })
        let logger = Logger(label: "test") { _ in JSONLogHandler(output: output) }
        output.replaceSecrets(["new-secret-value"])
        logger.info("event", metadata: ["a": "old-secret-value new-secret-value"])
        #expect(lines.texts[0].contains(#""a":"old-secret-value ***""#))
    }
}
