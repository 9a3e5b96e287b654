/// What an MPEG-2 transport stream (ISO 13818-1) tells of its rendition, read out of one segment.
public struct SegmentProbe: Sendable, Equatable {
    /// As RFC 6381 names them, video first. Empty if it is no transport stream, or if not all of its codecs are known:
    /// half of an answer would make players skip the rendition.
    public private(set) var codecs: [String] = []
    /// Video frames in what was read: each is a packet of its own in the elementary stream.
    public private(set) var frames = 0

    /// How much of a segment is worth reading, in bytes: all of one at 15 Mbit/s.
    public static let limit = 4 << 20
    private static let packetSize = 188

    /// Reads a segment, or the start of one.
    public init(_ bytes: [UInt8]) {
        var programMap: Int?
        var streams: [Stream] = []
        var video: [UInt8] = []
        var profile: [UInt8]?
        for start in stride(from: 0, to: min(bytes.count, Self.limit) - Self.packetSize + 1, by: Self.packetSize) {
            guard let packet = Packet(bytes[start..<(start + Self.packetSize)]) else {
                frames = 0
                return
            }
            if packet.identifier == 0, packet.startsUnit, programMap == nil {
                programMap = Self.section(packet.payload).flatMap(Self.firstProgram)
            } else if packet.identifier == programMap, packet.startsUnit, streams.isEmpty {
                streams = Self.section(packet.payload).map(Self.elementaryStreams) ?? []
            } else if streams.contains(where: { $0.type == Self.avc && $0.identifier == packet.identifier }) {
                if packet.startsUnit { frames += 1 }
                // A sequence parameter set stands at the start of a segment, which starts with a key frame.
                if profile == nil && video.count < 16_384 {
                    video += packet.payload
                    profile = Self.profile(video)
                }
            }
        }
        codecs = Self.names(streams, profile)
    }

    private static func names(_ streams: [Stream], _ profile: [UInt8]?) -> [String] {
        var names: [String] = []
        for stream in streams.sorted(by: { $0.type == avc && $1.type != avc }) {
            switch stream.type {
            case avc:
                guard let profile else { return [] }
                names.append("avc1." + profile.map(hexadecimal).joined())
            // AAC in ADTS. Its profile is nearly always LC, which every player takes for all the others.
            case aac: names.append("mp4a.40.2")
            default: return []
            }
        }
        return names
    }

    private static let avc: UInt8 = 0x1b
    private static let aac: UInt8 = 0x0f

    private struct Stream {
        var type: UInt8
        var identifier: Int
    }

    /// Section 2.4.3.2.
    private struct Packet {
        var identifier: Int
        var startsUnit: Bool
        var payload: ArraySlice<UInt8>

        init?(_ bytes: ArraySlice<UInt8>) {
            let base = bytes.startIndex
            guard bytes.count == 188, bytes[base] == 0x47 else { return nil }
            startsUnit = bytes[base + 1] & 0x40 != 0
            identifier = Int(bytes[base + 1] & 0x1f) << 8 | Int(bytes[base + 2])
            var offset = 4
            if bytes[base + 3] & 0x20 != 0 { offset += 1 + Int(bytes[base + 4]) }
            let hasPayload = bytes[base + 3] & 0x10 != 0
            payload = hasPayload && offset < 188 ? bytes[(base + offset)...] : []
        }
    }

    /// A table that fits into one packet (section 2.4.4), from after its length to before its checksum.
    private static func section(_ payload: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard let pointer = payload.first else { return nil }
        let table = payload.dropFirst(1 + Int(pointer))
        guard table.count > 3 else { return nil }
        let base = table.startIndex
        let length = Int(table[base + 1] & 0x0f) << 8 | Int(table[base + 2])
        guard length >= 9, table.count >= 3 + length else { return nil }
        return table[(base + 3)..<(base + 3 + length - 4)]
    }

    private static func firstProgram(_ table: ArraySlice<UInt8>) -> Int? {
        var entries = table.dropFirst(5)
        while entries.count >= 4 {
            let base = entries.startIndex
            let number = Int(entries[base]) << 8 | Int(entries[base + 1])
            if number != 0 { return Int(entries[base + 2] & 0x1f) << 8 | Int(entries[base + 3]) }
            entries = entries.dropFirst(4)
        }
        return nil
    }

    private static func elementaryStreams(_ table: ArraySlice<UInt8>) -> [Stream] {
        guard table.count >= 9 else { return [] }
        let base = table.startIndex
        var entries = table.dropFirst(9 + (Int(table[base + 7] & 0x0f) << 8 | Int(table[base + 8])))
        var streams: [Stream] = []
        while entries.count >= 5 {
            let base = entries.startIndex
            streams.append(
                Stream(type: entries[base], identifier: Int(entries[base + 1] & 0x1f) << 8 | Int(entries[base + 2])))
            entries = entries.dropFirst(5 + (Int(entries[base + 3] & 0x0f) << 8 | Int(entries[base + 4])))
        }
        return streams
    }

    /// The three bytes after the head of the first sequence parameter set (H.264, section 7.3.2.1).
    private static func profile(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count >= 7 else { return nil }
        for index in 0...(bytes.count - 7) where bytes[index] == 0 && bytes[index + 1] == 0 && bytes[index + 2] == 1 {
            if bytes[index + 3] & 0x1f == 7 { return Array(bytes[(index + 4)...(index + 6)]) }
        }
        return nil
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }
}
