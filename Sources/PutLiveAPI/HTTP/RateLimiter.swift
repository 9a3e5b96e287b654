/// A token bucket for each client, with bounded memory: two generations of buckets, of which the older is forgotten
/// when the younger is full. Forgetting gives a client a full bucket, so a flood of addresses harms nobody else.
public struct RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var updated: Duration
    }

    /// Buckets a generation.
    static let generationSize = 8192

    private let perSecond: Double
    private let capacity: Double
    private var young: [String: Bucket] = [:]
    private var old: [String: Bucket] = [:]

    /// - Parameters:
    ///   - requestsPerMinute: How many requests a minute a client may send for ever.
    ///   - burst: How many it may send at once.
    public init(requestsPerMinute: Int, burst: Int) {
        perSecond = Double(max(1, requestsPerMinute)) / 60
        capacity = Double(max(1, burst))
    }

    /// Takes one token of `client`'s bucket.
    ///
    /// - Parameters:
    ///   - client: What tells clients apart, such as an IP address.
    ///   - now: Time since any fixed moment; never falls.
    /// - Returns: nil if the request may pass, else the whole seconds after which one may.
    public mutating func take(_ client: String, now: Duration) -> Int? {
        var bucket = young[client] ?? old[client] ?? Bucket(tokens: capacity, updated: now)
        let elapsed = max(
            0,
            Double((now - bucket.updated).components.seconds)
                + Double((now - bucket.updated).components.attoseconds) / 1e18)
        bucket.tokens = min(capacity, bucket.tokens + elapsed * perSecond)
        bucket.updated = now
        let passes = bucket.tokens >= 1
        if passes { bucket.tokens -= 1 }
        if young[client] == nil, young.count >= Self.generationSize {
            old = young
            young = [:]
        }
        young[client] = bucket
        return passes ? nil : max(1, Int(((1 - bucket.tokens) / perSecond).rounded(.up)))
    }

    /// Buckets in memory.
    var count: Int { young.count + old.count }
}
