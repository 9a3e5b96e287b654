import PutLiveStore

/// Stream keys as their owners see them.
struct KeyService: Sendable {
    let store: Store
    let signer: StreamKeySigner

    /// The keys that `user` may see: an admin all, anybody else their own. Of more than a thousand, those that count come
    /// first; `total` is the number of all.
    func list(for user: User, now: UnixTime) async throws -> (keys: [OwnedKey], total: Int) {
        let owner = user.role == .admin ? nil : user.id
        return (try await store.keys.list(userID: owner, activeAt: now), try await store.keys.count(userID: owner))
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
