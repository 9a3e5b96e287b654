import Foundation
import Testing

@testable import PutLiveConfig

/// The one description of all keys.
@Suite struct SchemaTests {
    @Test func everyKeyIsDescribedOnce() {
        let paths = ConfigSchema.keys.map(\.path)
        #expect(Set(paths).count == paths.count)
        #expect(paths.count > 110)
        for spec in ConfigSchema.keys {
            #expect(spec.doc.hasSuffix("."), "\(spec.path)")
            #expect(!spec.doc.contains("\n"))
            #expect(!spec.type.isEmpty)
            #expect(
                spec.parent.isEmpty
                    || ConfigSchema.keys.contains { $0.path == spec.parent || $0.path + "[]" == spec.parent })
        }
    }

    /// A file that spells every default out says the same as one that says nothing.
    @Test func everyDefaultIsAccepted() {
        var rows: [String] = []
        for spec in ConfigSchema.keys where !spec.path.contains("[") {
            let depth = spec.path.split(separator: ".").count - 1
            let indentation = String(repeating: "  ", count: depth)
            switch spec.kind {
            case .section: rows.append("\(indentation)\(spec.name):")
            case .value where spec.type == "path" && spec.name.hasSuffix("_file"): break
            case .value where ["domain", "ssl_cert", "ssl_key"].contains(spec.name): break
            case .value: rows.append("\(indentation)\(spec.name): \"\(spec.defaultText)\"")
            case .values: rows.append("\(indentation)\(spec.name): \(spec.defaultText)")
            case .secret, .sections: break
            }
        }
        let yaml = rows.joined(separator: "\n")
            .replacing("authentication:\n", with: soundSecrets).replacing("server:\n", with: soundSections)
        #expect(errors(yaml) == [])
    }

    @Test func keysAreFoundByTheirPaths() {
        #expect(ConfigSchema.key("streaming.qualities[0].fps")?.path == "streaming.qualities[].fps")
        #expect(ConfigSchema.key("streaming.qualities.fps")?.name == "fps")
        #expect(ConfigSchema.key("nothing") == nil)
        #expect(ConfigSchema.suggestions(for: "server.rtmp_port") == ["streaming.rtmp_port"])
        #expect(ConfigSchema.suggestions(for: "server.domian") == ["server.domain"])
        #expect(ConfigSchema.suggestions(for: "x.y.z.rtmp_prt") == ["streaming.rtmp_port"])
        #expect(ConfigSchema.suggestions(for: "qqqqqqqqqq").isEmpty)
        #expect(ConfigSchema.suggestions(for: "").isEmpty)
    }

    @Test func jsonSchemaHasEveryKey() throws {
        let data = try JSONEncoder().encode(ConfigSchema.jsonSchema())
        let root = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(root["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
        for spec in ConfigSchema.keys {
            var node: [String: Any]? = root
            for part in spec.path.split(separator: ".") {
                let name = part.replacing("[]", with: "")
                node = (node?["properties"] as? [String: Any])?[String(name)] as? [String: Any]
                if part.hasSuffix("[]") { node = node?["items"] as? [String: Any] }
            }
            #expect((node?["description"] as? String)?.hasPrefix(spec.doc) == true, "\(spec.path)")
        }
    }

    @Test func jsonValuesAreThemselves() throws {
        let value = JSONValue.array([.null, .bool(true), .int(1), .double(1.5), .string("a"), .object(["k": .int(2)])])
        let text = String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
        #expect(text == #"[null,true,1,1.5,"a",{"k":2}]"#)
    }

    @Test func theTableHasARowForEachKey() {
        let rows = ConfigSchema.markdownTable().split(separator: "\n")
        #expect(rows.count == ConfigSchema.keys.count + 2)
        #expect(rows.allSatisfy { $0.replacing("\\|", with: "").count { $0 == "|" } == 5 })
        #expect(rows.contains { $0.hasPrefix("| `streaming.qualities[].name` |") && $0.contains("| required |") })
    }

    @Test func theNearestWordIsNear() {
        let words = ["rtmp_port", "hls_port", "domain"]
        #expect(nearest(to: "domian", in: words) == "domain")
        #expect(nearest(to: "DOMAIN", in: words) == "domain")
        #expect(nearest(to: "rtmpport", in: words) == "rtmp_port")
        #expect(nearest(to: "colour", in: words) == nil)
        #expect(nearest(to: "", in: words) == nil)
        #expect(nearest(to: "a", in: ["", "b"]) == "")
        #expect(nearest(to: String(repeating: "x", count: 5000), in: words) == nil)
    }
}
