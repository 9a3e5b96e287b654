import Foundation
import Testing

@testable import PutLiveConfig

/// What a config needs to be right for role single, without `authentication`.
let soundSections = """
    server:
      domain: stream.example.com
      ssl_cert: /etc/letsencrypt/live/stream.example.com/fullchain.pem
      ssl_key: /etc/letsencrypt/live/stream.example.com/privkey.pem

    """
let soundSecrets = """
    authentication:
      jwt_secret: hush-0123456789-abcdefghijklmnopqrstuvwxyz
      default_admin_pass: hush-a-long-password

    """
/// The least that role single accepts.
let sound = soundSections + soundSecrets

/// The machine of the tests: a few variables and files.
let testEnvironment = ConfigEnvironment(
    variable: { name in
        [
            "PUTLIVE_JWT_SECRET": "hush-env-0123456789-abcdefghijklmnopqrst", "PUTLIVE_SHORT": "hush-x",
            "PUTLIVE_EMPTY": "", "PUTLIVE_LINES": "hush-one\nhush-two", "lower_name": "hush-x",
        ][name]
    },
    readFile: { (path, limit) throws(ConfigEnvironment.FileProblem) in
        let files: [String: [UInt8]] = [
            "/run/secrets/jwt": Array("hush-file-0123456789-abcdefghijklmnopqrst\n".utf8),
            "/run/secrets/password": Array("hush-password\r\n".utf8),
            "/run/secrets/short": Array("hush-y\n".utf8),
            "/run/secrets/lines": Array("hush-first\nhush-second\n".utf8),
            "/run/secrets/binary": [0xFF, 0xFE, 0x00],
            "/run/secrets/empty": [],
        ]
        guard let bytes = files[path] else {
            throw ConfigEnvironment.FileProblem("there is no such file, or it can't be reached")
        }
        guard bytes.count <= limit else { throw ConfigEnvironment.FileProblem("it is too large") }
        return bytes
    })

func load(_ text: String, environment: ConfigEnvironment = testEnvironment) -> LoadedConfig {
    ConfigLoader(environment: environment).load(Array(text.utf8), file: "config.yaml", directory: "/srv/putlive")
}

/// The config of a text that must be right.
func config(_ text: String, _ place: SourceLocation = #_sourceLocation) throws -> Config {
    let loaded = load(text)
    return try #require(loaded.config, "\(loaded.diagnostics.map { $0.text() })", sourceLocation: place)
}

/// `key: message` of each error, in order.
func errors(_ text: String) -> [String] {
    load(text).diagnostics.filter { $0.severity == .error }.map { "\($0.key): \($0.message)" }
}

/// `key: message` of each warning, in order.
func warnings(_ text: String) -> [String] {
    load(text).diagnostics.filter { $0.severity == .warning }.map { "\($0.key): \($0.message)" }
}

/// The errors of a sound config whose sections `yaml` adds to.
func errors(adding yaml: String) -> [String] { errors(sound + yaml) }

/// The error of one value, or nil when the type accepts it.
func problem<Value>(_ type: ValueType<Value>, _ text: String) -> String? {
    do {
        _ = try type.parse(text)
        return nil
    } catch {
        return error.message
    }
}
