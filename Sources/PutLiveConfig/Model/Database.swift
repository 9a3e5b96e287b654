/// The SQLite database and its backups.
public struct Database: ConfigSection {
    public enum Kind: String, Sendable, CaseIterable {
        case sqlite
    }

    public var type: Kind
    public var path: String
    public var backupEnabled: Bool
    public var backupInterval: Duration
    public var backupRetention: Duration
    public var backupPath: String
    /// Empty for none; `ACCOUNT_ID` in it stands for the AWS account's number.
    public var backupS3Bucket: String

    public init(from section: Section) {
        type = section.value("type", .oneOf, default: .sqlite, "Kind of database.")
        path = section.value(
            "path", .path, default: section.isLocal ? section.localPath("putlive.db") : "/var/lib/putlive/database/putlive.db",
            "File of the database; below the config's own folder for role local.")
        backupEnabled = section.value(
            "backup_enabled", .bool, default: !section.isLocal && section.role != .edge, "Make backups of the database.")
        backupInterval = section.value(
            "backup_interval", .duration(.seconds(600) ... .days(30)), default: .seconds(6 * 3600), "Time between two backups.")
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
