import ArgumentParser
import PutLiveArtifacts
import PutLiveConfig

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
}

/// The config that a command reads.
struct ConfigOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The config to read.", valueName: "file"), completion: .file(extensions: ["yaml", "yml"]))
    var config = "config.yaml"

    /// The checked config. Problems are reported on stderr, or as `validate` does in JSON; errors end the command.
    func load(_ format: ReportFormat = .text) throws -> Config {
        let loaded = read()
        if format == .json && loaded.config == nil {
            Console.result(try JSONText.encode(ConfigReport(loaded)))
            throw ExitCode(1)
        }
        for diagnostic in loaded.diagnostics {
            Console.report(diagnostic.text(colour: Console.reportPaint.enabled))
        }
        guard let config = loaded.config else {
            Console.report(Self.summary(loaded))
            throw ExitCode(1)
        }
        return config
    }

    func read() -> LoadedConfig {
        ConfigLoader().load(path: config, directory: Self.folder(of: config))
    }

    static func summary(_ loaded: LoadedConfig) -> String {
        let counts = [(loaded.errorCount, "error"), (loaded.warningCount, "warning")]
        return counts.filter { $0.0 > 0 }.map { counted($0.0, $0.1) }.joined(separator: ", ")
    }

    /// The absolute folder of a file, without `.` and `..`; where it exists without links, too.
    static func folder(of file: String) -> String {
        let absolute = file.hasPrefix("/") ? file : FileManager.default.currentDirectoryPath + "/" + file
        let parent = absolute[..<(absolute.lastIndex(of: "/") ?? absolute.startIndex)]
        if let resolved = realpath(parent.isEmpty ? "/" : String(parent), nil) {
            defer { free(resolved) }
            return String(cString: resolved)
        }
        var parts: [Substring] = []
        for part in absolute.split(separator: "/").dropLast() where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}

/// What is wrong with a config, as JSON.
struct ConfigReport: Encodable {
    var valid: Bool
    var diagnostics: [Diagnostic]

    init(_ loaded: LoadedConfig) {
        valid = loaded.config != nil
        diagnostics = loaded.diagnostics
    }
}

/// Where templates and stacks are.
struct ShareOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The folder of templates and stacks; by default $PUTLIVE_SHARE, else the one installed with this program.",
            valueName: "folder"), completion: .directory)
    var share: String?

    func find() throws -> ShareFolder {
        do {
            return try ShareFolder.find(
                given: share, variable: ProcessInfo.processInfo.environment["PUTLIVE_SHARE"],
                executable: Self.executable)
        } catch {
            Console.error("\(error)")
            throw ExitCode(1)
        }
    }

    private static var executable: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }
}

extension ArtifactSet {
    /// Renders for a command: what can't be rendered is reported and ends it. `only` names artifacts by name or host
    /// path.
    static func rendered(_ config: Config, _ share: ShareFolder, only: [String] = []) throws -> ArtifactSet {
        do {
            return try ArtifactSet(
                config: config, share: share, only: Set(try only.map { try name(of: $0, in: config) }))
        } catch let failure as RenderFailure {
            for problem in failure.problems { Console.error("\(problem)") }
            throw ExitCode(1)
        } catch let missing as ShareFolder.Missing {
            Console.error("\(missing)")
            throw ExitCode(1)
        }
    }

    private static func name(of wanted: String, in config: Config) throws -> String {
        let named = Catalog.artifacts.filter { artifact in
            let path = artifact.path(config)
            return artifact.name == wanted || path == wanted || path.dropFirst() == wanted
        }
        if let artifact = named.first(where: { $0.applies(to: config) }) { return artifact.name }
        if named.isEmpty {
            let near = Catalog.artifacts.map(\.name).filter {
                !wanted.isEmpty && ($0.hasPrefix(wanted) || wanted.hasPrefix($0))
            }
            Console.error(
                "there is no artifact \(wanted)",
                remedy: near.isEmpty
                    ? "`putlive-gen list --all` names them" : "did you mean \(near.joined(separator: " or "))?")
        } else {
            Console.error("this config asks for no \(wanted)", remedy: "`putlive-gen list` names what it asks for")
        }
        throw ExitCode(1)
    }
}

/// Runs what touches files, and reports its failure as an error of the command.
func reportingErrors<Result>(_ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let code as ExitCode {
        throw code
    } catch {
        Console.error("\(error)")
        throw ExitCode(1)
    }
}
