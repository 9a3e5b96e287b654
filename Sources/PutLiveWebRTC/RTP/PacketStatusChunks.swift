/// Which packets came, in as few chunks of 16 bits as is simple to find
/// (draft-holmer-rmcat-transport-wide-cc-extensions-01, sections 3.1.1 to 3.1.4).
struct PacketStatusChunks {
    enum Symbol: UInt8 {
        // As the draft numbers them.
        case absent = 0
        case smallDelta = 1
        case largeDelta = 2
    }

    private var symbols: [UInt8] = []
    var count: Int { symbols.count }

    mutating func append(_ symbol: Symbol, _ count: Int) {
        for _ in 0..<count { symbols.append(symbol.rawValue) }
    }

    func write(to bytes: inout [UInt8]) {
        var start = 0
        while start < symbols.count {
            let symbol = symbols[start]
            // 13 bits hold the length of a run.
            let limit = min(symbols.count, start + 0x1FFF)
            var end = start + 1
            while end < limit, symbols[end] == symbol { end += 1 }
            let vector = symbols[start..<min(start + 14, symbols.count)]
            if end - start >= 14 || end == symbols.count {
                bytes.append16(UInt16(symbol) << 13 | UInt16(end - start))
                start = end
            } else if !vector.contains(Symbol.largeDelta.rawValue) {
                // 14 symbols of a bit each, the first one highest.
                bytes.append16(0x8000 | Self.packed(vector, slots: 14, bits: 1))
                start += vector.count
            } else {
                let vector = vector.prefix(7)
                bytes.append16(0xC000 | Self.packed(vector, slots: 7, bits: 2))
                start += vector.count
            }
        }
    }

    /// Slots that aren't used stay 0: the count in the header tells where the list ends.
    private static func packed(_ symbols: ArraySlice<UInt8>, slots: Int, bits: Int) -> UInt16 {
        var value: UInt16 = 0
        for symbol in symbols { value = value << bits | UInt16(symbol) }
        return value << ((slots - symbols.count) * bits)
    }
}
