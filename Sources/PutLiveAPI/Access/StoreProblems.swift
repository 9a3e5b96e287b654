import PutLiveStore

extension Problem {
    /// What a refusal of the store is to a client. What is wrong with the database itself is for the log: it names
    /// paths, which are no client's business.
    init(of error: StoreError) {
        switch error {
        case .conflict, .lastAdmin, .limit: self = .conflict("\(error)".asSentence)
        case .notFound: self = .notFound("\(error)".asSentence)
        case .invalid(let field, let message): self = .invalid([Problem.Field(field: field, message: message)])
        case .cancelled: self = .unavailable("The agent is stopping.")
        case .busy: self = .unavailable("The database is busy; try again.")
        case .full: self = .unavailable("The disk is full: nothing can be stored until there is room.", retryAfter: 60)
        default: self = .unavailable("The database can't be used; the agent's log says why.", retryAfter: 60)
        }
    }
}

extension String {
    /// With a capital and a full stop.
    fileprivate var asSentence: String {
        prefix(1).uppercased() + dropFirst() + (hasSuffix(".") ? "" : ".")
    }
}
