/// Reads an RBSP: the bits of a NAL unit, emulation prevention bytes left out (ITU-T H.264, section 7.3.1). Past the end
/// it reads nil.
struct BitReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int
    private var zeros = 0
    private var current: UInt8 = 0
    private var bitsLeft = 0

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    /// u(1)
    mutating func bit() -> UInt32? {
        if bitsLeft == 0 {
            guard position < bytes.endIndex else { return nil }
            if zeros >= 2 && bytes[position] == 3 {
                zeros = 0
                position += 1
                guard position < bytes.endIndex else { return nil }
            }
            current = bytes[position]
            zeros = current == 0 ? zeros + 1 : 0
            position += 1
            bitsLeft = 8
        }
        bitsLeft -= 1
        return UInt32(current >> UInt8(bitsLeft)) & 1
    }

    /// u(n), n up to 32.
    mutating func bits(_ count: Int) -> UInt32? {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard let bit = bit() else { return nil }
            value = value << 1 | bit
        }
        return value
    }

    /// ue(v) (section 9.1); nil too if it has more than 31 leading zeros, which no syntax element has.
    mutating func unsignedGolomb() -> UInt32? {
        var leading = 0
        while true {
            guard let bit = bit() else { return nil }
            if bit == 1 { break }
            leading += 1
            if leading > 31 { return nil }
        }
        guard let rest = bits(leading) else { return nil }
        return (UInt32(1) << UInt32(leading)) - 1 + rest
    }

    /// se(v) (section 9.1.1)
    mutating func signedGolomb() -> Int32? {
        guard let code = unsignedGolomb() else { return nil }
        let magnitude = Int32(bitPattern: code / 2 + code % 2)
        return code % 2 == 0 ? -magnitude : magnitude
    }
}
