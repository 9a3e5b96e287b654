/// Slows down guessing: failed logins are counted by address and by account over a sliding quarter of an hour. An
/// account under attack stays open for addresses that logged in to it lately, so nobody is locked out by a stranger.
struct LoginThrottle: Sendable {
    /// Failures of one address that are let through in ``window``.
    static let failuresPerAddress = 10
    /// Failures against one account, from all addresses.
    static let failuresPerAccount = 30
    /// How long a failure counts.
    static let window = Duration.seconds(900)
    /// How long an address is known by its good login.
    static let familiarity = Duration.seconds(30 * 86400)
    /// Addresses, and accounts, that are remembered.
    static let limit = 4096

    private var byAddress: [String: [Duration]] = [:]
    private var byAccount: [String: [Duration]] = [:]
    private var familiar: [String: Duration] = [:]

    /// May this address try to log in to this account?
    ///
    /// - Parameters:
    ///   - address: The client's network.
    ///   - account: The name as it was sent.
    ///   - now: Time since any fixed moment.
    /// - Returns: nil if it may, else the whole seconds to wait.
    mutating func wait(address: String, account: String, now: Duration) -> Int? {
        let account = account.lowercased()
        let known = familiar["\(account) \(address)"].map { now - $0 < Self.familiarity } ?? false
        let waits = [
            Self.wait(&byAddress, address, Self.failuresPerAddress, now),
            known ? nil : Self.wait(&byAccount, account, Self.failuresPerAccount, now),
        ]
        return waits.compactMap(\.self).max()
    }

    /// A login failed.
    mutating func failed(address: String, account: String, now: Duration) {
        Self.add(&byAddress, address, Self.failuresPerAddress, now)
        Self.add(&byAccount, account.lowercased(), Self.failuresPerAccount, now)
    }

    /// A login was good: the address is known to the account, and its failures were slips.
    mutating func succeeded(address: String, account: String, now: Duration) {
        byAddress[address] = nil
        if familiar.count >= Self.limit {
            familiar = familiar.filter { now - $0.value < Self.familiarity / 2 }
            if familiar.count >= Self.limit { familiar.removeAll() }
        }
        familiar["\(account.lowercased()) \(address)"] = now
    }

    private static func wait(
        _ table: inout [String: [Duration]], _ key: String, _ allowed: Int, _ now: Duration
    ) -> Int? {
        guard var times = table[key] else { return nil }
        times.removeAll { now - $0 >= window }
        table[key] = times.isEmpty ? nil : times
        guard times.count >= allowed, let oldest = times.dropLast(allowed - 1).last else { return nil }
        return Int((window - (now - oldest)).components.seconds) + 1
    }

    private static func add(_ table: inout [String: [Duration]], _ key: String, _ allowed: Int, _ now: Duration) {
        if table[key] == nil, table.count >= limit {
            table = table.filter { $0.value.contains { now - $0 < window } }
            // A flood of names or addresses: the oldest half is forgotten.
            if table.count >= limit {
                let kept = table.sorted { ($0.value.last ?? .zero) > ($1.value.last ?? .zero) }.prefix(limit / 2)
                table = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
            }
        }
        table[key, default: []].append(now)
        if let count = table[key]?.count, count > allowed { table[key]?.removeFirst(count - allowed) }
    }
}
