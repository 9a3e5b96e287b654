import Foundation
import PutLiveConfig
import Testing

@testable import PutLiveArtifacts

/// Whatever text stands in a view, a template is refused or gives a file that the format's reader reads as the same
/// structure, with that text in its place as one whole word.
@Suite struct HostileValueTests {
    /// Read once, not for each artifact.
    private static let configs = Result { try goldenProfiles.map(goldenConfig) }

    @Test(arguments: Catalog.artifacts.map(\.name)) func artifact(name: String) throws {
        let artifact = try #require(Catalog.named(name))
        guard artifact.template.hasSuffix(".mustache") else { return }
        // Each profile that brings another set of names into the file.
        var seen: Set<[String]> = []
        for config in try Self.configs.get() where artifact.applies(to: config) {
            let trial = try Trial(
                share: share, template: artifact.template, format: artifact.format,
                view: artifact.view(HostContext(config: config)),
                read: { try ReadText.of($0, as: artifact) })
            guard seen.insert(trial.names).inserted else { continue }
            try trial.run(rounds: 20, seed: name)
        }
        #expect(!seen.isEmpty)
    }

    @Test(arguments: Stack.allCases) func stack(stack: Stack) throws {
        // CloudFormation's tags are none of YAML's, so that the reader refuses them: out of the template they go, before
        // there is a value in it.
        let name = "stacks/\(stack.rawValue).yaml.mustache"
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path + "/stacks", withIntermediateDirectories: true)
        try share.read(name).replacing(/![A-Z][A-Za-z0-9]+/, with: "")
            .write(toFile: "\(folder.path)/\(name)", atomically: true, encoding: .utf8)
        let config = try goldenConfig("single")
        var view = Views.stack(HostContext(config: config))
        view["hasAdminEmail"] = true
        let trial = try Trial(
            share: ShareFolder(path: folder.path), template: name, format: .yaml, view: view,
            read: { try ReadText.yaml(Array($0.utf8)) })
        #expect(
            trial.names == [
                "adminEmail", "alertPhone", "domain", "instanceType", "metricNamespace", "srsPackageSHA256",
                "srsPackageURL",
            ])
        try trial.run(rounds: 30, seed: name)
    }

    @Test(arguments: Deployment.Role.allCases) func initialConfig(role: Deployment.Role) throws {
        let view: [String: Any] = [
            "role": role.rawValue, "isLocal": role == .local, "isEdge": role == .edge,
            "isHost": role == .single || role == .origin, "domain": "", "email": "", "originHost": "",
            "certificate": "",
            "certificateKey": "", "jwtSecret": "", "adminPassword": "", "database": "", "backups": "", "recordings": "",
            "hls": "",
        ]
        try Trial(
            share: share, template: "templates/etc/putlive/config.yaml.mustache", format: .yaml, view: view,
            read: { try ReadText.yaml(Array($0.utf8)) }
        ).run(rounds: 30, seed: role.rawValue)
    }

    /// Values in every kind of place that the templates of a format have.
    private static let places: [Format: String] = [
        .nginx: "a {{x}};\nmap $a $b {\n    {{x}} {{y}};\n}\ngeoip2 {{y}} {\n}\n",
        .srs: "a {{x}};\nengine {{y}} {\n    b c {{x}} {{y}};\n}\n",
        .systemd:
            "[Service]\nExecStart=/bin/a -c {{x}} b {{y}}\nReadWritePaths={{x}} {{y}}\nRequiresMountsFor={{y}}\nUser=a\n",
        .ini: "[a]\nb = {{x}}\nc = {{y}}\n",
        .logrotate: "{{x}} {\n    daily\n}\n/var/log/b {{y}} {\n    weekly\n}\n",
        .tmpfiles: "d {{x}} 0755 {{y}} root\nL {{y}} - - - - /x\n",
        .yaml: "a: {{x}}\nb: [{{y}}, {{x}}]\nc:\n  - {{x}}\n  - d: {{y}}\n",
        .json: "{\"a\": {{x}}, \"b\": [{{y}}, {\"c\": {{x}}}]}\n",
    ]

    @Test(arguments: places.keys.sorted { $0.rawValue < $1.rawValue }) func format(format: Format) throws {
        let template = try #require(Self.places[format])
        let folder = try TemporaryFolder()
        try "{{%CONTENT_TYPE: \(format.rawValue)}}\n\(template)"
            .write(toFile: folder.path + "/t.mustache", atomically: true, encoding: .utf8)
        var artifact = try #require(Catalog.artifacts.first { $0.format == format })
        artifact.check = format == .ini ? .fail2ban : format == .tmpfiles ? .tmpfiles : artifact.check
        let like = artifact
        let trial = try Trial(
            share: ShareFolder(path: folder.path), template: "t.mustache", format: format, view: ["x": "", "y": ""],
            read: { try ReadText.of($0, as: like) })
        #expect(try trial.run(rounds: 300, seed: format.rawValue, inOrder: true) >= 200)
    }

    /// The shell's own reader is the shell.
    @Test func shellWords() throws {
        var generator = SeededGenerator(seededBy: "shell")
        let values = (0..<500).map { HostileValues.value($0, using: &generator) }.filter {
            !$0.unicodeScalars.contains("\0")
        }
        let folder = try TemporaryFolder()
        let words = try values.map { try Format.shell.word($0) }.joined(separator: " ")
        try "a=\(Format.shell.word(values[3]))\nprintf '%s\\0' \"$a\" \(words)\n"
            .write(toFile: folder.path + "/words", atomically: true, encoding: .utf8)
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = [folder.path + "/words"]
        let output = Pipe()
        shell.standardOutput = output
        try shell.run()
        let read = try #require(try output.fileHandleForReading.readToEnd())
        shell.waitUntilExit()
        #expect(shell.terminationStatus == 0)
        let texts = read.split(separator: 0, omittingEmptySubsequences: false).dropLast().map(Array.init)
        #expect(texts == ([values[3]] + values).map { Array($0.utf8) })
    }
}

