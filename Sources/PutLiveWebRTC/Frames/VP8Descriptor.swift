/// The payload descriptor in front of every VP8 payload (RFC 7741 section 4.2).
struct VP8Descriptor: Sendable, Equatable {
    /// Bytes of the descriptor itself.
    var count = 1
    /// S: the payload begins a partition.
    var beginsPartition = false
    /// PID: of the partition.
    var partition: UInt8 = 0
    /// N: no other frame leans on this one.
    var isDiscardable = false
    /// Counts frames, with 15 bits if `hasLongPictureID`, else with 7.
    var pictureID: UInt16?
    /// M
    var hasLongPictureID = false
    /// Counts the frames of temporal layer 0.
    var baseLayerIndex: UInt8?
    /// The frame's temporal layer.
    var temporalLayer: UInt8?

    /// The payload is the first of a frame.
    var beginsFrame: Bool { beginsPartition && partition == 0 }

    /// Nil if the payload ends within it.
    init?(_ payload: UnsafeRawBufferPointer) {
        guard let first = payload.first else { return nil }
        beginsPartition = first & 0x10 != 0
        partition = first & 0x07
        isDiscardable = first & 0x20 != 0
        guard first & 0x80 != 0 else { return }
        // The extension: I, L, T and K say which bytes follow.
        guard payload.count > 1 else { return nil }
        let present = payload[1]
        count = 2
        if present & 0x80 != 0, !readPictureID(payload) { return nil }
        if present & 0x40 != 0 {
            guard payload.count > count else { return nil }
            baseLayerIndex = payload[count]
            count += 1
        }
        if present & 0x30 != 0 {
            guard payload.count > count else { return nil }
            if present & 0x20 != 0 { temporalLayer = payload[count] >> 6 }
            count += 1
        }
    }

    private mutating func readPictureID(_ payload: UnsafeRawBufferPointer) -> Bool {
        guard payload.count > count else { return false }
        let high = payload[count]
        guard high & 0x80 != 0 else {
            pictureID = UInt16(high)
            count += 1
            return true
        }
        guard payload.count > count + 1 else { return false }
        (pictureID, hasLongPictureID) = (UInt16(high & 0x7F) << 8 | UInt16(payload[count + 1]), true)
        count += 2
        return true
    }

    /// The frame is the very next after one with the descriptor `earlier`. False if they don't tell: a number of 7 bits
    /// comes round too soon to be trusted after a gap.
    func isNext(after earlier: VP8Descriptor) -> Bool {
        guard let pictureID, let before = earlier.pictureID else { return false }
        guard hasLongPictureID, earlier.hasLongPictureID else { return false }
        return pictureID == (before + 1) & 0x7FFF
    }
}
