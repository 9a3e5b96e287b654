import FuzzSupport
import PutLiveWebRTC

/// One input: packets and sender reports of a session, whatever a sender could make of them. What must hold for all that
/// comes out is checked here; what crashes, overflows or never ends, libFuzzer and the address sanitizer find.
/// `scripts/fuzz` runs it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzDepacketizers(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    var input = Input(rest: UnsafeRawBufferPointer(start: data, count: size)[...])
    let codec = input.byte() % 3
    var session = Session()
    while !input.rest.isEmpty {
        switch codec {
        case 0: session.feedH264(&input)
        case 1: session.feedVP8(&input)
        default: session.feedOpus(&input)
        }
    }
    return 0
}

/// What the jitter buffer lets go.
private struct Packet {
    let timestamp: UInt32
    let marker: Bool
    let followsGap: Bool
    let payload: [UInt8]
}

/// Bytes to take from; zeros when none are left.
private struct Input {
    var rest: Slice<UnsafeRawBufferPointer>

    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func number(bytes: Int) -> UInt64 {
        (0..<bytes).reduce(0) { number, _ in number << 8 | UInt64(byte()) }
    }

    /// A byte of flags, what the flags ask for, and a payload of up to 255 bytes.
    mutating func packet(after timestamp: UInt32) -> (packet: Packet, flags: UInt8) {
        let flags = byte()
        var timestamp = timestamp
        if flags & 0x04 != 0 { timestamp &+= 3000 }
        if flags & 0x08 != 0 { timestamp &+= UInt32(truncatingIfNeeded: number(bytes: 4)) }
        let payload = rest.prefix(Int(byte()))
        rest = rest.dropFirst(payload.count)
        let packet = Packet(
            timestamp: timestamp, marker: flags & 0x01 != 0, followsGap: flags & 0x02 != 0, payload: Array(payload))
        return (packet, flags)
    }
}

private struct Session {
    var h264 = H264Depacketizer()
    var vp8 = VP8Depacketizer()
    var opus = OpusDepacketizer()
    var timeline = MediaTimeline()
    var timestamp: UInt32 = 0
    var arrival = MonotonicTime(microseconds: 5_000_000)
    var last: [MediaKind: Int64] = [:]

    mutating func feedH264(_ input: inout Input) {
        let (packet, flags) = input.packet(after: timestamp)
        let needed = h264.needsKeyframe || packet.followsGap
        var frames: [AssembledFrame] = []
        packet.payload.withUnsafeBytes {
            h264.receive(
                $0, timestamp: packet.timestamp, marker: packet.marker, followsGap: packet.followsGap, into: &frames)
        }
        checkPictures(frames, needed: needed, stillNeeded: h264.needsKeyframe)
        for frame in frames { checkUnits(frame) }
        place(frames, packet.timestamp, .video, flags, &input)
    }

    mutating func feedVP8(_ input: inout Input) {
        let (packet, flags) = input.packet(after: timestamp)
        // A gap of padding alone may be forgiven.
        let needed = vp8.needsKeyframe
        var frames: [AssembledFrame] = []
        packet.payload.withUnsafeBytes {
            vp8.receive(
                $0, timestamp: packet.timestamp, marker: packet.marker, followsGap: packet.followsGap, into: &frames)
        }
        checkPictures(frames, needed: needed, stillNeeded: vp8.needsKeyframe)
        for frame in frames where frame.isKeyframe {
            require(frame.data.count >= 10 && frame.data[0] & 1 == 0, "a keyframe that is none")
        }
        place(frames, packet.timestamp, .video, flags, &input)
    }

    mutating func feedOpus(_ input: inout Input) {
        let (packet, flags) = input.packet(after: timestamp)
        var frames: [AssembledFrame] = []
        packet.payload.withUnsafeBytes {
            opus.receive(
                $0, timestamp: packet.timestamp, marker: packet.marker, followsGap: packet.followsGap, into: &frames)
        }
        require(frames.count <= 1 && frames.allSatisfy { $0.data == packet.payload }, "not the packet")
        if !frames.isEmpty {
            require((120...5760).contains(opus.lastSampleCount), "a length of \(opus.lastSampleCount)")
            require(opus.lastSampleCount % 120 == 0, "a length of \(opus.lastSampleCount)")
        }
        place(frames, packet.timestamp, .audio, flags, &input)
    }

    private func checkPictures(_ frames: [AssembledFrame], needed: Bool, stillNeeded: Bool) {
        require(frames.count <= 2, "\(frames.count) frames of one packet")
        if needed, let first = frames.first { require(first.isKeyframe, "a picture that leans on what is lost") }
        if needed && frames.isEmpty { require(stillNeeded, "no keyframe, and none needed") }
        for frame in frames { require(!frame.data.isEmpty && frame.data.count <= 5 << 20, "\(frame.data.count) bytes") }
    }

    /// The shape that `ReceivedFrame.data` promises.
    private func checkUnits(_ frame: AssembledFrame) {
        var types: Set<UInt8> = []
        var place = 0
        while place < frame.data.count {
            require(place + 4 < frame.data.count, "a unit without a header")
            let count = frame.data[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
            require(count > 0 && place + 4 + count <= frame.data.count, "a unit of \(count) bytes")
            types.insert(frame.data[place + 4] & 0x1F)
            place += 4 + count
        }
        require(types.isSubset(of: [1, 5, 6, 7, 8]), "units of \(types)")
        require(types.contains(5) == frame.isKeyframe, "a keyframe is what has an IDR slice")
        require(types.contains(5) || types.contains(1), "no slice in a picture")
        require(!frame.isKeyframe || types.isSuperset(of: [7, 8]), "a keyframe without its parameter sets")
    }

    private mutating func place(
        _ frames: [AssembledFrame], _ latest: UInt32, _ kind: MediaKind, _ flags: UInt8, _ input: inout Input
    ) {
        timestamp = latest
        arrival = arrival.adding(milliseconds: flags & 0x10 == 0 ? 33 : Int(input.number(bytes: 2)))
        for frame in frames { present(frame.timestamp, kind) }
        // The other track goes along.
        let other: MediaKind = kind == .audio ? .video : .audio
        if flags & 0x20 != 0 { present(UInt32(truncatingIfNeeded: input.number(bytes: 4)), other) }
        if flags & 0x40 != 0 {
            let ntp = input.number(bytes: 8)
            let reported = flags & 0x01 == 0 ? kind : other
            timeline.senderReport(
                kind: reported, ntp: ntp, rtpTimestamp: timestamp &+ UInt32(input.byte()), arrival: arrival)
        }
        if flags & 0x80 != 0 { timeline.reset(kind: kind) }
    }

    private mutating func present(_ timestamp: UInt32, _ kind: MediaKind) {
        let time = timeline.presentationTime(of: kind, timestamp: timestamp, arrival: arrival)
        if let last = last[kind] {
            require(time >= last + (kind == .audio ? 1 : 1000), "\(kind) goes back from \(last) to \(time)")
        }
        require(time >= 0, "before the session")
        last[kind] = time
    }
}

/// The entry point.
@_cdecl("fuzz_depacketizers_main")
public func start(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    runFuzzer(count, arguments) { fuzzDepacketizers($0, $1) }
}
