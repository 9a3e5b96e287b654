import Foundation
import PutLiveStore
import Testing

@testable import PutLiveAPI

@Suite struct SystemRFC3339Tests {
    private static let times: [(UnixTime, String)] = [
        (0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"), (1_767_225_600, "2026-01-01T00:00:00Z"),
        (951_782_399, "2000-02-28T23:59:59Z"), (951_782_400, "2000-02-29T00:00:00Z"),
        (951_868_800, "2000-03-01T00:00:00Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
        (4_107_456_000, "2100-02-28T00:00:00Z"), (253_402_300_799, "9999-12-31T23:59:59Z"),
        (-62_167_219_200, "0000-01-01T00:00:00Z"), (-62_162_035_201, "0000-02-29T23:59:59Z"),
        (1_709_210_096, "2024-02-29T12:34:56Z"),
    ]

    @Test(arguments: times)
    func writesAndReads(_ time: UnixTime, _ text: String) {
        #expect(RFC3339.string(time) == text)
        #expect(RFC3339.parse(text, in: .min ... .max) == time)
        #expect(RFC3339.string(milliseconds: time * 1_000) == text.dropLast() + ".000Z")
    }

    @Test func whatHasNoFourDigitsIsTheNearestThatHas() {
        #expect(RFC3339.string(.max) == "9999-12-31T23:59:59Z")
        #expect(RFC3339.string(.min) == "0000-01-01T00:00:00Z")
        #expect(RFC3339.string(milliseconds: .max).hasPrefix("9999-12-31T23:59:59."))
        #expect(RFC3339.string(milliseconds: .min).hasPrefix("0000-01-01T00:00:00."))
    }

    @Test func milliseconds() {
        #expect(RFC3339.string(milliseconds: 1_767_225_600_007) == "2026-01-01T00:00:00.007Z")
        #expect(RFC3339.string(milliseconds: -1) == "1969-12-31T23:59:59.999Z")
        #expect(RFC3339.string(milliseconds: 999) == "1970-01-01T00:00:00.999Z")
    }

    /// Every day of 800 years is the one after the day before, and comes back.
    @Test func daysFollowEachOther() {
        var before = CivilDate(daysSinceEpoch: -200_000)
        for days in -199_999...100_000 {
            let date = CivilDate(daysSinceEpoch: days)
            let isLeap = before.year % 4 == 0 && (before.year % 100 != 0 || before.year % 400 == 0)
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            let next =
                before.day < lengths[before.month - 1]
                ? CivilDate(year: before.year, month: before.month, day: before.day + 1)
                : before.month < 12
                    ? CivilDate(year: before.year, month: before.month + 1, day: 1)
                    : CivilDate(year: before.year + 1, month: 1, day: 1)
            // A macro a day would take seconds.
            guard date == next, date.daysSinceEpoch == days, date.exists else {
                Issue.record("\(date) follows \(before)")
                return
            }
            before = date
        }
    }

    @Test func anyTimeIsThatOfFoundation() {
        let formatter = ISO8601DateFormatter()
        var random = MetricsRandom(state: 5)
        for _ in 0..<300 {
            // Since the Gregorian calendar: Foundation knows the Julian one.
            let time = Int64.random(in: -12_000_000_000...253_402_300_799, using: &random)
            let text = RFC3339.string(time)
            #expect(text == formatter.string(from: Date(timeIntervalSince1970: TimeInterval(time))))
            #expect(RFC3339.parse(text, in: .min ... .max) == time)
        }
    }

    @Test(arguments: [
        ("2026-01-01T00:00:00.5Z", 1_767_225_600), ("2026-01-01T00:00:00.999999999Z", 1_767_225_600),
        ("2026-01-01T02:00:00+02:00", 1_767_225_600), ("2025-12-31T18:30:00-05:30", 1_767_225_600),
        ("2026-01-01T00:00:00-00:00", 1_767_225_600), ("2026-01-01T00:00:00+00:00", 1_767_225_600),
    ])
    func readsOffsetsAndFractions(_ text: String, _ time: UnixTime) {
        #expect(RFC3339.parse(text) == time)
    }

    @Test(arguments: [
        "", "2026", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01 00:00:00Z", "2026-01-01t00:00:00z",
        "2026-01-01T00:00Z", "2026-1-01T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00,5Z",
        "2026-01-01T00:00:00+0200", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+02:60",
        "2026-01-01T00:00:00Z ", " 2026-01-01T00:00:00Z", "+026-01-01T00:00:00Z", "-026-01-01T00:00:00Z",
        "2026-01-01T00:00:00ZZ", "２026-01-01T00:00:00Z", "2026-01-01T00:00:00.\u{0661}Z", "10000-01-01T00:00:00Z",
        "2026-01-01T00:00:00.0000000000000000000000000000000000000Z", "1969-12-31T23:59:59Z",
        "9999-12-31T23:59:59-00:01",
    ])
    func refuses(_ text: String) {
        #expect(RFC3339.parse(text) == nil)
    }

    @Test func boundsArePassedIn() {
        #expect(RFC3339.parse("2026-01-01T00:00:00Z", in: 1_767_225_600...1_767_225_600) == 1_767_225_600)
        #expect(RFC3339.parse("2026-01-01T00:00:01Z", in: 1_767_225_600...1_767_225_600) == nil)
    }
}
