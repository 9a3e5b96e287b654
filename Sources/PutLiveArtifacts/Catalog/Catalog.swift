import PutLiveConfig

/// Every artifact that there is. Rendering, diff, drift check, reconciling and the docs all read this one table.
public enum Catalog {
    /// In the order in which a person would read them.
    public static let artifacts: [Artifact] = media + systemd + operations + monitoring

    /// Makes what every render needs, if it isn't made yet, and does each of a render's steps once, on nothing. The first
    /// time takes longest: Swift looks through the whole program for what a type conforms to, and remembers it.
    public static func prepare() {
        _ = artifacts
        TemplateRenderer.prepare()
        _ = HostContext.derive("", from: Secret(""))
        Manifest.prepare()
    }

    /// The artifact called `name`.
    public static func named(_ name: String) -> Artifact? {
        artifacts.first { $0.name == name }
    }
}
