import Logging
import PutLiveConfig
import PutLiveStore

/// The admin that an empty database gets.
struct FirstAccount {
    let config: Config
    let store: Store
    let logger: Logger

    /// Makes it, if there are no accounts. The config's password counts for that alone, and later changes of it don't.
    func create() async throws {
        guard try await store.users.count() == 0 else { return }
        guard let password = config.authentication.defaultAdminPass?.reveal() else {
            logger.warning(
                "no_accounts",
                metadata: ["remedy": "putlive-agent user add --role admin NAME, or authentication.default_admin_pass"])
            return
        }
        let name = config.authentication.defaultAdminUser
        let hash = try PasswordHash(password: password).text
        try await store.users.add(username: name, role: .admin, passwordHash: hash, now: Agent.now())
        logger.notice("first_account_created", metadata: ["user": "\(name)"])
    }
}
