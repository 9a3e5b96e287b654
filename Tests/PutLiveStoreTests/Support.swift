import Foundation
import GRDB
import Synchronization

@testable import PutLiveStore

/// 2026-01-01T00:00:00Z, a whole day.
let start: UnixTime = 1_767_225_600
let hour: UnixTime = 3_600
let day: UnixTime = 86_400

/// A folder that goes with its owner.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/putlive-store-" + RandomText.base32(16)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var database: String { path + "/putlive.db" }

    func store(observe: @escaping Store.Observer = { _, _, _ in }) throws -> Store {
        try Store.open(path: database, now: start, observe: observe)
    }

    func names(_ folder: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path + folder).sorted()
    }

    func write(_ text: String, to name: String) throws -> String {
        try text.write(toFile: "\(path)/\(name)", atomically: false, encoding: .utf8)
        return "\(path)/\(name)"
    }

    func mode(_ name: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
        return try #require(attributes[.posixPermissions] as? Int)
    }
}

import Testing

/// The same numbers each time.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

extension Store {
    func user(_ name: String, _ role: Role = .streamer) async throws -> User {
        try await users.add(username: name, role: role, passwordHash: "hash of \(name)", now: start)
    }

    func session(_ id: String, _ user: User, at time: UnixTime = start, for seconds: Int64 = day) async throws {
        try await sessions.add(
            Session(id: id, userID: user.id, issuedAt: time, expiresAt: time + seconds), now: time)
    }

    func revoked(_ now: UnixTime = start) async throws -> Set<String> {
        Set(try await sessions.revocations(now: now).tokens.map(\.id))
    }

    /// The first number that a query gives, to a reader.
    func number(_ sql: String) async throws -> Int? {
        try await read { try Int.fetchOne($0, sql: sql) }
    }

    /// Runs a statement as it stands.
    func execute(_ sql: String) async throws {
        try await write { try $0.execute(sql: sql) }
    }
}

/// Fails unless `body` throws just this.
func expect(
    _ error: StoreError, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async {
    await #expect(throws: error, sourceLocation: sourceLocation) { try await body() }
}
