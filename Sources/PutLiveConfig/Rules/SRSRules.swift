/// The package that SRS is installed from.
extension Rules {
    static func checkSRSPackage(_ config: Config, _ session: ReadingSession) {
        let package = config.streaming.srs
        let (url, sha256) = ("streaming.srs.package_url", "streaming.srs.package_sha256")
        if !package.url.isEmpty && package.sha256.isEmpty {
            session.report(
                .error, key: url, with: sha256, message: "there is no package_sha256, so any file could be installed",
                remedy: "add package_sha256: sha256sum prints it")
        }
        if package.url.isEmpty && !package.sha256.isEmpty {
            session.report(
                .error, key: sha256, with: url, message: "there is no package_url that it is the SHA-256 of",
                remedy: "add package_url, or remove it for an SRS of your own in /usr/local/srs")
        }
        guard !package.url.isEmpty, let reason = whyNoSRS(config) else { return }
        session.report(
            .warning, key: url, with: "streaming.engine", message: "isn't used: \(reason)",
            remedy: "remove streaming.srs")
    }

    /// Why no SRS is installed with this config.
    private static func whyNoSRS(_ config: Config) -> String? {
        switch config.deployment.role {
        case .edge: "an edge has no SRS"
        case .local: "role local installs nothing"
        case .single, .origin: config.streaming.engine == .embedded ? "streaming.engine is embedded" : nil
        }
    }
}
