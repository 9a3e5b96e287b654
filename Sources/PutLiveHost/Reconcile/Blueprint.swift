import PutLiveArtifacts

/// What a run works towards: made of config.yaml, without looking at the host.
struct Blueprint: Sendable {
    var desired: DesiredHost
    /// SHA-256 of all that the config says.
    var configDigest: String
    /// Of PutLive, and behind a space which build of it.
    var toolVersion: String
    /// The port of the agent's API; nil where there is no agent.
    var agentPort: Int?
    /// Puts back what was edited by hand; false: only reports it.
    var repairsEdits = true
    /// Hides every secret of the config in a text.
    var masked: @Sendable (String) -> String = { $0 }
    /// The change of a file from what is there, without secrets.
    var diff: @Sendable (_ file: DesiredFile, _ old: String) -> String = { _, _ in "" }
}

/// How a host differs from a blueprint, and what would make it equal.
struct Comparison: Sendable {
    var differences: [Difference] = []
    /// Files to write, in their order.
    var writes: [DesiredFile] = []
    /// Links to put.
    var links: [DesiredLink] = []
    /// Files and links of an earlier generation that nobody asks for any more.
    var removals: [Removal] = []
    /// Modes and owners to set; the content is right.
    var adjustments: [DesiredFile] = []
    /// Of writes and removals whose content somebody changed by hand: paths.
    var edited: Set<String> = []
    /// What units need, in the order in which it is done.
    var units: [UnitStep] = []
    /// Files whose applier has to run, by their paths.
    var appliers: Set<String> = []
    var needsDaemonReload = false
    /// What a person may want to know.
    var notes: [String] = []
    /// Restarts that wait for the end of a broadcast: units with the reason.
    var waiting: [(unit: String, reason: String)] = []
    /// Those units, and those that wait with them.
    var held: Set<String> = []
    /// Units that have to be installed first.
    var absent: [DesiredUnit] = []
    /// Of the files whose content was found right: `FileEntry.stamp`, by path.
    var stamps: [String: String] = [:]
    /// The states of all units that the blueprint or the generation names.
    var states: [String: UnitState] = [:]

    /// Whether an apply would change files.
    var changesFiles: Bool { !(writes.isEmpty && links.isEmpty && removals.isEmpty && adjustments.isEmpty) }

    /// Whether an apply would do anything at all.
    var isEmpty: Bool { !changesFiles && units.isEmpty && appliers.isEmpty && !needsDaemonReload }
}

/// A file or link to remove.
struct Removal: Sendable, Hashable {
    var path: String
    /// Nil for a link.
    var file: Generation.File?
}

/// What a unit needs.
struct UnitStep: Sendable, Hashable {
    var unit: String
    var action: UnitAction
    /// Whether it was active before.
    var wasActive: Bool
}
