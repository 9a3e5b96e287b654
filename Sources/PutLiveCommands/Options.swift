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

/// How a report is written.
public enum ReportFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// For people.
    case text
    /// For programs.
    case json
}

/// The config that a command reads.
public struct ConfigOptions: ParsableArguments, Sendable {
    /// The file's name.
    @Option(
        help: ArgumentHelp(
            "The config to read; by default config.yaml here, on a host \(HostPaths().config).", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"]))
    public var config: String?

    /// The file that is read. A config in the working folder goes before the host's.
    public var path: String {
        if let config { return config }
        let here = "config.yaml", host = HostPaths().config
        return access(here, F_OK) != 0 && access(host, F_OK) == 0 ? host : here
    }

    /// As the command line has them.
    public init() {}

    /// The checked config. Problems are reported on stderr, or as `validate` does in JSON; errors end the command.
    public func load(_ format: ReportFormat = .text) throws -> Config {
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

    /// Whatever there is of it, with what is wrong.
    public func read() -> LoadedConfig {
        let path = path
        let folder = Self.folder(of: path)
        // The services get their variables from there.
        let environment =
            folder == HostPaths().configFolder
            ? EnvironmentFile.environment(path: HostPaths().environmentFile) : ConfigEnvironment.process
        return ConfigLoader(environment: environment).load(path: path, directory: folder)
    }

    /// How many errors and warnings, in words.
    public static func summary(_ loaded: LoadedConfig) -> String {
        let counts = [(loaded.errorCount, "error"), (loaded.warningCount, "warning")]
        return counts.filter { $0.0 > 0 }.map { counted($0.0, $0.1) }.joined(separator: ", ")
    }

    /// The absolute folder of a file, without `.` and `..`; where it exists without links, too.
    public static func folder(of file: String) -> String {
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
public struct ConfigReport: Encodable {
    var valid: Bool
    var diagnostics: [Diagnostic]

    /// Of a config that was read.
    public init(_ loaded: LoadedConfig) {
        valid = loaded.config != nil
        diagnostics = loaded.diagnostics
    }
}

/// Where templates and stacks are.
public struct ShareOptions: ParsableArguments, Sendable {
    /// The folder, if one was named.
    @Option(
        help: ArgumentHelp(
            "The folder of templates, stacks and web pages; by default $PUTLIVE_SHARE, else the one installed with this program.",
            valueName: "folder"), completion: .directory)
    public var share: String?

    /// As the command line has them.
    public init() {}

    /// Finds it; an error ends the command.
    public func find() throws -> ShareFolder {
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

/// Runs what touches files, and reports its failure as an error of the command.
public func reportingErrors<Result>(_ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let code as ExitCode {
        throw code
    } catch {
        Console.error("\(error)")
        throw ExitCode(1)
    }
}
