/// What is heard in place of a lost packet: the last few milliseconds backwards, fading out. It begins where the sound
/// stopped, so it doesn't click, and it is over before anyone could hear that it makes no sense.
struct Concealer {
    /// Samples that are concealed at most: 20 ms. The rest of a gap is silence.
    static let longest = AudioClock.rate / 50

    private var left: [Float] = []
    private var right: [Float] = []

    /// Keeps the end of what was decoded.
    mutating func remember(_ newLeft: UnsafeBufferPointer<Float>, _ newRight: UnsafeBufferPointer<Float>) {
        // The arrays keep their memory.
        left.removeAll(keepingCapacity: true)
        right.removeAll(keepingCapacity: true)
        left.append(contentsOf: newLeft.suffix(Self.longest))
        right.append(contentsOf: newRight.suffix(Self.longest))
    }

    /// How many samples of a gap can be concealed.
    func conceal(_ gap: Int) -> Int { min(gap, left.count) }

    /// The sample `index` of the gap.
    func sample(_ channel: Int, _ index: Int) -> Float {
        let source = channel == 0 ? left : right
        let gain = 1 - Float(index + 1) / Float(source.count)
        return source[source.count - 1 - index] * gain
    }
}
