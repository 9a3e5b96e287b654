import PutLiveLive
import PutLiveStore

/// What the routes work with.
struct APIServices: Sendable {
    let settings: APISettings
    let policy: PolicyStore
    let store: Store
    let live: LiveState
    let hooks: HookHandler
    /// Nil if browsers don't broadcast here.
    let bridge: Bridge?
    let review: PublisherReview
    let accounts: Accounts
    let passwords: PasswordChecker
    let logins: LoginService
    let keys: KeyService
    let health: HealthService
    /// Nil where the host isn't reconciled.
    let reconcile: ReconcileStatus?
    let metrics: MetricsRegistry
    let files: FileServer
    let clock: @Sendable () -> UnixTime
}
