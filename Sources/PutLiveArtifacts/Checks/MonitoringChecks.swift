extension NativeCheck {
    /// `promtool check config`, which reads the rules too.
    static func prometheus(_ items: [RenderedArtifact]) -> NativeCheck {
        NativeCheck(
            name: "prometheus", covers: items.map(\.path),
            tools: [Tool(name: "promtool", source: "the package prometheus")]
        ) { stage, runner in
            for item in items {
                let kind = item.path.contains("/rules/") ? "rules" : "config"
                let outcome = try await runner.run("promtool", ["check", kind, stage.tree + item.path], in: stage.tree)
                if !outcome.succeeded { return outcome.output.replacing(stage.tree, with: "") }
            }
            return nil
        }
    }

    /// Files in JSON or YAML whose program is in no Debian package: read by a parser of the format.
    static func parsed(_ items: [RenderedArtifact], name: String) -> NativeCheck {
        NativeCheck(name: name, covers: items.map(\.path), tools: []) { _, _ in
            for item in items {
                if let problem = DataFormat.problem(in: item.text, format: item.artifact.format) {
                    return "\(item.path): \(problem)"
                }
            }
            return nil
        }
    }

    /// A shell's own reader, without running anything.
    static func shell(_ items: [RenderedArtifact]) -> NativeCheck {
        NativeCheck(
            name: "shell", covers: items.map(\.path), tools: [Tool(name: "sh", source: "the package dash")]
        ) { stage, runner in
            for item in items {
                let outcome = try await runner.run("sh", ["-n", stage.tree + item.path], in: stage.tree)
                if !outcome.succeeded { return outcome.output.replacing(stage.tree, with: "") }
            }
            return nil
        }
    }

    /// `srs -t`, where there is an SRS: no Debian package has it.
    static func srs(_ items: [RenderedArtifact]) -> NativeCheck {
        NativeCheck(
            name: "srs", covers: items.map(\.path),
            tools: [
                Tool(name: "srs", source: "an SRS of your own: name its program in SRS_BINARY"),
                Tool(name: "prlimit", source: "the package util-linux"),
            ]
        ) { stage, runner in
            guard let program = runner.find("srs") else { return "srs is gone" }
            for item in items {
                try stage.makeFolder("/srs")
                // As srs.service sets it: SRS refuses more connections than it could have files open (ossrs/srs#4545).
                let limit = "--nofile=\(Views.srsOpenFiles):"
                let outcome = try await runner.run(
                    "prlimit", [limit, program, "-t", "-c", stage.tree + item.path], in: stage.path("/srs"))
                if !outcome.succeeded { return outcome.output.replacing(stage.tree, with: "") }
            }
            return nil
        }
    }

    /// cfn-lint on a stack.
    static func stack(_ name: String, text: String) -> NativeCheck {
        NativeCheck(
            name: "stack-\(name)", covers: ["stacks/\(name).yaml"],
            tools: [Tool(name: "cfn-lint", source: "the PyPI package cfn-lint")]
        ) { stage, runner in
            try stage.write(text, at: "/stacks/\(name).yaml")
            let outcome = try await runner.run("cfn-lint", ["--", stage.path("/stacks/\(name).yaml")], in: stage.root)
            return outcome.succeeded ? nil : outcome.output.replacing(stage.root + "/", with: "")
        }
    }
}
