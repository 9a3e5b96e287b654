import PutLiveStore
import Synchronization

/// Times as HTTP writes them (RFC 9110, section 5.6.7).
enum HTTPDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    private static let secondsOfDay: UnixTime = 86_400

    /// `Thu, 01 Jan 1970 00:00:00 GMT`, of a time since then.
    static func string(_ time: UnixTime) -> String {
        let time = max(0, time)
        let (days, second) = (Int(time / secondsOfDay), Int(time % secondsOfDay))
        let date = CivilDate(daysSinceEpoch: days)
        let parts = [second / 3600, second / 60 % 60, second % 60].map(twoDigits).joined(separator: ":")
        return "\(Self.days[days % 7]), \(twoDigits(date.day)) \(months[date.month - 1]) \(date.year) \(parts) GMT"
    }

    private static func twoDigits(_ number: Int) -> String {
        (number < 10 ? "0" : "") + String(number)
    }
}

/// The date of each answer's head, written anew once a second.
final class HTTPDateCache: Sendable {
    private let last = Mutex<(time: UnixTime, text: String)>((0, HTTPDate.string(0)))
    private let clock: @Sendable () -> UnixTime

    init(clock: @escaping @Sendable () -> UnixTime) {
        self.clock = clock
    }

    var now: String {
        let time = clock()
        return last.withLock { last in
            if last.time != time { last = (time, HTTPDate.string(time)) }
            return last.text
        }
    }
}
