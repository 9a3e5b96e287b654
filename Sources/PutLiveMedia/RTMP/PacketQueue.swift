/// The packets that wait for a connection, bounded in bytes and in time. It always begins where a decoder can: at a
/// keyframe, or with sound if there is no picture, or has been none for long.
struct PacketQueue {
    /// What it may hold.
    struct Limits {
        var bytes = 2 << 20
        /// Microseconds from the first packet to the last.
        var span: Int64 = 3_000_000
    }

    private(set) var bytes = 0
    /// All that were ever dropped.
    private(set) var dropped = DroppedCount()
    /// The next picture must be a keyframe: what it builds on is gone.
    private(set) var awaitsKeyframe: Bool
    private let limits: Limits
    private var packets: [EncodedPacket] = []
    /// Packets before this one are gone; the array is cut from time to time.
    private var head = 0
    private var hasVideo = true
    /// Of the last picture, or of the first sound without one.
    private var lastPicture: Int64?
    /// No picture has come for long: sound goes on alone, until a keyframe comes.
    private var isSoundAlone = false

    /// Microseconds without a picture after which sound no longer waits for one.
    static let patience: Int64 = 3_000_000

    init(limits: Limits = Limits()) {
        self.limits = limits
        awaitsKeyframe = true
    }

    /// Drops what is there: packets of other tracks follow.
    mutating func begin(hasVideo: Bool) {
        while let first {
            drop(first)
            removeFirst()
        }
        self.hasVideo = hasVideo
        awaitsKeyframe = hasVideo
        lastPicture = nil
        isSoundAlone = false
    }

    var isEmpty: Bool { head == packets.count }
    var count: Int { packets.count - head }
    var first: EncodedPacket? { isEmpty ? nil : packets[head] }

    /// Takes a packet in, or drops it because it is of no use without others that are gone.
    mutating func append(_ packet: EncodedPacket) {
        if packet.track == .video || lastPicture == nil { lastPicture = packet.decodeTime }
        if awaitsKeyframe {
            if packet.track == .audio, let lastPicture, packet.decodeTime - lastPicture >= Self.patience {
                isSoundAlone = true
            }
            guard packet.track == .video ? packet.isKeyframe : isSoundAlone else { return drop(packet) }
            if packet.track == .video { (awaitsKeyframe, isSoundAlone) = (false, false) }
        }
        packets.append(packet)
        bytes += packet.data.count
        while let first, bytes > limits.bytes || packet.decodeTime - first.decodeTime > limits.span {
            dropToNextKeyframe()
        }
    }

    /// Takes out the first.
    mutating func removeFirst() {
        guard let first else { return }
        bytes -= first.data.count
        packets[head].data = []
        head += 1
        if isEmpty {
            packets.removeAll(keepingCapacity: packets.count <= 256)
            head = 0
        } else if head > 256 {
            packets.removeSubrange(..<head)
            head = 0
        }
    }

    /// Drops the first packet and all up to the next that a decoder can begin with. If there is none, it awaits one.
    mutating func dropToNextKeyframe() {
        repeat {
            guard let first else {
                awaitsKeyframe = hasVideo
                return
            }
            drop(first)
            removeFirst()
        } while !isAtStart
    }

    /// The connection that had what was before is gone: if the first packet builds on that, it goes too, and all up to the
    /// next keyframe.
    mutating func resume() {
        if isEmpty { awaitsKeyframe = hasVideo } else if !isAtStart { dropToNextKeyframe() }
    }

    /// What comes next doesn't build on what is here, which is whole.
    mutating func discontinuity() {
        awaitsKeyframe = hasVideo
    }

    private var isAtStart: Bool {
        guard let first else { return false }
        return first.isKeyframe && (first.track == .video || !hasVideo || isSoundAlone)
    }

    private mutating func drop(_ packet: EncodedPacket) {
        dropped.count(packet.track)
    }
}
