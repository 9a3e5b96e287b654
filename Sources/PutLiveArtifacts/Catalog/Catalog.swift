/// Every artifact that there is. Rendering, diff, drift check, reconciling and the docs all read this one table.
public enum Catalog {
    /// In the order in which a person would read them.
    public static let artifacts: [Artifact] = media + systemd + operations + monitoring

    /// Makes what every render needs, if it isn't made yet.
    public static func prepare() {
        _ = artifacts
        Format.registered
    }

    /// The artifact called `name`.
    public static func named(_ name: String) -> Artifact? {
        artifacts.first { $0.name == name }
    }
}
