/// What the first bytes of an Opus packet tell (RFC 6716 section 3).
public struct OpusPacket: Sendable, Equatable {
    /// A longer one is malformed.
    public static let maximumSampleCount = 5760

    /// Its length in samples at 48 kHz, whatever it was encoded with: at most 120 ms.
    public var sampleCount: Int
    /// The encoder made it of two channels.
    public var isStereo: Bool

    /// Nil if it breaks a rule of RFC 6716 section 3.4, so that no decoder would take it.
    public init?(_ packet: UnsafeRawBufferPointer) {
        guard let toc = packet.first else { return nil }
        isStereo = toc & 0x04 != 0
        guard let frameCount = Self.frameCount(packet) else { return nil }
        sampleCount = frameCount * Self.frameSamples(configuration: toc >> 3)
        guard sampleCount <= Self.maximumSampleCount else { return nil }
    }

    /// Table 2: SILK of 10 to 60 ms, hybrid of 10 and 20 ms, CELT of 2.5 to 20 ms.
    private static func frameSamples(configuration: UInt8) -> Int {
        switch configuration {
        case 0..<12: configuration & 3 == 3 ? 2880 : 480 << Int(configuration & 3)
        case 12..<16: 480 << Int(configuration & 1)
        default: 120 << Int(configuration & 3)
        }
    }

    /// Section 3.2: how many frames of up to 1275 bytes it holds; nil if their lengths don't add up.
    private static func frameCount(_ packet: UnsafeRawBufferPointer) -> Int? {
        let rest = UnsafeRawBufferPointer(rebasing: packet.dropFirst())
        switch packet[0] & 3 {
        case 0:
            return rest.count <= 1275 ? 1 : nil
        case 1:
            return rest.count % 2 == 0 && rest.count / 2 <= 1275 ? 2 : nil
        case 2:
            var place = 0
            guard let first = length(rest, at: &place), first <= rest.count - place else { return nil }
            return rest.count - place - first <= 1275 ? 2 : nil
        default:
            return signalledFrameCount(rest)
        }
    }

    /// Section 3.2.5, code 3: a byte with the count, then padding and the frames' lengths.
    private static func signalledFrameCount(_ rest: UnsafeRawBufferPointer) -> Int? {
        guard let byte = rest.first, byte & 0x3F > 0 else { return nil }
        let count = Int(byte & 0x3F)
        var place = 1
        var left = rest.count
        if byte & 0x40 != 0 {
            // Each 255 says 254 bytes of padding, and that another such byte follows.
            var more = true
            while more {
                guard place < rest.count else { return nil }
                more = rest[place] == 255
                left -= more ? 254 : Int(rest[place])
                place += 1
            }
        }
        guard byte & 0x80 != 0 else {
            let bytes = left - place
            return bytes >= 0 && bytes % count == 0 && bytes / count <= 1275 ? count : nil
        }
        for _ in 1..<count {
            guard let next = length(rest, at: &place) else { return nil }
            left -= next
        }
        return (0...1275).contains(left - place) ? count : nil
    }

    /// Section 3.2.1: a frame's length in one or two bytes.
    private static func length(_ bytes: UnsafeRawBufferPointer, at place: inout Int) -> Int? {
        guard place < bytes.count else { return nil }
        let first = Int(bytes[place])
        place += 1
        if first < 252 { return first }
        guard place < bytes.count else { return nil }
        place += 1
        return Int(bytes[place - 1]) * 4 + first
    }
}
