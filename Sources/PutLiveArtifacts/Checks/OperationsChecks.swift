/// Log rotation and bans.
extension NativeCheck {
    /// `logrotate --debug`, which reads and reports everything and rotates nothing.
    static func logrotate(_ items: [RenderedArtifact]) -> NativeCheck {
        NativeCheck(
            name: "logrotate", covers: items.map(\.path),
            tools: [Tool(name: "logrotate", source: "the package logrotate")], standIns: ["log folder", "users"]
        ) { stage, runner in
            for item in items {
                try stage.makeFolder("/logrotate/var/log/putlive/ffmpeg")
                var text = Stage.moved(item.text, below: stage.path("/logrotate"), prefixes: ["/var/log/"])
                text = withoutUsers(text)
                try stage.write(text, at: "/logrotate/putlive.conf")
                let outcome = try await runner.run(
                    "logrotate", ["-d", "-s", stage.path("/logrotate/state"), stage.path("/logrotate/putlive.conf")],
                    in: stage.root)
                // An unknown option is an error to its words and none to its exit status.
                if !outcome.succeeded || outcome.output.contains("error:") {
                    return outcome.output.split(separator: "\n").filter { $0.contains("error") }.joined(separator: "\n")
                        .replacing(stage.path("/logrotate"), with: "")
                }
            }
            return nil
        }
    }

    /// `su` and `create` name users that only the host has.
    private static func withoutUsers(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).compactMap { line -> String? in
            let words = line.split(separator: " ")
            switch words.first {
            case "su" where words.count == 3: return nil
            case "create" where words.count == 4: return "create \(words[1])"
            default: return String(line)
            }
        }.joined(separator: "\n")
    }

    /// `fail2ban-client --test` on Debian's configuration with ours in it.
    static func fail2ban(_ items: [RenderedArtifact]) -> NativeCheck {
        NativeCheck(
            name: "fail2ban", covers: items.map(\.path),
            tools: [Tool(name: "fail2ban-client", source: "the package fail2ban")]
        ) { stage, runner in
            let folder = "/etc/fail2ban"
            guard FileTree.isFolder(folder) else { return "\(folder) is missing: reinstall the package fail2ban" }
            try FileTree.copy(folder, to: stage.path("/fail2ban"))
            for item in items {
                try stage.write(item.text, at: item.path.replacing(folder, with: "/fail2ban"))
            }
            let outcome = try await runner.run(
                "fail2ban-client", ["-c", stage.path("/fail2ban"), "-t"], in: stage.root)
            return outcome.succeeded ? nil : outcome.output.replacing(stage.path("/fail2ban"), with: folder)
        }
    }
}
