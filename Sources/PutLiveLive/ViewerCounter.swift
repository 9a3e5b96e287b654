import PutLiveStore

/// Counts viewers from requests: distinct pairs of address and user agent per stream that asked for a playlist or a
/// segment within the window, at most `mostAgents` of an address on a stream. A state machine: no clock, no I/O; a
/// request costs O(1).
///
/// A viewer's time is what lies between its first and its last request, so one that made only one has watched 0 s. It is
/// a 64-bit hash with a key of this process, never an address, so two in a million are taken for one.
///
/// More viewers than `capacity` are counted by a sample: only those whose hash ends in `level` zero bits are kept, and
/// each stands for 2^level. With 20,000 kept the count is right within 1 % or 2 %. The level rises when the table is
/// full, and falls when it is a quarter full; what is newly let in counts only after one window, when all of it has been
/// seen.
public struct ViewerCounter: Sendable {
    private struct Viewer {
        var account: Int32
        /// The hash of stream and address.
        var address: UInt64
        var lastSeen: UnixMilliseconds
    }

    private struct Account {
        var stream: StreamName
        /// Of those kept, how many count: their hash fits `counted`.
        var present = 0
        var peak = 0
        var bytesSent: Int64 = 0
        var isOnAir = false
        // Of this minute.
        var minutePeak = 0
        var minuteBytes: Int64 = 0
        var minuteSessions = 0
        /// The rest below a second goes over to the next minute.
        var minuteMilliseconds: Int64 = 0
    }

    private struct CountryKey: Hashable {
        var country: String
        var day: UnixTime
    }

    /// What has been added since the last time it was asked.
    struct Totals: Sendable, Equatable {
        var sessions = 0
        var watchSeconds = 0
    }

    private let capacity: Int
    private let window: Int64
    private let seed: UInt64
    private var viewers: [UInt64: Viewer] = [:]
    /// Of those kept, how many an address is on a stream.
    private var agents: [UInt64: Int] = [:]
    /// By the second in which they are looked at: those that haven't come again since are gone.
    private var wheel: [[UInt64]]
    private var accounts: [Account?] = []
    private var indices: [StreamName: Int32] = [:]
    /// All is counted up to here.
    private var second: Int64 = 0
    /// What is kept, and what is counted of it, as numbers of zero bits.
    private var kept = 0
    private var counted = 0
    private var levelFell: Int64 = 0
    private var finished: [ViewerMinute] = []
    private var countries: [CountryKey: Int64] = [:]
    private var totals = Totals()
    private var totalMilliseconds: Int64 = 0
    /// User agents of an address on a stream that are viewers; more are hardly people behind one router.
    static let mostAgents = 64
    /// Names come out of files that are there, so more than this is no honest host.
    private static let mostAccounts = 512
    private static let mostFinished = 50_000
    private static let mostCountries = 4096

    /// An empty one.
    public init(windowSeconds: Int = 30, capacity: Int = 20_000) {
        window = Int64(max(1, windowSeconds))
        self.capacity = max(1, capacity)
        // Hasher has a key of its own in each process; the seed is for tables within one.
        seed = UInt64.random(in: .min ... .max)
        wheel = Array(repeating: [], count: Int(window) + 2)
    }

    // MARK: Requests

    /// Takes in a request. One whose time lies before the one last seen counts as of that time.
    public mutating func record(_ hit: ViewerHit) {
        guard let stream = hit.stream else { return }
        advance(to: hit.time / 1000)
        // Names that nobody has are anybody's to make up.
        guard let index = hit.isThere ? account(of: stream) : indices[stream] else { return }
        let bytes = max(0, hit.bytes)
        accounts[Int(index)]?.bytesSent += bytes
        accounts[Int(index)]?.minuteBytes += bytes
        guard hit.isWatching else { return }
        var hasher = Hasher()
        hasher.combine(seed)
        hasher.combine(stream.text)
        hasher.combine(hit.address)
        let address = UInt64(bitPattern: Int64(hasher.finalize()))
        hasher.combine(hit.userAgent)
        let key = UInt64(bitPattern: Int64(hasher.finalize()))
        watch(key, address, index, max(hit.time, second * 1000), hit.country)
    }

