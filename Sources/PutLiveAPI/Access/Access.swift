import PutLiveStore

/// Who may call an endpoint. Each names one of these where it is registered, and nothing else decides it.
enum Access: String, Sendable, CaseIterable {
    /// Everybody, without a token.
    case anyone
    /// SRS on this host, with the hook secret.
    case mediaServer
    /// A program on this host, or an admin.
    case monitoring
    /// Every account.
    case account
    /// Those who publish.
    case publisher
    /// Those who publish, or who show a stream key: its check is the publisher's gate's.
    case broadcaster
    /// Those who run the host.
    case administrator

    /// May an account of this role?
    func admits(_ role: Role) -> Bool {
        switch self {
        case .anyone, .account: true
        case .publisher, .broadcaster: role == .admin || role == .streamer
        case .administrator, .monitoring: role == .admin
        case .mediaServer: false
        }
    }

    /// For the answer to those whom it doesn't admit.
    var requirement: String {
        switch self {
        case .publisher, .broadcaster: "This needs the role streamer or admin."
        case .administrator, .monitoring: "This needs the role admin."
        default: "This isn't for accounts."
        }
    }
}

/// Whom a request's token speaks for.
struct SignedIn: Sendable, Equatable {
    let user: User
    let session: Session
}
