#if canImport(Glibc)
    import Glibc
#endif

extension NativeCheck {
    /// `nginx -t` on the configuration with its paths moved into the stage.
    static func nginx(_ items: [RenderedArtifact], origin: String) -> NativeCheck {
        let needsGeoIP = items.contains { $0.text.contains("geoip2") }
        return NativeCheck(
            name: "nginx", covers: items.map(\.path),
            tools: [
                Tool(name: "nginx", source: "the package nginx"), Tool(name: "openssl", source: "the package openssl"),
            ],
            standIns: ["certificate", "log and cache folders", "unprivileged ports"]
                + (needsGeoIP ? ["GeoIP database"] : []) + (origin.isEmpty ? [] : ["the origin's address"])
        ) { stage, runner in
            try await StandIns.makeCertificate(stage, runner, in: "/nginx/etc/putlive/tls")
            for folder in [
                "/var/log/putlive", "/var/log/nginx", "/var/lib/nginx", "/var/cache/nginx/putlive", "/run",
            ] {
                try stage.makeFolder("/nginx" + folder)
            }
            for item in items {
                let own = ["/etc/putlive/", "/var/", "/run/", "/dev/shm/"]
                var text = Stage.moved(item.text, below: stage.path("/nginx"), prefixes: own)
                text = unprivileged(text)
                // Its own, compiled in, are root's.
                let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
                    "    \($0)_temp_path \(stage.path("/nginx/\($0)"));"
                }
                text = text.replacing("\nhttp {\n", with: "\nhttp {\n\(folders.joined(separator: "\n"))\n")
                // nginx looks a name up when it starts, which a laptop without a network can't.
                if !origin.isEmpty { text = text.replacing("server \(origin):", with: "server 127.0.0.1:") }
                if needsGeoIP { text = try withGeoIP(text, stage) }
                try stage.write(text, at: "/nginx/nginx.conf", mode: 0o600)
                let outcome = try await runner.run(
                    "nginx", ["-t", "-q", "-e", "stderr", "-c", stage.path("/nginx/nginx.conf")], in: stage.root)
                if !outcome.succeeded { return outcome.output.replacing(stage.path("/nginx"), with: "") }
            }
            return nil
        }
    }

    /// `nginx -t` binds what it listens on: on ports of the ephemeral range's other end, which any user may open.
    private static func unprivileged(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let words = line.split(separator: " ", omittingEmptySubsequences: false)
            guard let index = words.firstIndex(where: { !$0.isEmpty }), words[index] == "listen",
                words.indices.contains(index + 1)
            else { return String(line) }
            var changed = words.map(String.init)
            let address = words[index + 1]
            let ending = address.hasSuffix(";") ? ";" : ""
            let digits = address.dropLast(ending.count).reversed().prefix(while: { ("0"..."9").contains($0) })
                .reversed()
            guard let port = Int(String(digits)), port < 1024 else { return String(line) }
            changed[index + 1] = address.dropLast(ending.count + digits.count) + "\(port + 20_000)" + ending
            return changed.joined(separator: " ")
        }.joined(separator: "\n")
    }

    /// The directive's own path, wherever it is, becomes the stand-in's.
    private static func withGeoIP(_ text: String, _ stage: Stage) throws -> String {
        let path = stage.path("/nginx/country.mmdb")
        try stage.write(bytes: StandIns.geoipDatabase, at: "/nginx/country.mmdb")
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let trimmed = line.drop(while: { $0 == " " })
            return trimmed.hasPrefix("geoip2 ") ? "geoip2 \(path) {" : String(line)
        }.joined(separator: "\n")
    }
}
