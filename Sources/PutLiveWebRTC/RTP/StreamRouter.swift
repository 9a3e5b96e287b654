/// Tells to which track a packet of the bundled transport belongs (RFC 8843, section 9.2).
struct StreamRouter {
    /// More streams than a browser has; the one that was learnt first makes room.
    private static let limit = 16

    private let tracks: [(mid: [UInt8], payloads: PayloadTable)]
    private var streams: [(ssrc: UInt32, track: Int)] = []

    init(_ tracks: [NegotiatedTrack]) {
        self.tracks = tracks.map { (Array($0.mid.utf8), PayloadTable($0.payloads)) }
        for (index, track) in tracks.enumerated() {
            for ssrc in [track.ssrc, track.rtxSSRC] { if let ssrc { learn(ssrc, index) } }
        }
    }

    /// The index of the track; nil if it is none of them.
    mutating func track(of header: RTPHeader, in packet: UnsafeRawBufferPointer) -> Int? {
        for stream in streams where stream.ssrc == header.ssrc { return stream.track }
        let found: Int?
        if let mid = header.mid {
            let name = UnsafeRawBufferPointer(rebasing: packet[mid])
            found = tracks.firstIndex { $0.mid.elementsEqual(name) }
        } else {
            found = tracks.firstIndex { $0.payloads[header.payloadType] != nil }
        }
        if let found { learn(header.ssrc, found) }
        return found
    }

    private mutating func learn(_ ssrc: UInt32, _ track: Int) {
        if streams.count >= Self.limit { streams.removeFirst() }
        streams.append((ssrc, track))
    }
}
