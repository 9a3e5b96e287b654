import PutLiveStore

/// Stream keys as their owners see them.
struct KeyService: Sendable {
    let store: Store
    let signer: StreamKeySigner

    /// The keys that `user` may see: an admin all, anybody else their own.
    func list(for user: User) async throws -> [OwnedKey] {
        try await store.keys.list(userID: user.role == .admin ? nil : user.id)
    }

    /// A key that `user` may see.
    ///
    /// - Throws: `Problem` 404; also for other people's keys, whose ids are nobody else's business.
    func find(_ id: String, for user: User) async throws -> OwnedKey {
        guard let owned = try await store.keys.find(id), user.role == .admin || owned.key.userID == user.id else {
            throw Problem.notFound("There is no stream key with this id.")
        }
        return owned
    }

    /// What a broadcaster sends as its stream key: `<name>?key=<signed>`.
    func text(of key: StreamKey) -> String {
        "\(key.stream)?key=\(signer.sign(key))"
    }
}
