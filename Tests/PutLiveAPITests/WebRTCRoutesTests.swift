import Foundation
import HTTPTypes
import PutLiveLive
import PutLiveStore
import Testing

@testable import PutLiveAPI

struct WebRTCRoutesTests {
    private func body(
        _ sdp: String = offer(), key: String = "show", type: String = "offer", id: String? = nil
    ) -> String {
        var object = ["sdp": sdp, "type": type, "stream_key": key]
        object["broadcaster_id"] = id
        let data = try? JSONSerialization.data(withJSONObject: object)
        return data.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    @Test func thePageIsToldWhatItNeeds() async throws {
        let api = try await APIFixture(webRTC: .test)
        let config = try await api.send(.get, "/api/webrtc/config", token: api.token(.streamer)).json
        #expect(config["default_quality"] as? String == "480p" && config["max_bitrate_kbps"] as? Int == 2500)
        let servers = try #require(config["ice_servers"] as? [[String: Any]])
        #expect(servers.count == 2 && servers[0]["username"] == nil && servers[1]["credential"] as? String == "a\"b")
        #expect((config["presets"] as? [[String: Any]])?.first?["video_kbps"] as? Int == 1200)
        #expect(try await api.send(.get, "/api/webrtc/config", token: api.token(.viewer)).status == 403)
    }

    @Test func aProbeIsForThoseWhoMayGoOnAir() async throws {
        let api = try await APIFixture(webRTC: .test)
        let token = try await api.token(.streamer)
        let probe = try await api.send(.get, "/api/webrtc/probe", token: token)
        #expect(probe.status == 200 && probe.headers[.cacheControl] == "no-store")
        #expect(probe.json["ice_ufrag"] as? String == "probe" && probe.json["udp_port"] as? Int == 8000)
        #expect(probe.json["ice_pwd"] as? String == "a-password-of-the-probe")
        #expect(probe.json["candidates"] as? [String] == ["1 1 udp 2130706431 192.0.2.1 8000 typ host"])
        #expect(api.peers.count == 0 && api.live.broadcasts().isEmpty)
        #expect(try await api.send(.get, "/api/webrtc/probe").status == 401)
        #expect(try await api.send(.get, "/api/webrtc/probe", token: api.token(.viewer)).status == 403)
        api.peers.refusal.withLock { $0 = .noAddress }
        let nowhere = try await api.send(.get, "/api/webrtc/probe", token: token)
        #expect(nowhere.status == 503 && nowhere.headers[.retryAfter] == "30")
        let off = try await APIFixture()
        #expect(try await off.send(.get, "/api/webrtc/probe", token: off.token(.streamer)).status == 404)
    }

    @Test func aLoginGoesOnAirAndOff() async throws {
        let api = try await APIFixture(webRTC: .test)
        let token = try await api.token(.streamer)
        let answer = try await api.send(.post, "/api/webrtc/offer", token: token, json: body())
        #expect(answer.status == 200 && answer.json["type"] as? String == "answer")
        let id = try #require(answer.json["broadcaster_id"] as? String)
        #expect(api.live.broadcasts().keys.map(\.text) == ["show"])
        let again = try await api.send(.post, "/api/webrtc/offer", token: token, json: body(offer("newer"), id: id))
        #expect(again.status == 200 && again.json["broadcaster_id"] as? String == id)
        #expect(
            try await api.send(.post, "/api/webrtc/offer", token: token, json: body(offer("more"), key: "b", id: id))
                .status == 403)
        #expect(
            try await api.send(.post, "/api/webrtc/offer", token: token, json: body(id: "gone")).status == 404)
        let admin = try await api.token(.admin)
        #expect(try await api.send(.post, "/api/webrtc/offer", token: admin, json: body()).status == 409)
        let stop = #"{"broadcaster_id":"\#(id)"}"#
        #expect(
            try await api.send(.post, "/api/webrtc/stop", token: token, json: stop).text
                == #"{"message":"Broadcast stopped"}"#)
        #expect(try await api.send(.post, "/api/webrtc/stop", token: token, json: stop).status == 404)
        #expect(api.live.broadcasts().isEmpty)
    }

    @Test func somebodyElsesIsSomebodyElses() async throws {
        let api = try await APIFixture(webRTC: .test)
        let answer = try await api.send(.post, "/api/webrtc/offer", token: api.token(.admin), json: body())
        let id = try #require(answer.json["broadcaster_id"] as? String)
        let stop = #"{"broadcaster_id":"\#(id)"}"#
        #expect(try await api.send(.post, "/api/webrtc/stop", token: api.token(.streamer), json: stop).status == 403)
        #expect(try await api.send(.post, "/api/webrtc/stop", token: api.token(.admin), json: stop).status == 200)
    }

    @Test func whoIsDisabledIsOffAir() async throws {
        let api = try await APIFixture(webRTC: .test)
        let streamer = try await api.token(.streamer)
        #expect(try await api.send(.post, "/api/webrtc/offer", token: streamer, json: body()).status == 200)
        let me = try await api.send(.get, "/api/auth/me", token: streamer).json["user"] as? [String: Any]
        let id = try #require(me?["id"] as? String)
        let admin = try await api.token(.admin)
        let disabled = try await api.send(.patch, "/api/users/\(id)", token: admin, json: #"{"disabled":true}"#)
        #expect(disabled.status == 200 && api.peers.count == 0)
    }

    @Test func aStreamKeyCountsBesideALogin() async throws {
        let api = try await APIFixture(webRTC: .test)
        let token = try await api.token(.streamer)
        let good = try await api.send(.post, "/api/webrtc/offer", token: token, json: body(key: "show?key=good"))
        #expect(good.status == 200)
        #expect(api.live.broadcasts().values.map(\.publisher) == [.key(id: "key_1", userID: "usr_1")])
        let bad = try await api.send(.post, "/api/webrtc/offer", token: token, json: body(key: "tv?key=bad"))
        #expect(bad.status == 403)
        let secret = try await api.send(.post, "/api/webrtc/offer", token: token, json: body(key: "tv?secret=x"))
        #expect(secret.status == 403)
    }

    /// A key may be somebody else's, given to this account to go live with.
    @Test func whoShowsTheKeyOfABroadcastMovesAndEndsIt() async throws {
        let api = try await APIFixture(webRTC: .test)
        let token = try await api.token(.streamer)
        let key = "show?key=good"
        let begun = try await api.send(.post, "/api/webrtc/offer", token: token, json: body(key: key))
        let id = try #require(begun.json["broadcaster_id"] as? String)
        func restart(_ key: String) async throws -> Int {
            let json = body(offer("newer"), key: key, id: id)
            return try await api.send(.post, "/api/webrtc/offer", token: token, json: json).status
        }
        #expect(try await restart("show") == 403)
        #expect(try await restart("show?key=bad") == 403)
        #expect(try await restart(key) == 200)
        func stop(_ rest: String) async throws -> Int {
            let json = #"{"broadcaster_id":"\#(id)"\#(rest)}"#
            return try await api.send(.post, "/api/webrtc/stop", token: token, json: json).status
        }
        #expect(try await stop("") == 403)
        #expect(try await stop(#","stream_key":"tv?key=good""#) == 403)
        #expect(try await stop(#","stream_key":"show?key=bad""#) == 403)
        #expect(try await stop(#","stream_key":"\#(key)""#) == 200)
    }

    @Test func whatIsWrongIsTold() async throws {
        let api = try await APIFixture(webRTC: .test)
        let token = try await api.token(.streamer)
        func status(_ json: String) async throws -> Int {
            try await api.send(.post, "/api/webrtc/offer", token: token, json: json).status
        }
        #expect(try await status(body("test")) == 400)
        #expect(try await status(body(offer(codec: "AV1"))) == 406)
        #expect(try await status(body(type: "answer")) == 422)
        #expect(try await status(body(key: "No Name")) == 422)
        #expect(try await status("{}") == 400)
        #expect(try await api.send(.post, "/api/webrtc/offer", json: body()).status == 401)
    }
}
