import Foundation
import Testing

@testable import PutLiveArtifacts
@testable import PutLiveConfig

/// The documents say what the program does. PUTLIVE_RECORD=1 writes the generated tables anew.
@Suite struct DocumentationTests {
    /// README.md and docs/*.md, as paths below the package's folder.
    private static let documents: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: packageFolder + "/docs")) ?? []
        return ["README.md"] + names.filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
    }()

    private static func read(_ path: String) throws -> String {
        try String(contentsOfFile: "\(packageFolder)/\(path)", encoding: .utf8)
    }

    // MARK: Generated tables

    @Test func readmeHasEveryKey() throws {
        try expect("README.md", "keys", toHold: ConfigSchema.markdownTable())
    }

    @Test func hostDocumentHasEveryArtifact() throws {
        try expect("docs/host.md", "artifacts", toHold: Catalog.markdownTable())
    }

    /// The lines between `<!-- name: begin -->` and `<!-- name: end -->` are `table`, an empty line around it.
    private func expect(_ document: String, _ name: String, toHold table: String) throws {
        let text = try Self.read(document)
        let begin = try #require(text.range(of: "<!-- \(name): begin -->\n"), "\(document) has no mark \(name)")
        let end = try #require(text.range(of: "<!-- \(name): end -->"), "\(document) has no mark \(name)")
        let wanted = "\n" + table + "\n"
        if ProcessInfo.processInfo.environment["PUTLIVE_RECORD"] == "1" {
            let recorded = text.replacingCharacters(in: begin.upperBound..<end.lowerBound, with: wanted)
            try recorded.write(toFile: "\(packageFolder)/\(document)", atomically: true, encoding: .utf8)
            return
        }
        let found = String(text[begin.upperBound..<end.lowerBound])
        let diff = UnifiedDiff.text(from: found, to: wanted, oldName: document, newName: "generated")
        #expect(diff.isEmpty, "write it anew: PUTLIVE_RECORD=1 swift test --filter DocumentationTests\n\(diff)")
    }

    // MARK: Commands

    /// What is in fences and between backticks, a line each.
    private static func code(in document: String) throws -> [String] {
        var isFenced = false
        return try read(document).components(separatedBy: "\n").flatMap { line -> [String] in
            if line.hasPrefix("```") {
                isFenced.toggle()
                return []
            }
            return isFenced ? [line] : line.matches(of: /`([^`]+)`/).map { String($0.1) }
        }
    }

    /// The subcommands, each with the source of its file.
    private static func commands(of tool: String) throws -> [String: String] {
        var result: [String: String] = [:]
        for (name, source) in try files(below: packageFolder + "/Sources/\(tool)") {
            guard name != "Main.swift", source.contains("CommandConfiguration("),
                let type = source.firstMatch(of: /struct (\w+): (Async)?ParsableCommand/)
            else { continue }
            let given = source.firstMatch(of: /commandName: "([a-z-]+)"/)
            result[given.map { String($0.1) } ?? type.1.lowercased()] = source
        }
        return result
    }

    @Test(arguments: documents) func commandsExist(document: String) throws {
        let commands = try Self.commands(of: "putlive-gen")
        // A command of the agent may have commands of its own, in a file each or together.
        let agent = try files(below: packageFolder + "/Sources/putlive-agent").map { $0.1 }
        let shared = try Self.read("Sources/PutLiveCommands/Options.swift")
        for line in try Self.code(in: document) {
            for match in line.matches(of: /putlive-gen ([a-z]+)([^`|#]*)/) {
                guard let source = commands[String(match.1)] else {
                    Issue.record("\(document): there is no command \(match.1): \(line)")
                    continue
                }
                for option in match.2.matches(of: /--([a-z][a-z-]+)/) {
                    let isKnown = Self.declares(option.1, in: [source, shared])
                    #expect(isKnown, "\(document): --\(option.1) in \(line)")
                }
            }
            for match in line.matches(of: /putlive-agent ([a-z][a-z-]+)([^`|#]*)/) {
                #expect(
                    agent.contains { $0.contains("commandName: \"\(match.1)\"") },
                    "\(document): there is no command \(match.1): \(line)")
                for option in match.2.matches(of: /--([a-z][a-z-]+)/) {
                    #expect(Self.declares(option.1, in: agent + [shared]), "\(document): --\(option.1) in \(line)")
                }
            }
            // An option that the text names by itself may be any command's.
            if let option = line.wholeMatch(of: /--([a-z][a-z-]+)( .*)?/) {
                let isKnown = Self.declares(option.1, in: Array(commands.values) + agent + [shared])
                #expect(isKnown, "\(document): --\(option.1)")
            }
        }
    }

    /// Whether a command's source has the option `name`.
    private static func declares(_ name: Substring, in sources: [String]) -> Bool {
        let words = name.split(separator: "-")
        let variable = words[0] + words.dropFirst().map(\.capitalized).joined()
        return name == "help" || sources.contains { $0.contains(" var \(variable)") }
    }

    @Test func readmeShowsEveryCommand() throws {
        let code = try Self.code(in: "README.md")
        for command in try Self.commands(of: "putlive-gen").keys {
            #expect(code.contains { $0.contains("putlive-gen \(command)") }, "\(command)")
        }
    }

    @Test(arguments: documents) func makeTargetsExist(document: String) throws {
        let makefile = "\n" + (try Self.read("Makefile"))
        for line in try Self.code(in: document) {
            for match in line.matches(of: /^make ([a-z-]+)/) {
                let exists = makefile.contains("\n\(match.1):")
                #expect(exists, "\(document): \(line)")
            }
        }
    }

    @Test func readmeNamesEveryDependency() throws {
        let code = Set(try Self.code(in: "README.md"))
        let packages = try Self.read("Package.swift").matches(of: /\.package\(url: "[^"]+\/([^\/"]+)"/)
        let setup = try #require(try Self.read("scripts/setup").firstMatch(of: /\npackages=\(([^)]*)\)/))
        let names = packages.map { String($0.1) } + setup.1.split(whereSeparator: \.isWhitespace).map(String.init)
        #expect(Set(names).subtracting(code).isEmpty)
    }

    // MARK: Links

    /// The anchors of a document's headings, as the usual renderers make them.
    private static func anchors(in document: String) throws -> Set<String> {
        Set(
            try read(document).matches(of: /(?m)^#+ (.+)$/).map { match in
                match.1.lowercased().filter { $0.isLetter || $0.isNumber || " -_".contains($0) }
                    .replacing(" ", with: "-")
            })
    }

    @Test(arguments: documents) func linksLeadSomewhere(document: String) throws {
        let folder = document.hasPrefix("docs/") ? "docs/" : ""
        for match in try Self.read(document).matches(of: /\]\(([^)\s]+)\)/) where !match.1.hasPrefix("http") {
            let parts = match.1.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let path = URL(filePath: "/" + folder + parts[0]).standardizedFileURL.path.dropFirst()
            let target = parts[0].isEmpty ? document : String(path)
            #expect(FileManager.default.fileExists(atPath: "\(packageFolder)/\(target)"), "\(document): \(match.1)")
            if parts.count == 2 {
                let exists = try Self.anchors(in: target).contains(parts[1])
                #expect(exists, "\(document): \(match.1)")
            }
        }
    }

    /// Messages and comments send readers to documents.
    @Test(arguments: ["Sources", "templates", "stacks"]) func namedDocumentsExist(folder: String) throws {
        for (name, text) in try files(below: "\(packageFolder)/\(folder)") {
            for match in text.matches(of: /\bdocs\/[a-z-]+\.md/) {
                #expect(Self.documents.contains(String(match.output)), "\(folder)/\(name): \(match.output)")
            }
        }
    }

    // MARK: Facts

    @Test func metricsAreListed() throws {
        var listed: Set<String> = []
        for match in try Self.read("docs/metrics.md").matches(of: /(?m)^\| `(putlive_\w+)` \| (\w+) \|/) {
            let name = String(match.1)
            #expect(listed.insert(name).inserted, "\(name) is listed twice")
            if match.2 == "histogram" { listed.formUnion(["_bucket", "_sum", "_count"].map { name + $0 }) }
        }
        for folder in ["templates/etc/prometheus", "templates/var/lib/grafana"] {
            let texts = try files(below: "\(packageFolder)/\(folder)")
            #expect(!texts.isEmpty)
            for (name, text) in texts {
                for match in text.matches(of: /\bputlive_\w+/) {
                    let isListed = listed.contains(String(match.output))
                    #expect(isListed, "\(folder)/\(name): \(match.output)")
                }
            }
        }
    }

    @Test func hostDocumentNamesEveryPath() throws {
        let text = try Self.read("docs/host.md")
        for case (let name?, let path as String) in Mirror(reflecting: HostPaths()).children where path.hasPrefix("/") {
            let isNamed = text.contains("`\(path)`")
            #expect(isNamed, "\(name): \(path)")
        }
    }

    /// The cells of the rows below the table's head that begins with `head`.
    private static func table(_ head: String, in document: String) throws -> [[String]] {
        let lines = try read(document).components(separatedBy: "\n")
        let start = try #require(lines.firstIndex { $0.hasPrefix("| \(head) |") })
        return lines[(start + 2)...].prefix { $0.hasPrefix("|") }.map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    @Test func capacityDocumentCalculatesAsTheCheckDoes() throws {
        var costs: [String: TranscodeCost] = [:]
        for cells in try Self.table("quality", in: "docs/capacity.md") {
            let sides = cells[1].split(separator: "x").compactMap { Int($0) }
            let fps = try #require(Int(cells[2]))
            let quality = Quality(cells[0], sides[0], sides[1], kilobits: 1000, fps: fps, audio: 96)
            let cost = TranscodeCost(of: quality)
            #expect(["\(cost.percent) %", "\(cost.memory)"] == Array(cells[3...]), "\(cells[0])")
            costs[cells[0]] = cost
        }
        let ladders = try [["360p"], Quality.standard.filter(\.enabled).map(\.name)].map { names in
            try names.map { try #require(costs[$0]) }
        }
        for cells in try Self.table("instance type", in: "docs/capacity.md") {
            let type = try #require(InstanceType.named(cells[0]))
            let streams = ladders.map { ladder in
                // 350 MiB are for all the rest of the host.
                min(
                    type.sustainedPercent / ladder.reduce(0) { $0 + $1.percent },
                    (type.memory.mebibytes - 350) / ladder.reduce(0) { $0 + $1.memory.mebibytes })
            }
            let wanted = ["\(type.vCPUs)", "\(type.memory)", "\(type.sustainedPercent) %"] + streams.map(String.init)
            #expect(wanted == Array(cells[1...]), "\(cells[0])")
        }
    }
}
