import PutLiveStore

/// Times as the API and the logs write them: RFC 3339, always in UTC.
public enum RFC3339 {
    /// 0000-01-01T00:00:00Z to 9999-12-31T23:59:59Z: years of four digits.
    private static let writable: ClosedRange<Int64> = -62_167_219_200...253_402_300_799
    private static let secondsOfDay: Int64 = 86_400

    /// `2026-01-01T00:00:00Z`. A time whose year hasn't four digits becomes the nearest one that has.
    public static func string(_ time: UnixTime) -> String {
        String(unsafeUninitializedCapacity: 20) { buffer in
            write(time, to: UnsafeMutableRawBufferPointer(buffer))
            buffer[19] = UInt8(ascii: "Z")
            return 20
        }
    }

    /// `2026-01-01T00:00:00.000Z` of milliseconds since 1970.
    public static func string(milliseconds: Int64) -> String {
        var bytes: [UInt8] = []
        append(milliseconds: milliseconds, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends `2026-01-01T00:00:00.000Z` of milliseconds since 1970.
    static func append(milliseconds: Int64, to bytes: inout [UInt8]) {
        let (quotient, remainder) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
        let seconds = remainder < 0 ? quotient - 1 : quotient
        let fraction = Int(remainder < 0 ? remainder + 1_000 : remainder)
        withUnsafeTemporaryAllocation(byteCount: 24, alignment: 1) { buffer in
            write(seconds, to: buffer)
            buffer[19] = UInt8(ascii: ".")
            digits(fraction, 3, at: 20, of: buffer)
            buffer[23] = UInt8(ascii: "Z")
            bytes.append(contentsOf: buffer)
        }
    }

    /// The first 19 bytes: date and time of day.
    private static func write(_ time: Int64, to buffer: UnsafeMutableRawBufferPointer) {
        let time = min(max(time, writable.lowerBound), writable.upperBound)
        var days = time / secondsOfDay
        var second = Int(time % secondsOfDay)
        if second < 0 {
            days -= 1
            second += Int(secondsOfDay)
        }
        let date = CivilDate(daysSinceEpoch: Int(days))
        digits(date.year, 4, at: 0, of: buffer)
        buffer[4] = UInt8(ascii: "-")
        digits(date.month, 2, at: 5, of: buffer)
        buffer[7] = UInt8(ascii: "-")
        digits(date.day, 2, at: 8, of: buffer)
        buffer[10] = UInt8(ascii: "T")
        digits(second / 3_600, 2, at: 11, of: buffer)
        buffer[13] = UInt8(ascii: ":")
        digits(second / 60 % 60, 2, at: 14, of: buffer)
        buffer[16] = UInt8(ascii: ":")
        digits(second % 60, 2, at: 17, of: buffer)
    }

    private static func digits(_ value: Int, _ count: Int, at index: Int, of buffer: UnsafeMutableRawBufferPointer) {
        var value = value
        for position in stride(from: index + count - 1, through: index, by: -1) {
            buffer[position] = UInt8(ascii: "0") + UInt8(value % 10)
            value /= 10
        }
    }

    /// The seconds of a text such as `2026-01-01T00:00:00Z`, `2026-01-01T02:00:00.5+02:00`; a fraction is dropped.
    ///
    /// Nil unless the text is a `date-time` of RFC 3339, section 5.6, with capital letters, of a day that exists, and
    /// within `range`. A leap second isn't taken, for Unix time has none.
    public static func parse(_ text: String, in range: ClosedRange<UnixTime> = 0...253_402_300_799) -> UnixTime? {
        guard text.utf8.count <= 40 else { return nil }
        var reader = Reader(bytes: Array(text.utf8)[...])
        guard let year = reader.number(4), reader.take("-"), let month = reader.number(2), reader.take("-"),
            let day = reader.number(2), reader.take("T"), let hour = reader.number(2, below: 24), reader.take(":"),
            let minute = reader.number(2, below: 60), reader.take(":"), let second = reader.number(2, below: 60)
        else { return nil }
        if reader.take(".") {
            guard reader.skipDigits() else { return nil }
        }
        guard let offset = reader.offset(), reader.bytes.isEmpty else { return nil }
        let date = CivilDate(year: year, month: month, day: day)
        guard date.exists else { return nil }
        let time = Int64(date.daysSinceEpoch) * secondsOfDay + Int64(hour * 3_600 + minute * 60 + second - offset)
        return range.contains(time) ? time : nil
    }

    /// Takes a text apart from its start.
    private struct Reader {
        var bytes: ArraySlice<UInt8>

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard bytes.first == UInt8(ascii: character) else { return false }
            bytes.removeFirst()
            return true
        }

        /// A number of exactly `count` digits.
        mutating func number(_ count: Int, below limit: Int = 10_000) -> Int? {
            guard bytes.count >= count else { return nil }
            var value = 0
            for byte in bytes.prefix(count) {
                guard let digit = Self.digit(byte) else { return nil }
                value = value * 10 + digit
            }
            bytes.removeFirst(count)
            return value < limit ? value : nil
        }

        /// At least one digit.
        mutating func skipDigits() -> Bool {
            let count = bytes.count
            while let byte = bytes.first, Self.digit(byte) != nil { bytes.removeFirst() }
            return bytes.count < count
        }

        /// `Z` or `±hh:mm`, in seconds east of UTC.
        mutating func offset() -> Int? {
            if take("Z") { return 0 }
            let sign = take("+") ? 1 : take("-") ? -1 : 0
            guard sign != 0, let hour = number(2, below: 24), take(":"), let minute = number(2, below: 60)
            else { return nil }
            return sign * (hour * 3_600 + minute * 60)
        }

        private static func digit(_ byte: UInt8) -> Int? {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? Int(byte - UInt8(ascii: "0")) : nil
        }
    }
}
