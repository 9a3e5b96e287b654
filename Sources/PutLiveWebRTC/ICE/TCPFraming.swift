/// Packets in a stream of bytes, each after its length in two bytes (RFC 4571, section 2): what ICE-TCP sends
/// (RFC 6544, section 3).
public struct TCPFraming: Sendable {
    /// Longest packet that is taken. Those of media are below 1500 bytes, and a peer that announces more is none.
    public static let longestPacket = 8192
    /// Most bytes that wait for `next`.
    private static let capacity = 128 * 1024

    private var buffer: [UInt8] = []
    /// Where in the buffer the next packet's length is.
    private var start = 0

    /// Nothing came yet.
    public init() {}

    /// Takes bytes as they come. To be followed by `next` until that is nil.
    ///
    /// - Returns: False if this isn't such a stream, so that the connection should be closed.
    public mutating func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if start > 0 {
            buffer.removeSubrange(..<start)
            start = 0
        }
        guard buffer.count + bytes.count <= Self.capacity else { return false }
        buffer.append(contentsOf: bytes)
        return isPlausible
    }

    /// The next whole packet; nil until more bytes came.
    public mutating func next() -> [UInt8]? {
        while let length = announced, isPlausible, buffer.count - start - 2 >= length {
            let packet = start + 2
            start = packet + length
            // An empty one carries nothing.
            if length > 0 { return Array(buffer[packet..<start]) }
        }
        // A burst's memory isn't kept by a connection that may fall silent.
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: buffer.capacity <= 2 * Self.longestPacket)
            start = 0
        }
        return nil
    }

    /// False if the next packet's length is out of bounds, and so nothing more can be read.
    public var isPlausible: Bool { (announced ?? 0) <= Self.longestPacket }

    private var announced: Int? {
        guard buffer.count - start >= 2 else { return nil }
        return Int(buffer[start]) << 8 | Int(buffer[start + 1])
    }

    /// A packet with its length before it. Its bytes beyond 65 535 are left out.
    public static func framed(_ packet: [UInt8]) -> [UInt8] {
        let length = UInt16(clamping: packet.count)
        return [UInt8](unsafeUninitializedCapacity: Int(length) + 2) { bytes, count in
            bytes[0] = UInt8(length >> 8)
            bytes[1] = UInt8(length & 0xff)
            _ = bytes[2...].update(fromContentsOf: packet[..<Int(length)])
            count = Int(length) + 2
        }
    }
}
