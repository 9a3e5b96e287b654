import HTTPTypes
import JWTKit
import Testing

@testable import PutLiveAPI
@testable import PutLiveStore

struct AuthRoutesTests {
    @Test func loginGivesTheSpecsAnswer() async throws {
        let api = try await APIFixture()
        let answer = try await api.send(
            .post, "/api/auth/login", json: #"{"username":"Admin","password":"\#(APIFixture.password)"}"#)
        #expect(answer.status == 200)
        #expect(answer.json["expires_in"] as? Int == 86400)
        let user = try #require(answer.json["user"] as? [String: Any])
        #expect(user["username"] as? String == "admin" && user["role"] as? String == "admin" && user["id"] != nil)
        let me = try await api.send(.get, "/api/auth/me", token: answer.json["token"] as? String)
        #expect(me.status == 200)
        #expect(me.json["expires_at"] as? String == "2026-01-02T00:00:00Z")
    }

    @Test(arguments: [
        #"{"username":"admin","password":"wrong wrong"}"#, #"{"username":"nobody","password":"wrong wrong"}"#,
    ])
    func aWrongNameAndAWrongPasswordGetTheSameAnswer(body: String) async throws {
        let api = try await APIFixture()
        let answer = try await api.send(.post, "/api/auth/login", json: body)
        #expect(answer.status == 401)
        #expect(answer.problem == "invalid-credentials")
        #expect(answer.json["detail"] as? String == "Check the name and the password.")
    }

    @Test(arguments: ["", "{", "[]", #"{"username":"admin"}"#, #"{"username":1,"password":"x"}"#])
    func whatIsNoLoginIsABadRequest(body: String) async throws {
        let answer = try await APIFixture().send(.post, "/api/auth/login", json: body)
        #expect(answer.status == 400)
        #expect(answer.problem == "invalid-json")
        #expect(answer.headers[.contentType] == "application/problem+json")
    }

    @Test func anotherMediaTypeIsRefused() async throws {
        let answer = try await APIFixture().send(
            .post, "/api/auth/login", json: "{}", headers: [.contentType: "text/plain"])
        #expect(answer.status == 415)
    }

    @Test func aBodyOverTheLimitIsRefused() async throws {
        let answer = try await APIFixture().send(
            .post, "/api/auth/login", json: String(repeating: " ", count: JSON.bodyLimit + 1))
        #expect(answer.status == 413)
    }

    @Test func logoutRevokesTheTokenAlone() async throws {
        let api = try await APIFixture()
        let (first, second) = (try await api.token(.viewer), try await api.token(.viewer))
        let answer = try await api.send(.post, "/api/auth/logout", token: first)
        #expect(answer.text == #"{"message":"Logged out successfully"}"#)
        #expect(try await api.send(.get, "/api/auth/me", token: first).status == 401)
        #expect(try await api.send(.get, "/api/auth/me", token: second).status == 200)
    }

    @Test func refreshReplacesTheToken() async throws {
        let api = try await APIFixture()
        let old = try await api.token(.viewer)
        api.clock.advance(by: 3600)
        let answer = try await api.send(.post, "/api/auth/refresh", token: old)
        #expect(answer.status == 200)
        let new = try #require(answer.json["token"] as? String)
        #expect(try await api.send(.get, "/api/auth/me", token: old).status == 401)
        let me = try await api.send(.get, "/api/auth/me", token: new)
        #expect(me.json["expires_at"] as? String == "2026-01-02T01:00:00Z")
    }

    @Test func aTokenExpires() async throws {
        let api = try await APIFixture()
        let token = try await api.token(.viewer)
        api.clock.advance(by: 86399)
        #expect(try await api.send(.get, "/api/auth/me", token: token).status == 200)
        api.clock.advance(by: 1)
        let answer = try await api.send(.get, "/api/auth/me", token: token)
        #expect(answer.status == 401)
        #expect(answer.headers[.wwwAuthenticate] == "Bearer")
    }

    @Test func tokensOfOthersDontCount() async throws {
        let api = try await APIFixture()
        let good = try await api.token(.admin)
        let id = try #require(try await api.store.users.find(username: "admin")).id
        let session = Session(id: "forged", userID: id, issuedAt: start, expiresAt: start + 3600)
        let forged = try await Tokens(key: Array("another key, which nobody here has".utf8)).sign(session)
        let parts = good.split(separator: ".").map(String.init)
        let tampered = [
            forged, good + "x", String(good.dropLast()), parts[0] + "." + parts[1] + ".",
            "eyJhbGciOiJub25lIn0." + parts[1] + ".",
            "", ".", "..", String(repeating: "a", count: 4000),
        ]
        for token in tampered {
            #expect(try await api.send(.get, "/api/auth/me", token: token).status == 401, "\(token.prefix(40))")
        }
        let basic = try await api.send(.get, "/api/auth/me", headers: [.authorization: "Basic YTpi"])
        #expect(basic.status == 401)
    }

    @Test func aNewPasswordEndsTheOtherSessions() async throws {
        let api = try await APIFixture()
        let (mine, other) = (try await api.token(.viewer), try await api.token(.viewer))
        let wrong = try await api.send(
            .post, "/api/auth/password", token: mine,
            json: #"{"current_password":"wrong wrong","new_password":"another good one"}"#)
        #expect(wrong.status == 401)
        let short = try await api.send(
            .post, "/api/auth/password", token: mine,
            json: #"{"current_password":"\#(APIFixture.password)","new_password":"short"}"#)
        #expect(short.status == 422)
        let done = try await api.send(
            .post, "/api/auth/password", token: mine,
            json: #"{"current_password":"\#(APIFixture.password)","new_password":"another good one"}"#)
        #expect(done.status == 200)
        #expect(try await api.send(.get, "/api/auth/me", token: mine).status == 200)
        #expect(try await api.send(.get, "/api/auth/me", token: other).status == 401)
    }

    @Test func guessingIsSlowedDown() async throws {
        let api = try await APIFixture()
        let wrong = #"{"username":"admin","password":"wrong wrong"}"#
        for _ in 0..<LoginThrottle.failuresPerAddress {
            #expect(try await api.send(.post, "/api/auth/login", json: wrong).status == 401)
        }
        let answer = try await api.send(.post, "/api/auth/login", json: wrong)
        #expect(answer.status == 429)
        #expect((Int(answer.headers[.retryAfter] ?? "") ?? 0) > 0)
    }

    /// What a refresh, or a login, looked up before it waited for its token is old by then.
    @Test func aDemotedAdminIsNone() async throws {
        let api = try await APIFixture()
        let second = try await api.store.users.add(username: "second", role: .admin, passwordHash: "x", now: start)
        let session = Session(id: "s", userID: second.id, issuedAt: start, expiresAt: start + 3600)
        try await api.store.sessions.add(session, now: start)
        let services = api.server.services
        services.accounts.put(second)
        try await api.store.users.update(second.id, role: .viewer, keeping: "s", now: start)
        let ticket = try await services.logins.refresh(SignedIn(user: second, session: session))
        #expect(ticket.user.role == .viewer)
        #expect(services.accounts.user(second.id)?.role == .viewer)
        #expect(try await api.send(.get, "/api/users", token: ticket.token).status == 403)
    }

    @Test func anotherChangeMeanwhileIsNewer() {
        let accounts = Accounts()
        let old = User(id: "u", username: "u", role: .admin, createdAt: start)
        var new = old
        new.role = .viewer
        accounts.put(old)
        accounts.put(new)
        accounts.put(old, insteadOf: old)
        #expect(accounts.user("u")?.role == .viewer)
    }

    @Test func whatIsRevokedWhileAccountsAreReadStaysRevoked() {
        let accounts = Accounts()
        let user = User(id: "u", username: "u", role: .viewer, createdAt: start)
        let session = Session(id: "s", userID: "u", issuedAt: start, expiresAt: start + 10)
        accounts.revoke([Revocation(id: "s", expiresAt: start + 10)], now: start)
        accounts.replace(users: [user], revocations: Revocations(notBefore: 0, tokens: []), now: start)
        #expect(accounts.admit("t", session, now: start) == .failure(.revoked))
    }

    @Test func whatIsVoidForItsAgeStaysVoid() {
        let accounts = Accounts()
        let user = User(id: "u", username: "u", role: .viewer, createdAt: start)
        accounts.void(Voided(before: start + 1, tokens: ["s"]), of: "u")
        accounts.replace(users: [user], revocations: Revocations(notBefore: 0, tokens: []), now: start)
        let old = Session(id: "s", userID: "u", issuedAt: start, expiresAt: start + 10)
        #expect(accounts.admit("t", old, now: start) == .failure(.revoked))
        let new = Session(id: "n", userID: "u", issuedAt: start + 1, expiresAt: start + 10)
        #expect((try? accounts.admit("n", new, now: start + 1).get()) != nil)
    }

    @Test func aBodyThatIsAListIsToldSo() async throws {
        let answer = try await APIFixture().send(.post, "/api/auth/login", json: "[]")
        #expect(answer.json["detail"] as? String == "The body has to be an object.")
    }

    @Test func whatAnotherProcessChangedCountsOnceItIsRead() async throws {
        let api = try await APIFixture()
        let token = try await api.token(.streamer)
        let id = try #require(try await api.store.users.find(username: "streamer")).id
        try await api.store.users.update(id, disabled: true, now: start)
        try await api.server.refreshAccounts()
        #expect(try await api.send(.get, "/api/auth/me", token: token).status == 401)
        let login = try await api.send(
            .post, "/api/auth/login", json: #"{"username":"streamer","password":"\#(APIFixture.password)"}"#)
        #expect(login.status == 403)
    }
}
