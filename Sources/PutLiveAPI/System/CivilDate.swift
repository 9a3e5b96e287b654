/// A day of the Gregorian calendar, without time zone.
struct CivilDate: Equatable {
    let year: Int
    let month: Int
    let day: Int

    /// The years of a cycle begin in March, so a leap day is a year's last one.
    private static let daysOfCycle = 146_097
    private static let yearsOfCycle = 400
    /// From 0000-03-01 to 1970-01-01.
    private static let daysToEpoch = 719_468

    init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// The day that is `days` after 1970-01-01.
    init(daysSinceEpoch days: Int) {
        let days = days + Self.daysToEpoch
        let cycle = Self.divide(days, by: Self.daysOfCycle)
        let dayOfCycle = days - cycle * Self.daysOfCycle
        // Days without the leap days before them: one in 4 years (1460 and a day), none in 100 (36,524), one in 400.
        let ordinary = dayOfCycle - dayOfCycle / 1_460 + dayOfCycle / 36_524 - dayOfCycle / (Self.daysOfCycle - 1)
        let yearOfCycle = ordinary / 365
        let dayOfYear = dayOfCycle - (yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100)
        // From March on, months of 31, 30, 31, 30, 31 days repeat: 153 days in five.
        let month = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * month + 2) / 5 + 1
        self.month = month < 10 ? month + 3 : month - 9
        year = cycle * Self.yearsOfCycle + yearOfCycle + (month < 10 ? 0 : 1)
    }

    /// Days after 1970-01-01.
    var daysSinceEpoch: Int {
        let year = month > 2 ? year : year - 1
        let cycle = Self.divide(year, by: Self.yearsOfCycle)
        let yearOfCycle = year - cycle * Self.yearsOfCycle
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfCycle = yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear
        return cycle * Self.daysOfCycle + dayOfCycle - Self.daysToEpoch
    }

    /// Whether the calendar has it.
    var exists: Bool {
        (1...12).contains(month) && day >= 1 && CivilDate(daysSinceEpoch: daysSinceEpoch) == self
    }

    /// Rounded down, for negative numbers too.
    private static func divide(_ value: Int, by divisor: Int) -> Int {
        (value >= 0 ? value : value - divisor + 1) / divisor
    }
}
