/// The name of a backup: `putlive-20260101T000000Z.db`. Whatever else lies in a folder or a bucket is none of ours.
public struct BackupName: Sendable, Equatable, Comparable {
    /// When the backup was made.
    public let time: UnixTime

    /// The name of a backup made at `time`.
    public init(time: UnixTime) {
        self.time = time
    }

    /// Reads a file's name; nil if it isn't one that a backup gives.
    public init?(_ text: some StringProtocol) {
        guard text.hasPrefix(Self.prefix), text.hasSuffix(Self.suffix),
            let time = UTCTime.parse(text.dropFirst(Self.prefix.count).dropLast(Self.suffix.count))
        else { return nil }
        self.time = time
    }

    /// The file's name.
    public var text: String { Self.prefix + UTCTime.text(time) + Self.suffix }

    /// The older one is less.
    public static func < (left: BackupName, right: BackupName) -> Bool { left.time < right.time }

    /// What every name begins with.
    public static let prefix = "putlive-"
    private static let suffix = ".db"

    /// Of `names`, the backups older than `retention` seconds before `now`; never `kept`, the one that was just made.
    public static func expired(
        _ names: some Sequence<String>, retention: Int64, now: UnixTime, kept: BackupName
    ) -> [String] {
        names.filter { text in
            guard let name = BackupName(text), name != kept else { return false }
            return name.time < now - retention
        }
    }
}
