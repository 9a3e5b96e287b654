import PutLiveMedia
import PutLiveWebRTC
import Synchronization

/// A browser that is on air, or about to be.
final class BridgedStream: Sendable {
    private struct State {
        var pipeline: (any MediaTaking)?
        var facts: StreamFacts
        var bytes = RateMeter()
        var frames = RateMeter()
        var picture = PictureWatch()
        var isConnected = false
        var isOver = false
        var waiting: OfferRequest?
        var ending: Ending?
    }

    /// Why it ends, and whether viewers are left waiting for it.
    struct Ending: Sendable, Equatable {
        var reason: EndReason
        var mayResume: Bool
    }

    let id: String
    let stream: StreamName
    let publisher: Publisher
    let method: PublishProtocol
    let tracks: [NegotiatedTrack]
    let answeredAt: UnixMilliseconds
    private let state: Mutex<State>

    /// `waiting` is the offer of one that takes a broadcast over once it has connected; nil if it is on air at once.
    init(
        id: String, stream: StreamName, publisher: Publisher, method: PublishProtocol, tracks: [NegotiatedTrack],
        answeredAt: UnixMilliseconds, waiting: OfferRequest?
    ) {
        self.id = id
        self.stream = stream
        self.publisher = publisher
        self.method = method
        self.tracks = tracks
        self.answeredAt = answeredAt
        let video = tracks.videoCodec
        state = Mutex(
            State(
                facts: StreamFacts(
                    videoCodec: video == .h264 ? .h264 : video == .vp8 ? .vp8 : .none,
                    audioCodec: tracks.contains { $0.kind == .audio } ? .opus : .none),
                waiting: waiting))
    }

    var needsEncoder: Bool { state.withLock { $0.facts.videoCodec == .vp8 } }

    var isConnected: Bool { state.withLock { $0.isConnected } }

    var isOver: Bool { state.withLock { $0.isOver } }

    var pipeline: (any MediaTaking)? { state.withLock { $0.pipeline } }

    /// False if it has ended meanwhile: then nobody would end the pipeline.
    func set(_ pipeline: any MediaTaking) -> Bool {
        state.withLock { state in
            guard state.ending == nil else { return false }
            state.pipeline = pipeline
            return true
        }
    }

    func set(width: Int, height: Int) {
        state.withLock { state in
            state.facts.width = width
            state.facts.height = height
        }
    }

    /// Whether an output takes what it is given. A recording is nobody's way to watch.
    func set(_ output: OutputKind, isLost: Bool) {
        guard output != .recording else { return }
        state.withLock { $0.facts.isOutputLost = isLost }
    }

    /// Its offer, while another one goes on in its place.
    var waiting: OfferRequest? { state.withLock { $0.waiting } }

    /// It has the name now.
    func waitsNoMore() { state.withLock { $0.waiting = nil } }

    /// True the first time.
    func connected() -> Bool {
        state.withLock { state in
            defer { state.isConnected = true }
            return !state.isConnected
        }
    }

    /// Why it ends: the first who says so knows.
    @discardableResult
    func ending(_ reason: EndReason, mayResume: Bool? = nil) -> Ending {
        state.withLock { state in
            let first = state.ending ?? Ending(reason: reason, mayResume: mayResume ?? (reason != .stopped))
            state.ending = first
            return first
        }
    }

    /// Whether it ever connected; nil if its end was taken note of before.
    func over() -> Bool? {
        state.withLock { state in
            defer { state.isOver = true }
            return state.isOver ? nil : state.isConnected
        }
    }

    /// What is known of it now, the bytes that came since the last time, and what its picture was just found to lack.
    func take(
        _ measured: PeerStatistics, now: UnixMilliseconds
    ) -> (facts: StreamFacts, receivedBytes: Int64, missing: PictureWatch.Missing?) {
        let media = measured.media
        return state.withLock { state in
            let received = state.bytes.record(Int64(media.video.payloadBytes + media.audio.payloadBytes), at: now)
            _ = state.frames.record(Int64(media.video.frames), at: now)
            state.facts.bytesPerSecond = state.bytes.rate(at: now)
            state.facts.framesPerSecond = state.frames.rate(at: now)
            let missing = state.picture.look(at: media.video, now: now)
            state.facts.hasNoPicture = state.picture.missing != nil
            return (state.facts, received, missing)
        }
    }
}

extension [NegotiatedTrack] {
    /// Of the first track with a picture; nil without one.
    var videoCodec: PayloadCodec? { first { $0.kind == .video }?.payloads.first?.codec }
}
