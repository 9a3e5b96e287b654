extension MonotonicTime {
    /// As an NTP timestamp: 32 bits of seconds, then 32 of fraction. RFC 3550, section 4 lets a host without a wall
    /// clock take any clock that goes evenly; nobody but us reads what we send of it.
    var ntp: UInt64 {
        let microseconds = UInt64(max(0, microseconds))
        let fraction = (microseconds % 1_000_000) << 32 / 1_000_000
        return (microseconds / 1_000_000) << 32 | fraction
    }

    /// Its middle 32 bits, in units of 1/65536 s.
    var shortNTP: UInt32 { UInt32(truncatingIfNeeded: ntp >> 16) }
}
