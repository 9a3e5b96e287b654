import HTTPTypes
import PutLiveLive
import PutLiveStore
import Testing

@testable import PutLiveAPI

/// WHIP as RFC 9725 has it.
struct WHIPRoutesTests {
    private let fragment = """
        a=ice-ufrag:newer
        a=ice-pwd:a-password-that-is-new-and-long
        m=video 9 RTP/AVP 0
        a=mid:0

        """

    private func house() async throws -> APIFixture {
        try await APIFixture(webRTC: .test)
    }

    private func publish(
        _ api: APIFixture, _ stream: String = "show", token: String? = APIFixture.streamKey, sdp: String? = nil,
        type: String = "application/sdp"
    ) async throws -> APIFixture.Answer {
        try await api.send(
            .post, "/whip/\(stream)", token: token, text: sdp ?? offer(), headers: [.contentType: type])
    }

    private func change(
        _ api: APIFixture, _ path: String, match: String? = nil, text: String? = nil,
        type: String = "application/trickle-ice-sdpfrag", token: String? = APIFixture.streamKey
    ) async throws -> APIFixture.Answer {
        var headers: HTTPFields = [.contentType: type]
        headers[.ifMatch] = match
        return try await api.send(.patch, path, token: token, text: text ?? fragment, headers: headers)
    }

