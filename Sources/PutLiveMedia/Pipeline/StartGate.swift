/// Holds the first packets back until it is known which tracks there are: outputs name them in their headers. It opens
/// when each track that was agreed on has come, or when one has gone on for a second without the other.
struct StartGate {
    /// Microseconds of one track without the other.
    static let patience: Int64 = 1_000_000

    private(set) var isOpen = false
    private var held: [EncodedPacket] = []
    private var awaitsVideo: Bool
    private var awaitsAudio: Bool

    init(expectsVideo: Bool, expectsAudio: Bool) {
        awaitsVideo = expectsVideo
        awaitsAudio = expectsAudio
    }

    /// A track has come: the first keyframe, or the first sound.
    mutating func arrive(_ track: MediaTrack) {
        if track == .video { awaitsVideo = false } else { awaitsAudio = false }
    }

    /// Takes a packet; returns those that may go on, in order of time.
    mutating func pass(_ packet: EncodedPacket) -> [EncodedPacket] {
        if isOpen { return [packet] }
        held.append(packet)
        let first = held.reduce(packet.decodeTime) { min($0, $1.decodeTime) }
        guard !awaitsVideo && !awaitsAudio || packet.decodeTime - first >= Self.patience else { return [] }
        isOpen = true
        defer { held = [] }
        return held.sorted { $0.decodeTime < $1.decodeTime }
    }

    /// Nothing more comes: returns what is left.
    mutating func finish() -> [EncodedPacket] {
        isOpen = true
        defer { held = [] }
        return held.sorted { $0.decodeTime < $1.decodeTime }
    }
}
