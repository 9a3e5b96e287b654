import Hummingbird
import PutLiveLive
import PutLiveStore
import PutLiveWebRTC

/// /api/webrtc: what the broadcast page goes on air with.
enum WebRTCRoutes {
    private struct Offer: Decodable {
        let sdp: String
        let type: String
        let stream_key: String
        let broadcaster_id: String?
    }

    private struct Answer: Encodable {
        let sdp: String
        let type = "answer"
        let broadcaster_id: String

        private enum CodingKeys: String, CodingKey { case sdp, type, broadcaster_id }
    }

    private struct Stop: Decodable {
        let broadcaster_id: String
        let stream_key: String?
    }

    private struct Config: Encodable {
        struct ICEServer: Encodable {
            let urls: [String]
            let username: String?
            let credential: String?
        }

        struct Preset: Encodable {
            let name: String
            let width: Int
            let height: Int
            let fps: Int
            let video_kbps: Int
            let audio_kbps: Int
        }

        let enabled: Bool
        let ice_servers: [ICEServer]
        let default_quality: String
        let max_bitrate_kbps: Int
        let segment_seconds: Double
        let presets: [Preset]

        init(_ settings: WebRTCSettings) {
            enabled = true
            ice_servers = settings.iceServers.map {
                ICEServer(urls: $0.urls, username: $0.username, credential: $0.credential)
            }
            default_quality = settings.defaultQuality
            max_bitrate_kbps = settings.maxBitrateKilobits
            segment_seconds = settings.segmentSeconds
            presets = settings.presets.map {
                Preset(
                    name: $0.name, width: $0.width, height: $0.height, fps: $0.fps, video_kbps: $0.videoKilobits,
                    audio_kbps: $0.audioKilobits)
            }
        }
    }

    private struct Probe: Encodable {
        let ice_ufrag: String
        let ice_pwd: String
        let candidates: [String]
        let udp_port: Int

        init(_ probe: PeerProbe) {
            ice_ufrag = probe.credentials.usernameFragment
            ice_pwd = probe.credentials.password
            candidates = probe.candidates
            udp_port = probe.udpPort
        }
    }

    static func add(to routes: inout Routes, _ services: APIServices) {
        routes.onAtOnce(.get, "/api/webrtc/config") { _, _ in
            guard let settings = services.settings.webRTC else { throw Problem.noWebRTC }
            return .json(Config(settings))
        }
        routes.on(.get, "/api/webrtc/probe") { _, _ in
            let bridge = try services.webRTC()
            do throws(BridgeRefusal) {
                return .json(Probe(try await bridge.probe()))
            } catch {
                throw Problem(error, badKey: Problem.forbidden)
            }
        }
        routes.on(.post, "/api/webrtc/offer") { request, context in
            let bridge = try services.webRTC()
            let offer = try await JSON.decode(Offer.self, from: request)
            do {
                let answer = try await answer(offer, bridge, context)
                return .json(Answer(sdp: answer.sdp, broadcaster_id: answer.id))
            } catch let refusal as BridgeRefusal {
                throw Problem(refusal, badKey: Problem.forbidden)
            }
        }
        routes.on(.post, "/api/webrtc/stop") { request, context in
            let bridge = try services.webRTC()
            let stop = try await JSON.decode(Stop.self, from: request)
            let user = try context.account().user
            let key = stop.stream_key.flatMap { PublishToken.parse(streamKey: $0) }
            do throws(BridgeRefusal) {
                try await bridge.stop(id: stop.broadcaster_id) { publisher, stream in
                    await owns(publisher, stream, user, key, bridge)
                }
            } catch {
                throw Problem(error, badKey: Problem.forbidden)
            }
            return .json(Message(message: "Broadcast stopped"))
        }
    }

    private static func answer(
        _ offer: Offer, _ bridge: Bridge, _ context: APIContext
    ) async throws -> BridgeAnswer {
        var fields = Fields()
        fields.require(offer.type == "offer", "type", "must be \"offer\"")
        let key = fields.value(
            PublishToken.parse(streamKey: offer.stream_key), "stream_key",
            "a stream's name, 1 to 64 of a-z, 0-9 and -, or a whole stream key, <name>?key=…")
        try fields.check()
        guard let key, key.token.secret == nil else { throw Problem.forbidden("This isn't a stream key of this host.") }
        let user = try context.account().user
        if let id = offer.broadcaster_id {
            return try await bridge.restart(id: id, offer: offer.sdp) { publisher, stream in
                guard stream == key.stream else { return false }
                return await owns(publisher, stream, user, key, bridge)
            }
        }
        return try await bridge.offer(
            OfferRequest(
                stream: key.stream, sdp: offer.sdp, right: key.token.key.map { .key($0) } ?? .login(userID: user.id),
                method: .offer, address: context.client.ip, requestID: context.requestID))
    }

    /// A broadcast is its account's to move and to end, and that of who shows the stream key that it began with: whoever
    /// goes live with a key from somebody else has nothing but it.
    private static func owns(
        _ publisher: Publisher, _ stream: StreamName, _ user: User, _ key: (stream: StreamName, token: PublishToken)?,
        _ bridge: Bridge
    ) async -> Bool {
        if publisher.isOwned(by: user) { return true }
        guard let key, key.stream == stream, let signed = key.token.key else { return false }
        return await bridge.isKey(signed, of: publisher, stream)
    }
}

extension Publisher {
    /// Whether `user` may end or change what this one publishes.
    func isOwned(by user: User) -> Bool {
        switch self {
        case .key(_, let userID), .login(let userID): userID == user.id || user.role == .admin
        case .agent, .unknown: user.role == .admin
        }
    }
}

extension APIServices {
    /// What takes browsers' broadcasts.
    ///
    /// - Throws: `Problem` 404 if the config has it off.
    func webRTC() throws -> Bridge {
        guard let bridge else { throw Problem.noWebRTC }
        return bridge
    }
}
