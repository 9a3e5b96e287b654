/// Makes a packet's samples a few more or a few less, by drawing lines between them: enough for changes below 1 %.
struct Resampler {
    private let step: Float
    private let last: Int
    private let fadesIn: Bool

    /// 2.5 ms, over which a packet rises after a gap.
    private static let fade = AudioClock.rate / 400

    init(from: Int, to: Int, fadesIn: Bool) {
        last = from - 1
        step = to > 1 ? Float(from - 1) / Float(to - 1) : 0
        self.fadesIn = fadesIn
    }

    /// The sample `index` of the result.
    func sample(_ index: Int, of source: UnsafeBufferPointer<Float>) -> Float {
        let place = Float(index) * step
        let before = min(Int(place), last)
        let after = min(before + 1, last)
        let value = source[before] + (source[after] - source[before]) * (place - Float(before))
        return fadesIn && index < Self.fade ? value * Float(index + 1) / Float(Self.fade) : value
    }
}