/// A template with the texts of a view, and a reader of what comes of it.
private struct Trial {
    private let share: ShareFolder
    private let template: String
    private let format: Format
    private let leaves: ViewLeaves
    private let unescaped: Set<String>
    private let read: (String) throws -> ReadText
    /// With a plain word in each place.
    private let benign: ReadText
    /// The places whose text is in the file.
    private let used: [Int]

    init(
        share: ShareFolder, template: String, format: Format, view: [String: Any],
        read: @escaping (String) throws -> ReadText
    ) throws {
        self.share = share
        self.template = template
        self.format = format
        self.read = read
        leaves = ViewLeaves(view)
        unescaped = TemplateScan(try share.read(template)).unescapedNames
        let text = try TemplateRenderer(share: share)
            .render(template, format: format, view: leaves.view(with: (0..<leaves.count).map(Self.marker)))
        benign = try read(text)
        let found = benign
        used = (0..<leaves.count).filter { place in
            let marker = Array(Self.marker(place).utf8)
            return found.leaves.contains { Self.contains($0, marker) }
        }
    }

    /// The names in the file.
    var names: [String] { Set(used.map(leaves.name)).sorted() }

    /// Renders with hostile texts in all places at once, and with one that is refused in one of them. Gives how many
    /// texts the format held. `inOrder` takes every one of the fixed texts in its turn.
    @discardableResult
    func run(rounds: Int, seed: String, inOrder: Bool = false) throws -> Int {
        guard !used.isEmpty else { return 0 }
        var generator = SeededGenerator(seededBy: seed)
        var held = 0
        for round in 0..<rounds {
            var texts = (0..<leaves.count).map(Self.marker)
            var refused: (place: Int, text: String)?
            for (turn, place) in used.enumerated() {
                let index = round * used.count + turn
                let text =
                    inOrder
                    ? HostileValues.value(index, using: &generator) : HostileValues.random(using: &generator)
                if holds(text, at: place) {
                    texts[place] = text
                    held += 1
                } else {
                    refused = (place, text)
                }
            }
            try check(texts)
            guard let refused else { continue }
            texts[refused.place] = refused.text
            #expect(
                throws: TemplateError.self,
                "\(template), \(leaves.name(refused.place)): \(refused.text.debugDescription)"
            ) {
                try render(texts)
            }
        }
        return held
    }

    private func render(_ texts: [String]) throws -> String {
        try TemplateRenderer(share: share).render(template, format: format, view: leaves.view(with: texts))
    }

    private func holds(_ text: String, at place: Int) -> Bool {
        if unescaped.contains(leaves.name(place)) { return format.needsNoEscaping(text) }
        return (try? format.word(text)) != nil
    }

    private func check(_ texts: [String]) throws {
        let shown = used.map { "\(leaves.name($0)) = \(texts[$0].prefix(200).debugDescription)" }
        let found: ReadText
        do {
            found = try read(render(texts))
        } catch {
            Issue.record("\(template): \(error) with \(shown)")
            return
        }
        let expected = benign.leaves.map { leaf in
            used.reduce(leaf) { Self.replaced($0, Array(Self.marker($1).utf8), Array(texts[$1].utf8)) }
        }
        guard found.structure == benign.structure, found.leaves.count == expected.count else {
            Issue.record("\(template) has another structure with \(shown)")
            return
        }
        for (leaf, wanted) in zip(found.leaves, expected) where leaf != wanted {
            let words = [leaf, wanted].map { String(decoding: $0.prefix(200), as: UTF8.self).debugDescription }
            Issue.record("\(template) reads \(words[0]) for \(words[1]) with \(shown)")
        }
    }

    /// A plain word that is no other's part.
    private static func marker(_ place: Int) -> String { "plain\(100 + place)word" }

    private static func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        bytes.firstRange(of: part) != nil
    }

    private static func replaced(_ bytes: [UInt8], _ part: [UInt8], _ text: [UInt8]) -> [UInt8] {
        bytes == part ? text : bytes.replacing(part, with: text)
    }
}
