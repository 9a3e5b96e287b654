import GRDB

/// What the database knows of itself: a number a key.
enum Meta {
    enum Key: String {
        case createdAt = "created_at"
        /// Tokens issued before it are void.
        case sessionsNotBefore = "sessions_not_before"
    }

    static func value(_ db: Database, _ key: Key) throws -> Int64? { try value(db, key.rawValue) }

    static func value(_ db: Database, _ key: String) throws -> Int64? {
        try Int64.fetchOne(db, sql: "SELECT value FROM meta WHERE key = ?", arguments: [key])
    }

    static func set(_ db: Database, _ key: Key, to value: Int64) throws { try set(db, key.rawValue, to: value) }

    static func set(_ db: Database, _ key: String, to value: Int64) throws {
        try db.execute(
            sql: "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            arguments: [key, value])
    }
}
