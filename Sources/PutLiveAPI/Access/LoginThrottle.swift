/// Slows down guessing: failed logins are counted by address and by account over a sliding quarter of an hour. An
/// account under attack stays open for addresses that logged in to it lately, so nobody is locked out by a stranger.
///
/// An attempt counts from its start, since checking a password takes long enough for many more to begin.
struct LoginThrottle: Sendable {
    /// Failures of one address that are let through in ``window``.
    static let failuresPerAddress = 10
    /// Failures of all addresses of an IPv6 site, which has 65,536 networks of the size that counts as one address.
    static let failuresPerSite = 100
    /// Failures against one account, from all addresses that it doesn't know.
    static let failuresPerAccount = 30
    /// Attempts under way of one address, site, or against one account. More than failures, for a whole office may log in
    /// at once, and few enough that guesses made at once are no way around the limits.
    static let underWay = 32
    /// How long a failure counts.
    static let window = Duration.seconds(900)
    /// How long an address is known by its good login.
    static let familiarity = Duration.seconds(30 * 86400)
    /// Addresses, sites, and accounts, that are remembered.
    static let limit = 4096

    /// Who tries to log in to what.
    struct Attempt: Sendable, Hashable {
        /// The client's network.
        let address: String
        /// The client's /48, if it has one.
        let site: String?
        /// The name, in lower case.
        let account: String

        init(address: String, site: String? = nil, account: String) {
            self.address = address
            self.site = site
            self.account = account.lowercased()
        }
    }

    private struct Try: Sendable {
        let attempt: Attempt
        let time: Duration
        var isUnderWay = true
    }

    private var byAddress: [String: [Try]] = [:]
    private var bySite: [String: [Try]] = [:]
    private var byAccount: [String: [Try]] = [:]
    private var familiar: [Attempt: Duration] = [:]

    /// Counts an attempt as failed, if it may be made at all. Its end has to be told: ``failed(_:)``,
    /// ``succeeded(_:now:)`` or ``withdrawn(_:)``.
    ///
    /// - Parameter now: Time since any fixed moment.
    /// - Returns: nil if it may, else the whole seconds to wait.
    mutating func begin(_ attempt: Attempt, now: Duration) -> Int? {
        let isKnown = familiar[attempt].map { now - $0 < Self.familiarity } ?? false
        let waits = [
            Self.wait(&byAddress, attempt.address, Self.failuresPerAddress, now),
            attempt.site.flatMap { Self.wait(&bySite, $0, Self.failuresPerSite, now) },
            isKnown ? nil : Self.wait(&byAccount, attempt.account, Self.failuresPerAccount, now),
        ]
        if let wait = waits.compactMap(\.self).max() { return wait }
        let new = Try(attempt: attempt, time: now)
        Self.add(&byAddress, attempt.address, new)
        if let site = attempt.site { Self.add(&bySite, site, new) }
        if !isKnown { Self.add(&byAccount, attempt.account, new) }
        return nil
    }

    /// The name or the password was wrong.
    mutating func failed(_ attempt: Attempt) {
        change(attempt) { tries in
            if let index = Self.oldestUnderWay(tries, attempt) { tries[index].isUnderWay = false }
        }
    }

    /// The login was good: the address is known to the account, and its failures against it were slips.
    mutating func succeeded(_ attempt: Attempt, now: Duration) {
        change(attempt) { tries in tries.removeAll { $0.attempt == attempt } }
        if familiar[attempt] == nil, familiar.count >= Self.limit {
            let kept = familiar.sorted { $0.value > $1.value }.prefix(Self.limit / 2)
            familiar = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
        }
        familiar[attempt] = now
    }

    /// It wasn't checked after all.
    mutating func withdrawn(_ attempt: Attempt) {
        change(attempt) { tries in
            if let index = Self.oldestUnderWay(tries, attempt) { tries.remove(at: index) }
        }
    }

    private mutating func change(_ attempt: Attempt, _ body: (inout [Try]) -> Void) {
        body(&byAddress[attempt.address, default: []])
        if let site = attempt.site { body(&bySite[site, default: []]) }
        body(&byAccount[attempt.account, default: []])
        if byAddress[attempt.address]?.isEmpty == true { byAddress[attempt.address] = nil }
        if let site = attempt.site, bySite[site]?.isEmpty == true { bySite[site] = nil }
        if byAccount[attempt.account]?.isEmpty == true { byAccount[attempt.account] = nil }
    }

    private static func oldestUnderWay(_ tries: [Try], _ attempt: Attempt) -> Int? {
        tries.firstIndex { $0.isUnderWay && $0.attempt == attempt }
    }

    /// Where only attempts that are under way stand against it, the wait is a second: most of them are good.
    private static func wait(_ table: inout [String: [Try]], _ key: String, _ allowed: Int, _ now: Duration) -> Int? {
        guard var tries = table[key] else { return nil }
        tries.removeAll { now - $0.time >= window }
        table[key] = tries.isEmpty ? nil : tries
        let failures = tries.filter { !$0.isUnderWay }
        guard failures.count >= allowed, let oldest = failures.dropLast(allowed - 1).last else {
            return tries.count - failures.count >= underWay ? 1 : nil
        }
        return Int((window - (now - oldest.time)).components.seconds) + 1
    }

    private static func add(_ table: inout [String: [Try]], _ key: String, _ new: Try) {
        if table[key] == nil, table.count >= limit {
            table = table.filter { $0.value.contains { new.time - $0.time < window } }
            // A flood of names or addresses: the oldest half is forgotten.
            if table.count >= limit {
                let kept = table.sorted { ($0.value.last?.time ?? .zero) > ($1.value.last?.time ?? .zero) }
                    .prefix(limit / 2)
                table = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
            }
        }
        table[key, default: []].append(new)
    }

    /// The largest number of entries of a table.
    var count: Int { max(byAddress.count, bySite.count, byAccount.count, familiar.count) }
}
