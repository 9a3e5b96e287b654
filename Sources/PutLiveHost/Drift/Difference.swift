/// A way in which a host differs from its config.
public struct Difference: Sendable, Hashable, Codable {
    /// How the two differ. The names are those of the metric `putlive_reconcile_drift`.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// A file has another content.
        case content
        /// A file or folder has other permission bits.
        case mode
        /// A file or folder has another owner or group.
        case owner
        /// Something isn't there.
        case missing
        /// Something is there that the config doesn't ask for and an earlier generation put there.
        case extra
        /// A unit isn't enabled, or not active, or needs to be restarted or reloaded.
        case unit
        /// A service runs and doesn't do its work.
        case health
        /// A setting of the kernel, swap or a mount has another value.
        case kernel
    }

    /// Why the two differ.
    public enum Cause: String, Sendable, Codable, CaseIterable {
        /// The config asks for something else than when it was last applied.
        case configChanged = "config_changed"
        /// PutLive was upgraded and makes something else of the same config.
        case upgraded
        /// Somebody changed it on the host.
        case edited
        /// Somebody stopped or disabled the unit.
        case stopped
        /// The service failed or hangs.
        case failed
        /// This generation was never applied, or only in part.
        case neverApplied = "never_applied"
    }

    /// What comes of it.
    public enum Outcome: String, Sendable, Codable {
        /// An apply repairs it, or has done so.
        case repair
        /// `reliability.on_drift: report` leaves it to a person.
        case report
        /// It waits for the end of a broadcast.
        case wait
    }

    /// How the two differ.
    public var kind: Kind
    /// A path, the name of a unit or of a setting.
    public var subject: String
    /// For a person, without any content: `has mode 0600 and should have 0644`.
    public var detail: String
    /// Why.
    public var cause: Cause
    /// What comes of it.
    public var outcome: Outcome
    /// In the unified format without any secret, from what is there to what should be; nil where there is nothing to show.
    public var diff: String?

    /// A difference that an apply repairs, unless told otherwise.
    public init(
        kind: Kind, subject: String, detail: String, cause: Cause, outcome: Outcome = .repair, diff: String? = nil
    ) {
        self.kind = kind
        self.subject = subject
        self.detail = detail
        self.cause = cause
        self.outcome = outcome
        self.diff = diff
    }
}