    private mutating func watch(
        _ key: UInt64, _ address: UInt64, _ index: Int32, _ now: UnixMilliseconds, _ country: String?
    ) {
        guard fits(key, kept) else { return }
        if let viewer = viewers[key] {
            viewers[key]?.lastSeen = max(viewer.lastSeen, now)
            if fits(key, counted) { watched(now - viewer.lastSeen, index, country) }
            return
        }
        guard agents[address, default: 0] < Self.mostAgents else { return }
        while viewers.count >= capacity && kept < 40 { raise() }
        guard fits(key, kept), viewers.count < capacity else { return }
        viewers[key] = Viewer(account: index, address: address, lastSeen: now)
        agents[address, default: 0] += 1
        wheel[slot(second + window)].append(key)
        guard fits(key, counted) else { return }
        let weight = 1 << counted
        totals.sessions += weight
        accounts[Int(index)]?.minuteSessions += weight
        accounts[Int(index)]?.present += 1
        notePeak(index)
    }

    private mutating func watched(_ milliseconds: Int64, _ index: Int32, _ country: String?) {
        guard milliseconds > 0 else { return }
        let weighted = milliseconds << Int64(counted)
        accounts[Int(index)]?.minuteMilliseconds += weighted
        totalMilliseconds += weighted
        let key = CountryKey(country: Self.code(country), day: second - second % 86_400)
        if countries[key] != nil || countries.count < Self.mostCountries { countries[key, default: 0] += weighted }
    }

    private mutating func notePeak(_ index: Int32) {
        guard let account = accounts[Int(index)] else { return }
        let now = account.present << counted
        accounts[Int(index)]?.peak = max(account.peak, now)
        accounts[Int(index)]?.minutePeak = max(account.minutePeak, now)
    }

