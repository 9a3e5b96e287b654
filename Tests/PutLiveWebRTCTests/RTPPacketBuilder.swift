@testable import PutLiveWebRTC

/// An RTP packet to be written.
struct RTPPacketBuilder {
    var payloadType: UInt8 = 111
    var marker = false
    var sequence: UInt16 = 0
    var timestamp: UInt32 = 0
    var ssrc: UInt32 = 0xA0
    var csrcs: [UInt32] = []
    /// One-byte elements (RFC 8285, section 4.2).
    var extensions: [(id: UInt8, bytes: [UInt8])] = []
    var payload: [UInt8] = []
    var padding = 0

    var bytes: [UInt8] {
        var bytes: [UInt8] = [0x80 | UInt8(csrcs.count), (marker ? 0x80 : 0) | payloadType]
        if !extensions.isEmpty { bytes[0] |= 0x10 }
        if padding > 0 { bytes[0] |= 0x20 }
        bytes.append16(sequence)
        bytes.append32(timestamp)
        bytes.append32(ssrc)
        csrcs.forEach { bytes.append32($0) }
        if !extensions.isEmpty {
            var elements: [UInt8] = []
            for element in extensions { elements += [element.id << 4 | UInt8(element.bytes.count - 1)] + element.bytes }
            while elements.count % 4 != 0 { elements.append(0) }
            bytes.append16(0xBEDE)
            bytes.append16(UInt16(elements.count / 4))
            bytes += elements
        }
        bytes += payload
        if padding > 0 { bytes += [UInt8](repeating: 0, count: padding - 1) + [UInt8(padding)] }
        return bytes
    }
}

func header(
    of bytes: [UInt8], _ extensions: HeaderExtensionIDs = HeaderExtensionIDs(mid: 4, transportCC: 3)
) -> RTPHeader? {
    bytes.withUnsafeBytes { RTPHeader($0, extensions: extensions) }
}

func time(_ milliseconds: Int) -> MonotonicTime { MonotonicTime(microseconds: Int64(milliseconds) * 1000) }
