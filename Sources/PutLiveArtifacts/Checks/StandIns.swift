/// What a stage makes up because only a host has it.
enum StandIns {
    /// The smallest GeoIP2 country database: one node, whose both sides lead to the same country.
    /// Source: MaxMind DB File Format Specification, version 2.0.
    static let geoipDatabase: [UInt8] = {
        // A record above the node count points behind the tree: node count + 16 bytes of separator + offset 0.
        let tree: [UInt8] = [0, 0, 17, 0, 0, 17]
        let data = map([("country", map([("iso_code", string("ZZ"))]))])
        let metadata = map([
            ("binary_format_major_version", [0xA1, 2]),
            ("binary_format_minor_version", [0xA0]),
            ("build_epoch", [0x01, 0x02, 1]),
            ("database_type", string("GeoLite2-Country")),
            ("description", map([("en", string("stand-in"))])),
            ("ip_version", [0xA1, 6]),
            ("languages", [0x01, 0x04] + string("en")),
            ("node_count", [0xC1, 1]),
            ("record_size", [0xA1, 24]),
        ])
        return tree + [UInt8](repeating: 0, count: 16) + data + [0xAB, 0xCD, 0xEF] + Array("MaxMind.com".utf8)
            + metadata
    }()

    /// Type 2, up to 28 bytes.
    private static func string(_ text: String) -> [UInt8] { [0x40 | UInt8(text.utf8.count)] + Array(text.utf8) }

    /// Type 7, up to 28 pairs.
    private static func map(_ pairs: [(String, [UInt8])]) -> [UInt8] {
        [0xE0 | UInt8(pairs.count)] + pairs.flatMap { string($0.0) + $0.1 }
    }

    /// Makes a self-signed certificate with its key where nginx's configuration names them.
    static func makeCertificate(_ stage: Stage, _ runner: ToolRunner, in folder: String) async throws {
        try stage.makeFolder(folder)
        let outcome = try await runner.run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=stand-in", "-keyout", stage.path(folder + "/privkey.pem"), "-out",
                stage.path(folder + "/fullchain.pem"),
            ], in: stage.root)
        guard outcome.succeeded else { throw TreeError("openssl made no stand-in certificate: \(outcome.output)") }
    }
}
