import ArgumentParser
import PutLiveArtifacts
import PutLiveCommands
import PutLiveConfig

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
