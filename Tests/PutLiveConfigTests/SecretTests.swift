import Foundation
import Testing

@testable import PutLiveConfig

/// Where secrets come from, what is wrong with weak ones, and that none is seen.
@Suite struct SecretTests {
    private func load(_ authentication: String) -> LoadedConfig {
        PutLiveConfigTests.load(soundSections + "authentication:\n" + authentication)
    }

    private func messages(_ authentication: String) -> [String] {
        load(authentication).diagnostics.filter { $0.severity == .error }.map { "\($0.key): \($0.message)" }
    }

    private let password = "  default_admin_pass: hush-a-long-password\n"

    @Test func comesFromTheFileItself() throws {
        let loaded = try #require(load("  jwt_secret: 'hush-0123456789-abcdefghijklmnopqrst'\n" + password).config)
        #expect(loaded.authentication.jwtSecret?.reveal() == "hush-0123456789-abcdefghijklmnopqrst")
    }

    @Test func comesFromAVariable() throws {
        let loaded = try #require(load("  jwt_secret: ${PUTLIVE_JWT_SECRET}\n" + password).config)
        #expect(loaded.authentication.jwtSecret?.reveal() == "hush-env-0123456789-abcdefghijklmnopqrst")
    }

    @Test func comesFromAFile() throws {
        let loaded = try #require(
            load("  jwt_secret_file: /run/secrets/jwt\n  default_admin_pass_file: /run/secrets/password\n").config)
        #expect(loaded.authentication.jwtSecret?.reveal() == "hush-file-0123456789-abcdefghijklmnopqrst")
        #expect(loaded.authentication.defaultAdminPass?.reveal() == "hush-password")
    }

    @Test func aBlockOfOneLineLosesItsLineEnd() throws {
        let loaded = try #require(load("  jwt_secret: |\n    hush-0123456789-abcdefghijklmnopqrst\n" + password).config)
        #expect(loaded.authentication.jwtSecret?.reveal() == "hush-0123456789-abcdefghijklmnopqrst")
    }

    @Test(arguments: [
        ("\"\"", "is empty"), ("hush", "is shorter than 32 characters"),
        ("CHANGE_ME_RANDOM_64_CHARS_CHANGE_ME_RANDOM", "is still the placeholder of an example"),
        ("please-change-me-0123456789-abcdefghijklm", "is still the placeholder of an example"),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "repeats the same few characters"),
        ("\"hush-0123456789\\nabcdefghijklmnopqrstuvwxyz\"", "has several lines, or a control character"),
        ("[hush-0123456789-abcdefghijklmnopqrst]", "is not a text"), ("${1 2}", "begins like ${ENV_NAME} but is none"),
        (
            "${PUTLIVE_LINES}",
            "has several lines, or a control character, as the environment variable PUTLIVE_LINES has it"
        ),
        ("${lower_name}", "is shorter than 32 characters"),
        ("${NOT_THERE}", "names the environment variable NOT_THERE, which is not set"),
        ("${not_there}", "names an environment variable that is not set"),
    ])
    func isRefused(_ text: String, _ message: String) {
        #expect(messages("  jwt_secret: \(text)\n" + password) == ["authentication.jwt_secret: \(message)"])
    }

    @Test(arguments: [
        ("/run/secrets/nowhere", "can't be read: there is no such file, or it can't be reached"),
        ("relative", "is not an absolute path without .."), ("/run/../x", "is not an absolute path without .."),
        ("/run/secrets/short", "is shorter than 32 characters, as its file has it"),
        ("/run/secrets/empty", "is empty, as its file has it"),
        ("/run/secrets/lines", "has several lines, or a control character, as its file has it"),
        ("/run/secrets/binary", "names a file that holds no text in UTF-8"), ("{a: b}", "is not a path"),
    ])
    func aFileIsRefused(_ path: String, _ message: String) {
        #expect(messages("  jwt_secret_file: \(path)\n" + password) == ["authentication.jwt_secret_file: \(message)"])
    }

    @Test func absenceIsToldOnce() {
        #expect(messages(password) == ["authentication.jwt_secret: is missing"])
        #expect(messages("  jwt_secret:\n" + password) == ["authentication.jwt_secret: has no value"])
        #expect(messages("  jwt_secret_file:\n" + password) == ["authentication.jwt_secret_file: has no value"])
        #expect(messages("  jwt_sekret: x\n" + password) == ["authentication.jwt_sekret: is not a key of config.yaml"])
        #expect(
            errors(soundSections + "authentification: {jwt_secret: x}\n")
                == ["authentification: is not a key of config.yaml"])
        #expect(
            messages("  jwt_secret: hush\n  jwt_secret_file: /run/secrets/jwt\n" + password)
                == ["authentication.jwt_secret_file: stands beside jwt_secret"])
    }

    @Test func aShortTurnPasswordWillDo() {
        let turn = "streaming: {webrtc: {ice_servers: [{urls: \"turn:a.example\", username: a, credential: abc}]}}\n"
        #expect(errors(sound + turn).isEmpty)
    }

    @Test func showsNothingOfItself() {
        let secret = Secret("hush")
        var dumped = ""
        dump(secret, to: &dumped)
        for text in [
            "\(secret)", String(describing: secret), String(reflecting: secret), secret.debugDescription, dumped,
            "\([secret])", "\(Optional(secret) as Any)",
        ] {
            #expect(!text.contains("hush"), "\(text)")
        }
        #expect(secret.reveal() == "hush")
        #expect(!secret.isEmpty && Secret("").isEmpty)
    }

    @Test func aSecretElsewhereIsNotShownEither() throws {
        let secret = "hush-0123456789-abcdefghijklmnopqrstuvwxyz-0123456789-abcdefghijklmnopqrstuvwxyz"
        let text = """
            server:
              domain: *s
              ssl_cert: x\(secret)
              ssl_key: \(secret)
            authentication:
              jwt_secret: &s \(secret)
              default_admin_pass: short7!
              default_admin_user: short7!
            streaming: {qualities: [\(secret)]}
            security: {cors: {allowed_origins: [\(secret), {jwt_secret: \(secret)}]}}
            alerts: \(secret)

            """.replacing("&s ", with: "").replacing("*s", with: "'\(secret)'")
        let diagnostics = PutLiveConfigTests.load(text).diagnostics
        let json = String(decoding: try JSONEncoder().encode(diagnostics), as: UTF8.self)
        #expect(diagnostics.count >= 7)
        #expect(!json.contains("hush"))
        #expect(!diagnostics.map { $0.text() }.joined().contains("hush"))
        #expect(!json.contains("short7"))
    }

    @Test func anAliasOfASecretIsNotShown() {
        let text = """
            authentication:
              jwt_secret: &s hush-0123456789-abcdefghijklmnopqrstuvwxyz
              default_admin_pass: hush-a-long-password
            server: {domain: *s}

            """
        #expect(!PutLiveConfigTests.load(text).diagnostics.map { $0.text() }.joined().contains("hush"))
    }

    @Test func rulesDoNotRepeatASecret() {
        let redaction = Redaction(["hush-long-secret", "ab", ""])
        #expect(
            redaction.redacted("\"ab\" is no \"hush-long-secret\"; xhush-long-secrety")
                == "\"****\" is no \"****\"; x****y")
        #expect(redaction.redacted("about") == "about")
        #expect(redaction.isIn("ab") && !redaction.isIn("abc") && redaction.isIn("xhush-long-secret"))
    }
}
