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

    /// Those whose key begins with `prefix`, by what follows it.
    static func values(_ db: Database, prefix: String) throws -> [String: Int64] {
        let rows = try Row.fetchAll(
            db, sql: "SELECT key, value FROM meta WHERE substr(key, 1, ?) = ?", arguments: [prefix.utf8.count, prefix])
        return Dictionary(
            rows.map { (String(($0[0] as String).dropFirst(prefix.count)), $0[1]) }, uniquingKeysWith: max)
    }

    static func set(_ db: Database, _ key: Key, to value: Int64) throws { try set(db, key.rawValue, to: value) }

    static func set(_ db: Database, _ key: String, to value: Int64) throws {
        try db.execute(
            sql: "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            arguments: [key, value])
    }
}