    private static func code(_ country: String?) -> String {
        guard let country, country.utf8.count == 2,
            country.utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) })
        else { return "-" }
        return country
    }

    // MARK: Time

    /// Lets time pass: who hasn't come for a window is gone, and a minute that is over is finished. A clock that is put
    /// back by more than two windows starts the count of the present anew.
    public mutating func advance(to now: Int64) {
        if now < second - 2 * window { forget(at: now) }
        guard now > second else { return }
        // The first call, or a long sleep: nobody has stayed.
        if viewers.isEmpty || now - second > 3600 {
            removeAll()
            let isNewMinute = now / 60 != second / 60
            if isNewMinute { finishMinute(before: now) }
            second = now
            if isNewMinute { startMinute() }
            return
        }
        while second < now {
            second += 1
            if second % 60 == 0 { finishMinute(before: second) }
            expire()
            if second % 60 == 0 { startMinute() }
            settleLevel()
        }
    }

    private func slot(_ time: Int64) -> Int { Int(time % Int64(wheel.count)) }

    private mutating func expire() {
        let due = wheel[slot(second)]
        wheel[slot(second)].removeAll(keepingCapacity: due.count < 64)
        for key in due {
            guard let viewer = viewers[key] else { continue }
            let end = viewer.lastSeen / 1000 + window
            if end > second {
                wheel[slot(end)].append(key)
            } else {
                viewers[key] = nil
                leave(viewer.address)
                if fits(key, counted) { accounts[Int(viewer.account)]?.present -= 1 }
            }
        }
    }

    private mutating func leave(_ address: UInt64) {
        let others = agents[address, default: 1] - 1
        agents[address] = others > 0 ? others : nil
    }

    private mutating func removeAll() {
        viewers = [:]
        agents = [:]
        for index in wheel.indices { wheel[index] = [] }
        for index in accounts.indices { accounts[index]?.present = 0 }
        kept = 0
        counted = 0
    }

    private mutating func forget(at now: Int64) {
        removeAll()
        finishMinute(before: second + 1)
        second = now
        startMinute()
    }

    /// Hands out what was counted up to `now`, which isn't in it any more.
    private mutating func finishMinute(before now: Int64) {
        let minute = (second == now ? now - 1 : second) / 60 * 60
        for index in accounts.indices {
            guard let account = accounts[index] else { continue }
            let seconds = account.minuteMilliseconds / 1000
            if account.minutePeak > 0 || account.minuteBytes > 0 || seconds > 0 {
                finished.append(
                    ViewerMinute(
                        stream: account.stream.text, minute: minute, peakViewers: account.minutePeak,
                        watchSeconds: Int(seconds), bytesSent: account.minuteBytes, sessions: account.minuteSessions))
            }
            accounts[index]?.minuteMilliseconds -= seconds * 1000
            accounts[index]?.minutePeak = 0
            accounts[index]?.minuteBytes = 0
            accounts[index]?.minuteSessions = 0
        }
        if finished.count > Self.mostFinished { finished.removeFirst(finished.count - Self.mostFinished) }
    }

    /// Those who stay are in the next minute from its start. An account that nobody needs goes.
    private mutating func startMinute() {
        for index in accounts.indices {
            guard let account = accounts[index] else { continue }
            if account.present == 0 && !account.isOnAir && account.minuteBytes == 0 {
                indices[account.stream] = nil
                accounts[index] = nil
            } else {
                accounts[index]?.minutePeak = account.present << counted
            }
        }
    }

    // MARK: Streams

    private mutating func account(of stream: StreamName) -> Int32? {
        if let index = indices[stream] { return index }
        guard indices.count < Self.mostAccounts else { return nil }
        let account = Account(stream: stream)
        let index: Int
        if let free = accounts.firstIndex(where: { $0 == nil }) {
            accounts[free] = account
            index = free
        } else {
            index = accounts.count
            accounts.append(account)
        }
        indices[stream] = Int32(index)
        return Int32(index)
    }

    /// A stream goes on air: its peak and its bytes start anew.
    public mutating func began(_ stream: StreamName) {
        guard let index = account(of: stream).map(Int.init), let present = accounts[index]?.present else { return }
        accounts[index]?.isOnAir = true
        accounts[index]?.bytesSent = 0
        accounts[index]?.peak = present << counted
    }

    /// A stream has gone off air.
    public mutating func ended(_ stream: StreamName) {
        if let index = indices[stream] { accounts[Int(index)]?.isOnAir = false }
    }

    /// Who watches a stream, as of the last request or `advance`.
    public func viewers(of stream: StreamName) -> StreamViewers {
        guard let index = indices[stream], let account = accounts[Int(index)] else { return StreamViewers() }
        return StreamViewers(now: account.present << counted, peak: account.peak, bytesSent: account.bytesSent)
    }

    // MARK: Results

    /// The minutes that are over, and what has come to the days of countries since the last time: whole seconds, the
    /// rest stays. With `all`, the minute that runs is cut off as well.
    mutating func take(all: Bool = false) -> (minutes: [ViewerMinute], countries: [CountryDay]) {
        if all {
            finishMinute(before: second + 1)
            startMinute()
        }
        var days: [CountryDay] = []
        for (key, milliseconds) in countries {
            if milliseconds >= 1000 {
                days.append(CountryDay(country: key.country, day: key.day, watchSeconds: Int(milliseconds / 1000)))
            }
            // What is less than a second of a day gone by will never be one.
            let rest = milliseconds % 1000
            countries[key] = rest > 0 && key.day == second - second % 86_400 ? rest : nil
        }
        defer { finished = [] }
        return (finished, days)
    }

    /// For counters that only grow.
    mutating func takeTotals() -> Totals {
        totals.watchSeconds = Int(totalMilliseconds / 1000)
        totalMilliseconds %= 1000
        defer { totals = Totals() }
        return totals
    }

    // MARK: Sampling

    private func fits(_ key: UInt64, _ level: Int) -> Bool { key & ((1 << UInt64(level)) - 1) == 0 }

    private mutating func raise() {
        kept += 1
        // What no longer fits is found in the wheel without its entry, and skipped.
        viewers = viewers.filter { fits($0.key, kept) }
        agents = [:]
        for viewer in viewers.values { agents[viewer.address, default: 0] += 1 }
        setCounted(kept)
    }

    /// One level down at most each window: what is newly kept is counted when all of it had time to come.
    private mutating func settleLevel() {
        if counted > kept {
            if second - levelFell >= window { setCounted(kept) }
        } else if kept > 0 && viewers.count < capacity / 4 {
            kept -= 1
            levelFell = second
        }
    }

    private mutating func setCounted(_ level: Int) {
        counted = level
        for index in accounts.indices { accounts[index]?.present = 0 }
        for (key, viewer) in viewers where fits(key, level) { accounts[Int(viewer.account)]?.present += 1 }
    }
}
