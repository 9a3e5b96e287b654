import PutLiveConfig

extension Catalog {
    /// The table of every artifact for docs/host.md, in Markdown. Paths that the config decides are shown with their
    /// defaults.
    public static func markdownTable() -> String {
        var rows = [
            "| artifact | path on the host | mode and owner | roles | check | a change needs | what it is |",
            "| --- | --- | --- | --- | --- | --- | --- |",
        ]
        for artifact in artifacts {
            let cells = [
                "`\(artifact.name)`", "`\(artifact.path(ConfigSchema.defaults))`",
                "\(artifact.modeText) \(artifact.owner):\(artifact.group)", roles(of: artifact),
                artifact.check.rawValue, artifact.onChange.description, artifact.purpose,
            ]
            rows.append("| \(cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ")) |")
        }
        return rows.joined(separator: "\n") + "\n"
    }

    private static func roles(of artifact: Artifact) -> String {
        let all = Deployment.Role.allCases
        return artifact.roles.count == all.count
            ? "all" : all.filter(artifact.roles.contains).map(\.rawValue).joined(separator: ", ")
    }
}
