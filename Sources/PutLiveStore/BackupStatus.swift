import GRDB

/// Where backups go.
public enum BackupPlace: String, Sendable, CaseIterable {
    case folder
    case s3
}

/// How the backups to one place went.
public struct BackupRecord: Sendable, Equatable {
    /// The last good one.
    public var lastSuccessAt: UnixTime?
    /// Its size in bytes.
    public var lastSize: Int64?
    /// Those that failed since.
    public var consecutiveFailures: Int

    /// All fields.
    public init(lastSuccessAt: UnixTime? = nil, lastSize: Int64? = nil, consecutiveFailures: Int = 0) {
        self.lastSuccessAt = lastSuccessAt
        self.lastSize = lastSize
        self.consecutiveFailures = consecutiveFailures
    }
}

/// How the backups went.
public struct BackupStatus: Sendable, Equatable {
    /// When the database was made: counts as the last success before the first backup.
    public var databaseCreatedAt: UnixTime
    /// One for each place; a place that the configuration no longer uses keeps its last.
    public var places: [BackupPlace: BackupRecord]
}

extension Store {
    /// How the backups went, which other processes made.
    public func backupStatus() async throws(StoreError) -> BackupStatus {
        try await read { db in
            var places: [BackupPlace: BackupRecord] = [:]
            for place in BackupPlace.allCases { places[place] = try BackupRecord(db, place) }
            return BackupStatus(databaseCreatedAt: try Meta.value(db, .createdAt) ?? 0, places: places)
        }
    }
}

extension BackupRecord {
    private enum Field: String {
        case time, size, failures

        func key(_ place: BackupPlace) -> String { "backup_\(place.rawValue)_\(rawValue)" }
    }

    init(_ db: Database, _ place: BackupPlace) throws {
        self.init(
            lastSuccessAt: try Meta.value(db, Field.time.key(place)),
            lastSize: try Meta.value(db, Field.size.key(place)),
            consecutiveFailures: Int(try Meta.value(db, Field.failures.key(place)) ?? 0))
    }

    static func success(_ db: Database, _ place: BackupPlace, size: Int64, now: UnixTime) throws {
        try Meta.set(db, Field.time.key(place), to: now)
        try Meta.set(db, Field.size.key(place), to: size)
        try Meta.set(db, Field.failures.key(place), to: 0)
    }

    static func failure(_ db: Database, _ place: BackupPlace) throws {
        let count = try Meta.value(db, Field.failures.key(place)) ?? 0
        try Meta.set(db, Field.failures.key(place), to: count + 1)
    }
}
