/// What a master playlist says of a rendition, kept steady: players read the master once, and a file that changes with
/// each segment would be written, sent and cached for nothing.
struct RenditionMeasure: Sendable, Equatable {
    private(set) var bandwidth = 0
    private(set) var averageBandwidth = 0
    private(set) var frameRate = 0.0
    var codecs: [String] = []

    /// Takes in the segments of the playlist, with their sizes. `nominal` is what an encoder was told to make, in bits a
    /// second.
    mutating func take(_ segments: [(seconds: Double, bytes: Int64)], nominal: Int) {
        // The first one of a stream may be a splinter, whose rate means nothing.
        let whole = segments.filter { $0.seconds >= 0.5 && $0.bytes > 0 }
        guard !whole.isEmpty else {
            if bandwidth == 0, nominal > 0 { bandwidth = nominal }
            return
        }
        let bits = { (bytes: Int64) in Double(bytes) * 8 }
        let peak = whole.map { bits($0.bytes) / $0.seconds }.max() ?? 0
        let mean = bits(whole.map(\.bytes).reduce(0, +)) / whole.map(\.seconds).reduce(0, +)
        let needed = max(Int(min(peak, 1e9)), nominal)
        // A tenth above what was seen, so that the next segment doesn't exceed it already; half of it is much less.
        if needed > bandwidth || needed < bandwidth / 2 {
            bandwidth = max(Self.rounded(peak * 1.1), nominal)
            averageBandwidth = min(bandwidth, Self.rounded(mean))
        }
    }

    /// Takes in a frame rate, if it has changed by more than its measurement wavers.
    mutating func take(frameRate new: Double) {
        guard new > 0, abs(new - frameRate) > 0.1 * frameRate else { return }
        frameRate = Self.usual.first { abs($0 - new) <= 0.03 * $0 } ?? new.rounded()
    }

    /// What encoders are set to.
    private static let usual: [Double] = [30, 25, 60, 50, 24, 15, 20, 12, 10, 48, 120]

    /// Up to two digits.
    private static func rounded(_ value: Double) -> Int {
        var unit = 1
        let value = Int(min(max(1, value), 1e9))
        while value / unit >= 100 { unit *= 10 }
        return (value + unit - 1) / unit * unit
    }
}
