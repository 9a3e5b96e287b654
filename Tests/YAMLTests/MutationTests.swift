import Testing
import YAML

/// SplitMix64, so that a failure comes back with its seed.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite("Damaged files")
struct MutationTests {
    private static let valid = """
        # a stream
        server: &server
          domain: "live.example.com"
          http_port: 3000
          paths: {data: /var/lib/x, 'logs': /var/log/x}
        streaming:
          qualities:
            - name: 480p
              bitrate: 800k
            - {name: 720p, bitrate: "2.5M", on: [true, ~, null]}
          motd: |
            Grüße,
              euer 😀
          folded: >-
            a
            b
        again: *server
        ? long
        : text
          of two lines

        """

    @Test("2,000 mutations neither crash nor go without a word", arguments: [1, 2] as [UInt64])
    func mutations(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        #expect(parse(Self.valid).problems.isEmpty)
        for _ in 0..<1_000 {
            let bytes = Self.mutated(Array(Self.valid.utf8), using: &generator)
            let document = YAML.parse(bytes)
            #expect(document.root != nil || !document.problems.isEmpty)
            for problem in document.problems {
                #expect(!problem.message.isEmpty && !problem.remedy.isEmpty)
                #expect(Self.lies(problem.range, within: bytes), "\(problem) in \(bytes)")
            }
        }
    }

    @Test("Every beginning of a file")
    func beginnings() {
        let bytes = Array(Self.valid.utf8)
        for length in 0...bytes.count {
            let document = YAML.parse(Array(bytes[..<length]))
            #expect(document.root != nil || !document.problems.isEmpty)
        }
    }

    private static func mutated(_ bytes: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        let alphabet = Array("\t\n\r \"'[]{}:,-?!&*|>%@`#~<=\\0a".utf8) + [0x00, 0x7F, 0x80, 0xC3, 0xEF, 0xFF]
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let index = Int.random(in: 0..<max(1, bytes.count), using: &generator)
            let end = min(bytes.count, index + Int.random(in: 1...12, using: &generator))
            let byte = alphabet.randomElement(using: &generator) ?? 0
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes.insert(byte, at: index)
            case 1: bytes.removeSubrange(index..<end)
            case 2: bytes.insert(contentsOf: bytes[index..<end], at: Int.random(in: 0...bytes.count, using: &generator))
            case 3: bytes.removeSubrange(end...)
            default: if index < bytes.count { bytes[index] = byte }
            }
        }
        return bytes
    }

    /// True for a range that starts in the file, or just after it, and doesn't end before it starts.
    private static func lies(_ range: YAMLRange, within bytes: [UInt8]) -> Bool {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let (start, end) = (range.start, range.end)
        return (1...lines.count).contains(start.line) && (1...(lines[start.line - 1].count + 1)).contains(start.column)
            && (start.line, start.column) <= (end.line, end.column)
    }
}
