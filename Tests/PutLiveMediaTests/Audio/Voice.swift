/// A sound like a voice's, the same each time: pulses whose pitch glides, through the resonances of changing vowels, in
/// syllables.
enum Voice {
    /// At 48 kHz, with an amplitude below 1.
    static func samples(seconds: Int) -> [Float] {
        var throat = [Resonance(), Resonance(), Resonance()]
        var phase: Float = 0
        return (0..<seconds * 48_000).map { index in
            phase += (110 + 40 * swing(index, milliseconds: 1700)) / 48_000
            var pulse: Float = 0
            if phase >= 1 {
                phase -= 1
                pulse = 1
            }
            let open = swing(index, milliseconds: 430)
            let front = swing(index, milliseconds: 710)
            pulse = throat[0].pass(pulse, frequency: 350 + 400 * open, bandwidth: 80)
            pulse = throat[1].pass(pulse, frequency: 900 + 1100 * front, bandwidth: 110)
            pulse = throat[2].pass(pulse, frequency: 2600, bandwidth: 180)
            return pulse * (0.3 + 0.7 * swing(index, milliseconds: 240)) * 0.4
        }
    }

    /// From 0 to 1 and back.
    private static func swing(_ index: Int, milliseconds: Int) -> Float {
        let place = Float(index % (milliseconds * 48)) / Float(milliseconds * 48)
        return place < 0.5 ? 2 * place : 2 - 2 * place
    }

    private struct Resonance {
        private var last: Float = 0
        private var before: Float = 0

        mutating func pass(_ value: Float, frequency: Float, bandwidth: Float) -> Float {
            let radius = 1 - Float.pi * bandwidth / 48_000
            let angle = 2 * Float.pi * frequency / 48_000
            // A cosine, near enough for small angles.
            let cosine = 1 - angle * angle / 2 + angle * angle * angle * angle / 24
            let next = (1 - radius) * 2 * value + 2 * radius * cosine * last - radius * radius * before
            (last, before) = (next, last)
            return next
        }
    }
}
