import GRDB

/// The database's layout. Its version is SQLite's `user_version`; `application_id` tells it from other programs'.
enum Schema {
    /// "PutL", in the header of the file.
    static let application: Int64 = 0x5075_744C

    /// Each takes the layout from the version that is its index to the next. A step that was released never changes.
    static let steps: [@Sendable (Database) throws -> Void] = [
        { try $0.execute(sql: version1) }
    ]

    /// The version that this agent writes.
    static var version: Int { steps.count }

    /// Says what the file is, before anything in it is touched.
    static func inspect(_ db: Database, path: String) throws -> Int {
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        let application = try Int64.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        if application == 0 && version == 0 {
            // A new file, or one of another program that gives no number.
            let isEmpty = try !(Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM sqlite_master)") ?? false)
            if isEmpty { return 0 }
        }
        guard application == Self.application else { throw StoreError.foreign(path: path) }
        guard version <= Self.version else {
            throw StoreError.newer(path: path, version: version, known: Self.version)
        }
        return version
    }

    /// Brings the layout up to date: all steps or none.
    static func migrate(_ db: Database, path: String, now: UnixTime) throws {
        if try inspect(db, path: path) == version { return }
        try db.inTransaction(.immediate) {
            // Another process may have been faster.
            let found = try inspect(db, path: path)
            for step in steps[found...] { try step(db) }
            if found == 0 {
                try db.execute(sql: "INSERT INTO meta (key, value) VALUES ('created_at', ?)", arguments: [now])
            }
            // Pragmas take no arguments.
            try db.execute(sql: "PRAGMA application_id = \(application)")
            try db.execute(sql: "PRAGMA user_version = \(version)")
            return .commit
        }
    }

    // Sessions keep no reference to their user: those of a deleted user must stay revoked until they expire.
    // Minutes of viewers lie in the order of time, in which they are summed up and forgotten.
    // Times are seconds since 1970.
    private static let version1 = """
        CREATE TABLE users (
            id TEXT PRIMARY KEY NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
            username TEXT NOT NULL COLLATE NOCASE UNIQUE
                CHECK (length(username) BETWEEN 1 AND 64 AND username NOT GLOB '*[^A-Za-z0-9._-]*'),
            role TEXT NOT NULL CHECK (role IN ('admin', 'streamer', 'viewer')),
            password_hash TEXT NOT NULL CHECK (length(password_hash) BETWEEN 1 AND 512),
            disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
            created_at INTEGER NOT NULL,
            last_login_at INTEGER
        ) STRICT;

        CREATE TABLE stream_keys (
            id TEXT PRIMARY KEY NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
            user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            stream TEXT NOT NULL CHECK (length(stream) BETWEEN 1 AND 64 AND stream NOT GLOB '*[^a-z0-9-]*'),
            label TEXT NOT NULL DEFAULT '' CHECK (length(label) <= 100),
            created_at INTEGER NOT NULL,
            expires_at INTEGER CHECK (expires_at > created_at),
            revoked_at INTEGER,
            last_used_at INTEGER
        ) STRICT;
        CREATE INDEX stream_keys_by_user ON stream_keys (user_id, created_at);
        CREATE INDEX stream_keys_in_force ON stream_keys (stream) WHERE revoked_at IS NULL;

        CREATE TABLE sessions (
            id TEXT PRIMARY KEY NOT NULL CHECK (length(id) BETWEEN 1 AND 128),
            user_id TEXT NOT NULL,
            issued_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL CHECK (expires_at > issued_at),
            revoked_at INTEGER
        ) STRICT;
        CREATE INDEX sessions_by_user ON sessions (user_id, issued_at);
        CREATE INDEX sessions_by_expiry ON sessions (expires_at, revoked_at);

        CREATE TABLE videos (
            id TEXT PRIMARY KEY NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
            title TEXT NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
            description TEXT NOT NULL DEFAULT '' CHECK (length(description) <= 5000),
            filename TEXT NOT NULL UNIQUE CHECK (length(filename) BETWEEN 1 AND 255),
            size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
            duration_seconds REAL CHECK (duration_seconds >= 0),
            status TEXT NOT NULL CHECK (status IN ('processing', 'ready', 'failed')),
            failure TEXT,
            created_at INTEGER NOT NULL,
            owner_id TEXT REFERENCES users (id) ON DELETE SET NULL
        ) STRICT;
        CREATE INDEX videos_by_time ON videos (created_at);
        CREATE INDEX videos_by_owner ON videos (owner_id);

        CREATE TABLE schedules (
            id TEXT PRIMARY KEY NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
            video_id TEXT NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
            stream TEXT NOT NULL CHECK (length(stream) BETWEEN 1 AND 64 AND stream NOT GLOB '*[^a-z0-9-]*'),
            start_time INTEGER NOT NULL,
            end_time INTEGER NOT NULL CHECK (end_time > start_time),
            quality TEXT,
            loop INTEGER NOT NULL DEFAULT 0 CHECK (loop IN (0, 1)),
            recurrence TEXT,
            status TEXT NOT NULL DEFAULT 'scheduled'
                CHECK (status IN ('scheduled', 'running', 'done', 'failed', 'missed')),
            failure TEXT,
            created_at INTEGER NOT NULL,
            owner_id TEXT REFERENCES users (id) ON DELETE SET NULL
        ) STRICT;
        CREATE INDEX schedules_by_start ON schedules (status, start_time);
        CREATE INDEX schedules_by_video ON schedules (video_id);
        CREATE INDEX schedules_by_owner ON schedules (owner_id);

        CREATE TABLE viewer_minutes (
            stream TEXT NOT NULL CHECK (length(stream) BETWEEN 1 AND 64),
            minute INTEGER NOT NULL CHECK (minute % 60 = 0),
            peak_viewers INTEGER NOT NULL CHECK (peak_viewers >= 0),
            watch_seconds INTEGER NOT NULL CHECK (watch_seconds >= 0),
            bytes_sent INTEGER NOT NULL CHECK (bytes_sent >= 0),
            sessions INTEGER NOT NULL CHECK (sessions >= 0),
            PRIMARY KEY (minute, stream)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE country_days (
            day INTEGER NOT NULL CHECK (day % 86400 = 0),
            country TEXT NOT NULL CHECK (length(country) BETWEEN 1 AND 2),
            watch_seconds INTEGER NOT NULL CHECK (watch_seconds >= 0),
            PRIMARY KEY (day, country)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE events (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            time INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 64 AND kind NOT GLOB '*[^a-z0-9_]*'),
            stream TEXT CHECK (length(stream) BETWEEN 1 AND 64),
            detail TEXT NOT NULL CHECK (length(detail) <= 500)
        ) STRICT;
        CREATE INDEX events_by_time ON events (time);

        CREATE TABLE meta (
            key TEXT PRIMARY KEY NOT NULL,
            value INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
