/// A number of bytes, written `500M` or `2G` in powers of 1024, as nginx and systemd count.
public struct ByteSize: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The number, never negative.
    public var bytes: Int

    /// A number of bytes.
    public init(bytes: Int) {
        self.bytes = bytes
    }

    /// A size in MiB.
    public static func mebibytes(_ count: Int) -> ByteSize { ByteSize(bytes: count << 20) }
    /// A size in GiB.
    public static func gibibytes(_ count: Int) -> ByteSize { ByteSize(bytes: count << 30) }

    /// Rounded down.
    public var mebibytes: Int { bytes >> 20 }

    /// Compares the numbers of bytes.
    public static func < (left: ByteSize, right: ByteSize) -> Bool { left.bytes < right.bytes }

    /// The shortest exact spelling: `2G`, `1536M`, `10K`, `100`.
    public var description: String {
        for (shift, suffix) in [(40, "T"), (30, "G"), (20, "M"), (10, "K")] where bytes != 0 {
            if bytes % (1 << shift) == 0 { return "\(bytes >> shift)\(suffix)" }
        }
        return "\(bytes)"
    }
}

/// A bit rate, written `1200k` or `2.5M` in powers of 1000; a bare number is kilobits a second.
public struct BitRate: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The rate in bit/s.
    public var bitsPerSecond: Int

    /// A rate in bit/s.
    public init(bitsPerSecond: Int) {
        self.bitsPerSecond = bitsPerSecond
    }

    /// A rate in kbit/s.
    public static func kilobits(_ count: Int) -> BitRate { BitRate(bitsPerSecond: count * 1000) }

    /// Rounded down.
    public var kilobitsPerSecond: Int { bitsPerSecond / 1000 }

    /// Compares the rates.
    public static func < (left: BitRate, right: BitRate) -> Bool { left.bitsPerSecond < right.bitsPerSecond }

    /// Exact to the bit: `1200k`, `1200.5k`.
    public var description: String {
        let rest = bitsPerSecond % 1000
        if rest == 0 { return "\(kilobitsPerSecond)k" }
        var fraction = String(String(1000 + rest).dropFirst())
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(kilobitsPerSecond).\(fraction)k"
    }
}

/// The size of a picture in pixels, written `854x480`; both sides are even, as 4:2:0 video needs.
public struct Resolution: Sendable, Hashable, CustomStringConvertible {
    /// Pixels.
    public var width: Int
    /// Pixels.
    public var height: Int

    /// A size in pixels.
    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// As config.yaml spells it.
    public var description: String { "\(width)x\(height)" }
}

extension Duration {
    /// Rounded down.
    public var wholeSeconds: Int { Int(components.seconds) }
    /// Rounded down, at least 1 for anything above zero.
    public var wholeDays: Int { self > .zero ? max(1, wholeSeconds / 86_400) : 0 }
    /// Exact to the millisecond.
    public var milliseconds: Int {
        Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }

    /// The shortest exact spelling that config.yaml reads back: `90s`, `6h`, `500ms`.
    public var configText: String {
        let total = milliseconds
        if total % 1000 != 0 { return "\(total)ms" }
        let seconds = total / 1000
        for (size, suffix) in [(86_400, "d"), (3600, "h"), (60, "m")] where seconds != 0 && seconds % size == 0 {
            return "\(seconds / size)\(suffix)"
        }
        return "\(seconds)s"
    }
}
