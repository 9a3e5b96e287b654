/// Limits against abuse.
public struct Security: ConfigSection {
    /// Requests that one address may send.
    public var rateLimit: RateLimit
    /// Other sites whose pages may call the API.
    public var cors: CORS
    /// Bans for addresses that guess passwords or stream keys.
    public var fail2ban: Fail2Ban
    /// Networks that are never banned.
    public var adminCIDRs: [String]

    /// Reads the section, and thereby declares its keys.
    public init(from section: Section) {
        rateLimit = section.section("rate_limit", "Requests that one address may send.")
        cors = section.section("cors", "Other sites whose pages may call the API.")
        fail2ban = section.section("fail2ban", "Bans for addresses that guess passwords or stream keys.")
        adminCIDRs = section.values(
            "admin_cidrs", .cidr, default: [], limit: 32, "Networks that are never banned.")
    }
}

/// Requests that one address may send.
public struct RateLimit: ConfigSection {
    /// Limit requests by address.
    public var enabled: Bool
    /// Requests a minute that one address may send.
    public var requestsPerMinute: Int
    /// Requests above the rate that are let through at once.
    public var burst: Int

    /// Reads the section, and thereby declares its keys.
    public init(from section: Section) {
        enabled = section.value("enabled", .bool, default: true, "Limit requests by address.")
        requestsPerMinute = section.value(
            "requests_per_minute", .int(1...100_000), default: 100, "Requests a minute that one address may send.")
        burst = section.value(
            "burst", .int(0...10_000), default: 20, "Requests above the rate that are let through at once.")
    }
}

/// Other sites whose pages may call the API.
public struct CORS: ConfigSection {
    /// Answer requests of the allowed origins' pages.
    public var enabled: Bool
    /// The sites: scheme and host, no path, no wildcard.
    public var allowedOrigins: [String]

    /// Reads the section, and thereby declares its keys.
    public init(from section: Section) {
        enabled = section.value("enabled", .bool, default: false, "Answer requests of the allowed origins' pages.")
        allowedOrigins = section.values(
            "allowed_origins", .origin, default: [], limit: 64, "The sites: scheme and host, no path, no wildcard.")
    }
}

/// Bans for addresses that guess passwords or stream keys.
public struct Fail2Ban: ConfigSection {
    /// Configure fail2ban.
    public var enabled: Bool
    /// Failures after which an address is banned.
    public var maxRetries: Int
    /// Length of a ban.
    public var banTime: Duration
    /// Time within which the failures must fall.
    public var findTime: Duration

    /// Reads the section, and thereby declares its keys.
    public init(from section: Section) {
        enabled = section.value("enabled", .bool, default: !section.isLocal, "Configure fail2ban.")
        maxRetries = section.value(
            "max_retries", .int(1...1000), default: 5, "Failures after which an address is banned.")
        banTime = section.value(
            "ban_time", .duration(.seconds(10) ... .days(365)), default: .seconds(3600), "Length of a ban.")
        findTime = section.value(
            "find_time", .duration(.seconds(10) ... .days(30)), default: .seconds(600),
            "Time within which the failures must fall.")
    }
}
