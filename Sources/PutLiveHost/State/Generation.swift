/// What was last applied: /var/lib/putlive-reconcile/generation.json. Hashes only, never contents.
struct Generation: Sendable, Codable, Hashable {
    /// A file as it was written.
    struct File: Sendable, Codable, Hashable {
        /// Its name in the catalog.
        var name: String
        var sha256: String
        var mode: UInt16
        var owner: Owner
        /// What a removal of it needs, as in `DesiredFile`.
        var restarts: [String]
        var reloads: [String]
        var needsDaemonReload: Bool
        /// The file's `FileEntry.stamp` right after it was written: while it is the same, the content needn't be read.
        var stamp: String
        /// What was there before PutLive replaced it, if that was another package's.
        var original: Original?
    }

    /// A copy of another package's file, which comes back when PutLive goes.
    struct Original: Sendable, Codable, Hashable {
        /// Where the copy is.
        var copy: String
        var mode: UInt16
        var owner: Owner
    }

    /// What a unit was last restarted and reloaded with.
    struct Unit: Sendable, Codable, Hashable {
        var restartDigest: String
        var reloadDigest: String
        /// A unit of PutLive's own is stopped when no config asks for it any more; of others, some
        /// (`SystemUnits.Packaged.endsWithConfig`).
        var isOurs: Bool
        var carriesBroadcasts: Bool
    }

    /// Of this file's format.
    var version = 1
    /// One more for each that was applied.
    var number: Int
    /// One more for each transaction, those that only repaired something included.
    var transaction: Int
    /// Seconds since 1970.
    var appliedAt: Double
    /// Of PutLive.
    var toolVersion: String
    /// SHA-256 of all that the config says, in lower-case hexadecimal.
    var configDigest: String
    /// By path.
    var files: [String: File] = [:]
    /// Target by path.
    var links: [String: String] = [:]
    /// By name.
    var units: [String: Unit] = [:]
    /// The digest that each applier last ran with, by the path of its file.
    var appliers: [String: String] = [:]
    /// The port of the agent's API, which answers there until it is restarted; nil where there is no agent.
    var agentPort: Int?
    /// SHA-256 of the package that the program of SRS came from; nil where it is the user's own.
    var srsPackage: String?
}
