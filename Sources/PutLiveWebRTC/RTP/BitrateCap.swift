/// What the sender is told not to exceed (REMB): the configured rate. Where there is no transport-wide feedback, from which
/// the sender would see by itself what the link carries, heavy loss lowers it.
struct BitrateCap {
    /// Bits a second, as configured.
    var most: Int
    /// Some transport-wide feedback is sent.
    let isGuidedByTransport: Bool
    private var limit = Int.max
    private static let least = 150_000

    init(most: Int, isGuidedByTransport: Bool) {
        self.most = most
        self.isGuidedByTransport = isGuidedByTransport
    }

    var current: Int { min(most, limit) }

    /// Takes in what happened in the last second or so.
    ///
    /// - Parameters:
    ///   - loss: Of 256 packets.
    ///   - rate: What came, in bits a second.
    mutating func update(loss: UInt8, rate: Int) {
        guard !isGuidedByTransport else { return }
        if loss > 26 {
            // More than 10 %: the link is full. Half of what was lost is taken off what came through.
            limit = max(Self.least, min(current, rate) / 512 * (512 - Int(loss)))
        } else if loss < 6, limit < most {
            limit += max(limit / 12, 10_000)
        }
    }
}
