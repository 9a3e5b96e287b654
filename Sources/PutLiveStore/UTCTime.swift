/// Times as they stand in file names: `20260101T000000Z`.
enum UTCTime {
    /// ISO 8601, basic format, of a time from the year 1970 to 9999.
    static func text(_ time: UnixTime) -> String {
        let (year, month, day) = date(daysSince1970: time / 86_400)
        let second = time % 86_400
        return pad(year, 4) + pad(month, 2) + pad(day, 2) + "T"
            + pad(second / 3_600, 2) + pad(second / 60 % 60, 2) + pad(second % 60, 2) + "Z"
    }

    /// Reads what `text` wrote; nil for anything else.
    static func parse(_ text: some StringProtocol) -> UnixTime? {
        let bytes = Array(text.utf8)
        guard bytes.count == 16, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "Z") else { return nil }
        var digits: [Int64] = []
        for byte in bytes[..<8] + bytes[9..<15] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            digits.append(Int64(byte - UInt8(ascii: "0")))
        }
        func number(_ range: Range<Int>) -> Int64 { digits[range].reduce(0) { $0 * 10 + $1 } }
        let day = days(year: number(0..<4), month: number(4..<6), day: number(6..<8))
        let time = day * 86_400 + number(8..<10) * 3_600 + number(10..<12) * 60 + number(12..<14)
        // Refuses a 13th month and a 61st second alike.
        return time >= 0 && self.text(time).utf8.elementsEqual(bytes) ? time : nil
    }

    private static func pad(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }

    // The proleptic Gregorian calendar in years that begin in March, so that the leap day is the last of its year.

    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
    }

    private static func date(daysSince1970: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let days = daysSince1970 + 719_468
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }
}
