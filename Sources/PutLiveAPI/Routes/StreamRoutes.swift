import Hummingbird
import NIOCore
import PutLiveLive
import Synchronization

/// /api/stream/status and /api/streams: what is on air.
enum StreamRoutes {
    struct Status: Encodable {
        let active: Bool
        let stream_name: String
        @ExplicitNull var quality: String?
        let bitrate_kbps: Int
        let fps: Int
        @ExplicitNull var resolution: String?
        let viewers: Int
        let uptime_seconds: Int
        let bytes_sent: Int64
        let output_lost: Bool
        let no_picture: Bool

        init(_ status: StreamStatus) {
            active = status.active
            stream_name = status.streamName.text
            _quality = ExplicitNull(wrappedValue: status.quality)
            bitrate_kbps = status.bitrateKbps
            fps = status.fps
            _resolution = ExplicitNull(wrappedValue: status.resolution)
            viewers = status.viewers
            uptime_seconds = status.uptimeSeconds
            bytes_sent = status.bytesSent
            output_lost = status.isOutputLost
            no_picture = status.hasNoPicture
        }
    }

    private struct Details: Encodable {
        let details: StreamDetails

        private enum Key: String, CodingKey {
            case source, video_codec, audio_codec, peak_viewers, started_at, renditions
        }

        func encode(to encoder: any Encoder) throws {
            try Status(details.status).encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(details.source.rawValue, forKey: .source)
            try container.encode(details.videoCodec.rawValue, forKey: .video_codec)
            try container.encode(details.audioCodec.rawValue, forKey: .audio_codec)
            try container.encode(details.peakViewers, forKey: .peak_viewers)
            try container.encode(RFC3339.string(details.startedAt), forKey: .started_at)
            try container.encode(details.renditions, forKey: .renditions)
        }
    }

    private struct List: Encodable {
        let streams: [Details]
        let total: Int
        let limit: Int
    }

    /// The last answer, which many ask for: it is the same until a second passes or something happens.
    private final class LastAnswer: Sendable {
        private let last = Mutex<(status: StreamStatus, bytes: ByteBuffer)?>(nil)

        func bytes(for status: StreamStatus) -> ByteBuffer {
            last.withLock { last in
                if let last, last.status == status { return last.bytes }
                let bytes = JSON.bytes(Status(status))
                last = (status, bytes)
                return bytes
            }
        }
    }

    static func add(to routes: inout Routes, _ services: APIServices) {
        let last = LastAnswer()
        routes.onAtOnce(.get, "/api/stream/status") { request, _ in
            guard request.uri.query != nil, let text = request.uri.queryParameters["stream"] else {
                return .json(bytes: last.bytes(for: services.live.status()))
            }
            guard let name = StreamName(String(text)) else {
                throw Problem.invalid([.init(field: "stream", message: "must be a stream's name")])
            }
            return .json(Status(services.live.status(of: name)))
        }
        routes.onAtOnce(.get, "/api/streams") { _, _ in
            let (streams, limit) = services.live.streams()
            return .json(List(streams: streams.map(Details.init), total: streams.count, limit: limit))
        }
    }
}
