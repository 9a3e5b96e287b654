/// Writes bits, for sequence parameter sets that no encoder at hand makes.
struct SPSWriter {
    private(set) var bits: [UInt8] = []

    mutating func u(_ count: Int, _ value: Int) {
        for shift in (0..<count).reversed() { bits.append(UInt8(value >> shift & 1)) }
    }

    mutating func ue(_ values: Int...) {
        for value in values {
            let length = String(value + 1, radix: 2).count
            u(length - 1, 0)
            u(length, value + 1)
        }
    }

    mutating func se(_ value: Int) { ue(value > 0 ? 2 * value - 1 : -2 * value) }

    /// A NAL unit: header, bits, stop bit, emulation prevention.
    var unit: [UInt8] {
        var bits = bits + [1]
        while bits.count % 8 != 0 { bits.append(0) }
        var unit: [UInt8] = [0x67]
        var zeros = 0
        for start in stride(from: 0, to: bits.count, by: 8) {
            let byte = bits[start..<start + 8].reduce(0) { $0 << 1 | $1 }
            if zeros >= 2 && byte <= 3 {
                unit.append(3)
                zeros = 0
            }
            zeros = byte == 0 ? zeros + 1 : 0
            unit.append(byte)
        }
        return unit
    }

    /// A whole one of a baseline encoder, with what comes after max_num_ref_frames left to `body`.
    static func baseline(orderCount: (inout SPSWriter) -> Void, _ body: (inout SPSWriter) -> Void) -> [UInt8] {
        var writer = SPSWriter()
        writer.u(8, 66)
        writer.u(8, 0)
        writer.u(8, 31)
        writer.ue(0, 0)
        orderCount(&writer)
        writer.ue(1)
        writer.u(1, 0)
        body(&writer)
        return writer.unit
    }

    /// Bytes as text: "6742c0".
    static func bytes(_ hex: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var digits = hex.makeIterator()
        while let high = digits.next()?.hexDigitValue, let low = digits.next()?.hexDigitValue {
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }
}