    @Test func aStreamKeyGoesOnAirAndOff() async throws {
        let api = try await house()
        let answer = try await publish(api)
        #expect(answer.status == 201 && answer.headers[.contentType] == "application/sdp")
        #expect(answer.text.hasPrefix("v=0") && answer.headers[.eTag] == "\"ours1\"")
        #expect(
            answer.headers[values: .link] == [
                "<stun:stun.example.com>; rel=\"ice-server\"",
                "<turn:turn.example.com>; rel=\"ice-server\"; username=\"me\"; credential=\"a\\\"b\"; "
                    + "credential-type=\"password\"",
            ])
        let location = try #require(answer.headers[.location])
        #expect(location.hasPrefix("/whip/session/"))
        #expect(api.live.broadcasts().values.map(\.publisher) == [.key(id: "key_1", userID: "usr_1")])
        #expect(try await api.send(.delete, location).status == 401)
        #expect(try await api.send(.delete, location, token: APIFixture.streamKey).status == 200)
        #expect(api.live.broadcasts().isEmpty)
        #expect(try await api.send(.delete, location, token: APIFixture.streamKey).status == 404)
    }

    @Test func aShowMayOutlastItsKey() async throws {
        let api = try await house()
        let location = try #require(try await publish(api).headers[.location])
        api.clock.advance(by: APIFixture.lifetimeOfStreamKey)
        // It begins nothing any more.
        #expect(try await publish(api).status == 401)
        #expect(try await publish(api, "other").status == 401)
        #expect(try await change(api, location, match: "\"ours1\"").status == 204)
        #expect(try await change(api, location, match: "*").status == 200)
        #expect(try await api.send(.delete, location, token: APIFixture.streamKey).status == 200)
        #expect(api.live.broadcasts().isEmpty)
    }

    /// The dashboard has people copy `<name>?key=<signed>`, for OBS's RTMP.
    @Test(arguments: ["show?key=", "?key="])
    func aStreamKeyMayBePastedAsItIs(prefix: String) async throws {
        let api = try await house()
        let token = prefix + APIFixture.streamKey
        let location = try #require(try await publish(api, token: token).headers[.location])
        let other = "other?key=" + APIFixture.streamKey
        #expect(try await api.send(.delete, location, token: other).status == 403)
        let refused = try await publish(api, "two", token: other)
        #expect(refused.status == 401 && refused.headers[.wwwAuthenticate] == "Bearer")
        for text in ["show?secret=", "Show?key=", "show?", "show?key=x&key="] {
            #expect(try await publish(api, token: text + APIFixture.streamKey).status == 401)
        }
        #expect(try await change(api, location, match: "*", token: token).status == 200)
        #expect(try await api.send(.delete, location, token: token).status == 200)
    }

    @Test func whoMayNotIsToldWhy() async throws {
        let api = try await house()
        #expect(try await publish(api, token: nil).status == 401)
        #expect(try await publish(api, token: "no.such.token").status == 401)
        let wrong = String(repeating: "c", count: 16) + "-" + String(repeating: "d", count: 32)
        let unknown = try await publish(api, token: wrong)
        #expect(unknown.status == 401 && unknown.headers[.wwwAuthenticate] == "Bearer")
        #expect(try await publish(api, token: api.token(.viewer)).status == 403)
        #expect(try await publish(api, token: api.token(.streamer)).status == 201)
        #expect(try await publish(api).status == 409)
        #expect(try await publish(api, "Not_A_Name").status == 404)
        for stream in ["two", "three"] { #expect(try await publish(api, stream).status == 201) }
        let full = try await publish(api, "four")
        #expect(full.status == 503 && full.headers[.retryAfter] != nil)
        #expect(api.peers.count == 3)
    }

    @Test func whatIsNoOfferIsRefusedInWords() async throws {
        let api = try await house()
        let type = try await publish(api, type: "application/json")
        #expect(type.status == 415 && type.headers[.acceptPost] == "application/sdp")
        #expect(try await publish(api, sdp: "hello").status == 400)
        let codec = try await publish(api, sdp: offer(codec: "AV1"))
        #expect(codec.status == 406 && codec.problem == "not-acceptable")
        #expect(api.live.broadcasts().isEmpty && api.peers.count == 0)
    }

    @Test func optionsTellWhatTheEndpointTakes() async throws {
        let api = try await house()
        let answer = try await api.send(.options, "/whip/show")
        #expect(answer.status == 204 && answer.body.isEmpty)
        #expect(answer.headers[.allow] == "OPTIONS, POST" && answer.headers[.acceptPost] == "application/sdp")
        // ICE servers' credentials are for those who may go on air.
        #expect(answer.headers[values: .link].isEmpty)
        #expect(try await api.send(.options, "/whip/Not_A_Name").status == 404)
        let refused = try await api.send(.put, "/whip/show")
        #expect(refused.status == 405 && refused.headers[.allow] == "OPTIONS, POST")
        #expect(try await APIFixture().send(.options, "/whip/show").status == 404)
    }

    @Test func iceRestartsByPatch() async throws {
        let api = try await house()
        let location = try #require(try await publish(api).headers[.location])
        #expect(try await change(api, location).status == 428)
        #expect(try await change(api, location, match: "\"other\"").status == 412)
        #expect(try await change(api, location, match: "\"ours1\"").status == 204)
        let type = try await change(api, location, match: "*", type: "text/plain")
        #expect(type.status == 415 && type.headers[.acceptPatch] == "application/trickle-ice-sdpfrag")
        #expect(try await change(api, location, match: "*", text: "hello").status == 400)
        #expect(try await change(api, location, match: "*", token: api.token(.streamer)).status == 403)
        #expect(try await change(api, location, match: "\"other\", \"ours1\"").status == 204)
        let restarted = try await change(api, location, match: "*")
        #expect(restarted.status == 200 && restarted.headers[.eTag] == "\"ours2\"")
        #expect(restarted.headers[.contentType] == "application/trickle-ice-sdpfrag")
        #expect(restarted.text.contains("a=ice-ufrag:ours2"))
        #expect(try await change(api, location, match: "\"ours1\"").status == 412)
        #expect(try await change(api, "/whip/session/none", match: "*").status == 404)
        // An admin may end everybody's.
        #expect(try await api.send(.delete, location, token: api.token(.admin)).status == 200)
    }

    @Test func whereItIsOffThereIsNothing() async throws {
        let api = try await APIFixture()
        #expect(try await publish(api).status == 404)
        let admin = try await api.token(.admin)
        #expect(try await api.send(.get, "/api/webrtc/config", token: admin).status == 404)
        #expect(try await api.send(.post, "/api/webrtc/offer", token: admin, json: "{}").status == 404)
    }
}

extension WebRTCSettings {
    static let test = WebRTCSettings(
        iceServers: [
            ICEServer(urls: ["stun:stun.example.com"]),
            ICEServer(urls: ["turn:turn.example.com"], username: "me", credential: "a\"b"),
        ],
        defaultQuality: "480p", maxBitrateKilobits: 2500, segmentSeconds: 2,
        presets: [
            Preset(name: "480p", width: 854, height: 480, fps: 30, videoKilobits: 1200, audioKilobits: 96)
        ])
}
