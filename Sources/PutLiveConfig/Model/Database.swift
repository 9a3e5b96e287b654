/// The SQLite database and its backups.
public struct Database: ConfigSection {
    /// Kinds of databases.
    public enum Kind: String, Sendable, CaseIterable {
        case sqlite
    }

    /// Kind of database.
    public var type: Kind
    /// File of the database; below the config's own folder for role local.
    public var path: String
    /// Make backups of the database.
    public var backupEnabled: Bool
    /// Time between two backups.
    public var backupInterval: Duration
    /// Age at which a backup is removed.
    public var backupRetention: Duration
    /// Folder of the backups on this host.
    public var backupPath: String
    /// Empty for none; `ACCOUNT_ID` in it stands for the AWS account's number.
    public var backupS3Bucket: String

    /// Reads the section, and thereby declares its keys.
    public init(from section: Section) {
        type = section.value("type", .oneOf, default: .sqlite, "Kind of database.")
        path = section.value(
            "path", .path,
            default: section.isLocal ? section.localPath("putlive.db") : "/var/lib/putlive/database/putlive.db",
            "File of the database; below the config's own folder for role local.")
        backupEnabled = section.value(
            "backup_enabled", .bool, default: !section.isLocal && section.role != .edge, "Make backups of the database."
        )
        backupInterval = section.value(
            "backup_interval", .duration(.seconds(600) ... .days(30)), default: .seconds(6 * 3600),
            "Time between two backups.")
        backupRetention = section.value(
            "backup_retention", .duration(.seconds(3600) ... .days(3650)), default: .days(7),
            "Age at which a backup is removed.")
        backupPath = section.value(
            "backup_path", .path, default: section.isLocal ? section.localPath("backups") : "/var/lib/putlive/backups",
            "Folder of the backups on this host.")
        backupS3Bucket = section.value(
            "backup_s3_bucket", .bucket, default: "",
            "S3 bucket that backups are copied to; ACCOUNT_ID in it is replaced by the account's number.")
    }
}
