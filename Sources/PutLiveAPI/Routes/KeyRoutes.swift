import Hummingbird
import PutLiveLive
import PutLiveStore

/// /api/keys: stream keys, for those who publish.
enum KeyRoutes {
    private struct NewKey: Decodable {
        let stream: String
        let label: String?
        let expires_at: String?
        let user_id: String?
    }

    private struct Item: Encodable {
        let id: String
        let user_id: String
        let username: String
        let stream: String
        let label: String
        let created_at: String
        @ExplicitNull var expires_at: String?
        @ExplicitNull var revoked_at: String?
        @ExplicitNull var last_used_at: String?
        let status: String
        // Of one key alone, never of the list.
        var rtmp_server: String?
        var stream_key: String?

        init(_ owned: OwnedKey, now: UnixTime) {
            let key = owned.key
            id = key.id
            user_id = key.userID
            username = owned.username
            stream = key.stream
            label = key.label
            created_at = RFC3339.string(key.createdAt)
            _expires_at = ExplicitNull(wrappedValue: key.expiresAt.map { RFC3339.string($0) })
            _revoked_at = ExplicitNull(wrappedValue: key.revokedAt.map { RFC3339.string($0) })
            _last_used_at = ExplicitNull(wrappedValue: key.lastUsedAt.map { RFC3339.string($0) })
            status = owned.status(at: now).rawValue
        }
    }

    private struct Items: Encodable {
        let keys: [Item]
        let total: Int
    }

    static func add(to routes: inout Routes, _ services: APIServices) {
        routes.on(.get, "/api/keys") { _, context in
            let now = services.clock()
            let (keys, total) = try await services.keys.list(for: context.account().user, now: now)
            return .json(Items(keys: keys.map { Item($0, now: now) }, total: total))
        }
        routes.on(.post, "/api/keys") { request, context in
            let wanted = try await JSON.decode(NewKey.self, from: request)
            return try await create(wanted, context, services)
        }
        routes.on(.get, "/api/keys/{id}") { _, context in
            let owned = try await services.keys.find(context.parameter, for: context.account().user)
            return .json(full(owned, services))
        }
        routes.on(.delete, "/api/keys/{id}") { _, context in
            let me = try context.account().user
            let owned = try await services.keys.find(context.parameter, for: me)
            try await services.store.keys.revoke(owned.key.id, now: services.clock())
            await services.review.run()
            services.live.note(
                "key_revoked", stream: StreamName(owned.key.stream),
                detail: "Stream key of \(owned.username) revoked by \(me.username)")
            context.logger.info("key_revoked", metadata: ["user": "\(me.username)", "stream": "\(owned.key.stream)"])
            return .json(Message(message: "Stream key revoked"))
        }
    }

    private static func create(_ wanted: NewKey, _ context: APIContext, _ services: APIServices) async throws
        -> Response
    {
        let me = try context.account().user
        let now = services.clock()
        var fields = Fields()
        fields.refuse(AccountRules.problem(stream: wanted.stream), "stream")
        fields.refuse(AccountRules.problem(label: wanted.label ?? ""), "label")
        let expiry = wanted.expires_at.map { RFC3339.parse($0) }
        if case .some(let time) = expiry {
            fields.require(
                time.map { $0 > now } ?? false, "expires_at", "a time to come, such as 2030-01-01T00:00:00Z")
        }
        let owner = wanted.user_id ?? me.id
        fields.require(owner == me.id || me.role == .admin, "user_id", "only an admin makes keys for others")
        let ownerAccount = services.accounts.user(owner)
        fields.require(
            ownerAccount.map { Access.publisher.admits($0.role) } ?? false, "user_id",
            "the id of an account with the role streamer or admin")
        try fields.check()
        let owned = try await services.store.keys.add(
            userID: owner, stream: wanted.stream, label: wanted.label ?? "", expiresAt: expiry ?? nil,
            exclusive: me.role != .admin, now: now)
        let key = owned.key
        services.live.note(
            "key_created", stream: StreamName(key.stream),
            detail: "Stream key for \(owned.username) created by \(me.username)")
        context.logger.info("key_created", metadata: ["user": "\(me.username)", "stream": "\(key.stream)"])
        return .json(full(owned, services), status: .created)
    }

    private static func full(_ owned: OwnedKey, _ services: APIServices) -> Item {
        var item = Item(owned, now: services.clock())
        // Of a key that no longer counts there is nothing to copy.
        if item.status == "active" {
            item.rtmp_server = services.settings.rtmpServer
            item.stream_key = services.keys.text(of: owned.key)
        }
        return item
    }
}
