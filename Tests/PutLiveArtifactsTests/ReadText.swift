import Foundation
import YAML

@testable import PutLiveArtifacts

/// What a reader makes of a file: its structure without the texts in it, and those texts in their order, as bytes. In a
/// String a quote with a combining mark behind it is another Character; in a file it is a quote.
struct ReadText {
    var structure: [String] = []
    var leaves: [[UInt8]] = []

    /// A text of the file, which the structure knows as `kind`.
    mutating func add(_ kind: String, _ leaf: [UInt8]) {
        structure.append(kind)
        leaves.append(leaf)
    }
}

/// What a format's own reader would refuse.
struct Unreadable: Error, CustomStringConvertible {
    var description: String
}

extension ReadText {
    /// `text` as the program that `artifact` is for reads it.
    static func of(_ text: String, as artifact: Artifact) throws -> ReadText {
        let bytes = Array(text.utf8)
        switch artifact.format {
        case .nginx: return try BlockReader(bytes, .nginx).read()
        case .srs: return try BlockReader(bytes, .srs).read()
        case .logrotate: return try LineReader.logrotate(bytes)
        case .systemd: return try LineReader.systemd(bytes)
        // journald's own file is read as a unit is.
        case .ini: return try artifact.check == .fail2ban ? LineReader.ini(text) : LineReader.systemd(bytes)
        case .tmpfiles: return try LineReader.tmpfiles(bytes, fields: artifact.check == .tmpfiles ? 6 : .max)
        case .yaml: return try yaml(bytes)
        case .json: return try json(bytes)
        // No template of these has a text in it; `ShellWordTests` has a shell read some.
        case .shell: return ReadText()
        }
    }

    static func yaml(_ bytes: [UInt8]) throws -> ReadText {
        let document = YAML.parse(bytes)
        guard let root = document.root, document.problems.isEmpty else {
            throw Unreadable(description: "\(document.problems.map(\.message))")
        }
        var result = ReadText()
        result.add(root)
        return result
    }

    private mutating func add(_ node: YAMLNode) {
        switch node.content {
        case .null: structure.append("null")
        case .scalar(let text, let style): add("\(style)", Array(text.utf8))
        case .sequence(let items):
            structure.append("list of \(items.count)")
            items.forEach { add($0) }
        case .mapping(let entries):
            structure.append("map of \(entries.count)")
            for entry in entries {
                add("key", Array(entry.key.utf8))
                add(entry.value)
            }
        }
    }

    static func json(_ bytes: [UInt8]) throws -> ReadText {
        var result = ReadText()
        try result.add(json: JSONSerialization.jsonObject(with: Data(bytes)))
        return result
    }

    private mutating func add(json value: Any) {
        switch value {
        case let text as String: add("text", Array(text.utf8))
        case let items as [Any]:
            structure.append("list of \(items.count)")
            items.forEach { add(json: $0) }
        case let object as [String: Any]:
            structure.append("object of \(object.count)")
            for key in object.keys.sorted() {
                add("key", Array(key.utf8))
                if let inner = object[key] { add(json: inner) }
            }
        default: structure.append("\(value)")
        }
    }
}

/// The bytes that the readers know.
enum Byte {
    static let newline = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let backslash = UInt8(ascii: "\\")
    static let quote = UInt8(ascii: "\"")
    static let apostrophe = UInt8(ascii: "'")
    static let percent = UInt8(ascii: "%")

    static func isSpace(_ byte: UInt8) -> Bool { " \t\r\n".utf8.contains(byte) }
}
