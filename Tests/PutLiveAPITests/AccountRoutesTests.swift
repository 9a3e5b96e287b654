import Foundation
import HTTPTypes
import PutLiveStore
import Testing

@testable import PutLiveAPI

struct AccountRoutesTests {
    @Test func anAdminMakesChangesAndDeletesUsers() async throws {
        let api = try await APIFixture()
        let admin = try await api.token(.admin)
        let made = try await api.send(
            .post, "/api/users", token: admin, json: #"{"username":"Anna","password":"long enough","role":"streamer"}"#)
        #expect(made.status == 201)
        #expect(made.json["last_login_at"] is NSNull)
        let id = try #require(made.json["id"] as? String)
        let list = try await api.send(.get, "/api/users", token: admin)
        #expect(list.json["total"] as? Int == 4)
        let changed = try await api.send(
            .patch, "/api/users/\(id)", token: admin, json: #"{"role":"viewer","disabled":true}"#)
        #expect(changed.json["role"] as? String == "viewer" && changed.json["disabled"] as? Bool == true)
        #expect(try await api.send(.delete, "/api/users/\(id)", token: admin).text == #"{"message":"User deleted"}"#)
        #expect(try await api.send(.get, "/api/users/\(id)", token: admin).status == 404)
    }

    @Test func eventsNameAccountsToAdminsAlone() async throws {
        let api = try await APIFixture(requiresLogin: false)
        for kind in ["login", "user_changed", "key_created", "stream_started"] {
            try await api.store.events.add(Event(time: start, kind: kind, stream: nil, detail: "x"))
        }
        let viewer = try await api.token(.viewer)
        for token in [nil, viewer] {
            let answer = try await api.send(.get, "/api/analytics/events", token: token)
            #expect(answer.json["total"] as? Int == 1)
            #expect((answer.json["events"] as? [[String: Any]])?.map { $0["kind"] as? String } == ["stream_started"])
        }
        let answer = try await api.send(.get, "/api/analytics/events", token: api.token(.admin))
        #expect(answer.json["total"] as? Int == 4)
    }

    @Test func reportsComeOneByOne() async throws {
        let line = ReportLine()
        let (gate, opening) = AsyncStream.makeStream(of: Void.self)
        let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await line.run {
                    beginning.finish()
                    for await _ in gate {}
                }
            }
            for await _ in begun {}
            for _ in 0..<ReportLine.limit { group.addTask { try await line.run {} } }
            while await line.count < ReportLine.limit { await Task.yield() }
            await #expect(throws: Problem.self) { try await line.run {} }
            opening.finish()
            try await group.waitForAll()
        }
        #expect(try await line.run { 1 } == 1)
    }

    @Test func everythingThatIsWrongIsToldAtOnce() async throws {
        let api = try await APIFixture()
        let answer = try await api.send(
            .post, "/api/users", token: api.token(.admin), json: #"{"username":"a b","password":"short","role":"king"}"#
        )
        #expect(answer.status == 422)
        let errors = try #require(answer.json["errors"] as? [[String: String]])
        #expect(errors.compactMap { $0["field"] } == ["username", "password", "role"])
    }

    @Test func aNameIsTakenInWhateverCase() async throws {
        let api = try await APIFixture()
        let answer = try await api.send(
            .post, "/api/users", token: api.token(.admin),
            json: #"{"username":"VIEWER","password":"long enough","role":"viewer"}"#)
        #expect(answer.status == 409)
    }

    @Test(arguments: [#"{"role":"viewer"}"#, #"{"disabled":true}"#])
    func theLastAdminStays(change: String) async throws {
        let api = try await APIFixture()
        let admin = try await api.token(.admin)
        let id = try #require(try await api.store.users.find(username: "admin")).id
        #expect(try await api.send(.patch, "/api/users/\(id)", token: admin, json: change).status == 409)
        #expect(try await api.send(.delete, "/api/users/\(id)", token: admin).status == 409)
        #expect(try await api.send(.get, "/api/auth/me", token: admin).status == 200)
    }

    @Test func aChangedUsersTokensEnd() async throws {
        let api = try await APIFixture()
        let (admin, streamer) = (try await api.token(.admin), try await api.token(.streamer))
        let id = try #require(try await api.store.users.find(username: "streamer")).id
        _ = try await api.send(.patch, "/api/users/\(id)", token: admin, json: #"{"disabled":true}"#)
        #expect(try await api.send(.get, "/api/auth/me", token: streamer).status == 401)
    }

    @Test func aKeyIsShownToItsOwnerAndToAdminsAlone() async throws {
        let api = try await APIFixture()
        let (admin, streamer) = (try await api.token(.admin), try await api.token(.streamer))
        let made = try await api.send(.post, "/api/keys", token: streamer, json: #"{"stream":"show","label":"OBS"}"#)
        #expect(made.status == 201)
        let id = try #require(made.json["id"] as? String)
        let text = try #require(made.json["stream_key"] as? String)
        #expect(text.hasPrefix("show?key="))
        #expect(made.json["rtmp_server"] as? String == "rtmp://localhost/live")
        #expect(try await api.send(.get, "/api/keys/\(id)", token: admin).json["stream_key"] as? String == text)
        let admins = try await api.send(.post, "/api/keys", token: admin, json: #"{"stream":"news"}"#)
        let hidden = try #require(admins.json["id"] as? String)
        #expect(try await api.send(.get, "/api/keys/\(hidden)", token: streamer).status == 404)
        #expect(try await api.send(.delete, "/api/keys/\(hidden)", token: streamer).status == 404)
        let list = try await api.send(.get, "/api/keys", token: streamer)
        #expect(list.json["total"] as? Int == 1)
        #expect(!list.text.contains("?key="))
        _ = try await api.send(.delete, "/api/keys/\(id)", token: streamer)
        let revoked = try await api.send(.get, "/api/keys/\(id)", token: streamer)
        #expect(revoked.json["status"] as? String == "revoked")
        #expect(revoked.json["stream_key"] == nil)
    }

    @Test(arguments: [
        (#"{"stream":"A B"}"#, "stream"), (#"{"stream":"ok","label":"a\nb"}"#, "label"),
        (#"{"stream":"ok","expires_at":"2020-01-01T00:00:00Z"}"#, "expires_at"),
        (#"{"stream":"ok","expires_at":"soon"}"#, "expires_at"), (#"{"stream":"ok","user_id":"usr_other"}"#, "user_id"),
    ])
    func aKeysValuesAreChecked(body: String, field: String) async throws {
        let api = try await APIFixture()
        let answer = try await api.send(.post, "/api/keys", token: api.token(.streamer), json: body)
        #expect(answer.status == 422)
        #expect((answer.json["errors"] as? [[String: String]])?.first?["field"] == field)
    }

    @Test func aStreamThatAnotherHoldsIsRefusedToAStreamer() async throws {
        let api = try await APIFixture()
        _ = try await api.send(.post, "/api/keys", token: api.token(.admin), json: #"{"stream":"news"}"#)
        let answer = try await api.send(.post, "/api/keys", token: api.token(.streamer), json: #"{"stream":"news"}"#)
        #expect(answer.status == 409)
    }
}
