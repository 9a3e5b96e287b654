import HTTPTypes
import PutLiveStore
import Testing

@testable import PutLiveAPI

/// Who may call what: every endpoint with every role and without one.
struct AccessTests {
    /// The statuses that say no.
    private static let refusals: Set<Int> = [401, 403]

    @Test func everyEndpointAdmitsWhomItShould() async throws {
        let api = try await APIFixture()
        var tokens: [Role: String] = [:]
        for role in Role.allCases { tokens[role] = try await api.token(role) }
        for endpoint in Endpoints.all
        where !endpoint.path.hasSuffix("/auth/logout") && !endpoint.path.hasSuffix("/auth/refresh") {
            let path = endpoint.path.replacing("{id}", with: "nobody")
            // Not from this host itself: that alone opens /metrics.
            let anonymous = try await api.send(endpoint.method, path, json: "{}", peer: "203.0.113.9")
            let isOpen = endpoint.access == .anyone
            #expect(Self.refusals.contains(anonymous.status) == !isOpen, "\(endpoint.method) \(path)")
            for (role, token) in tokens {
                let answer = try await api.send(endpoint.method, path, token: token, json: "{}", peer: "203.0.113.9")
                let isAdmitted = isOpen || endpoint.access.admits(role)
                #expect(
                    Self.refusals.contains(answer.status) == !isAdmitted, "\(endpoint.method) \(path) as \(role)")
            }
        }
    }

    @Test func readingNeedsNoLoginWhereTheConfigSaysSo() async throws {
        let api = try await APIFixture(requiresLogin: false)
        #expect(try await api.send(.get, "/api/stream/status").status == 200)
        #expect(try await api.send(.head, "/api/stream/status").status == 200)
        #expect(try await api.send(.get, "/api/auth/me").status == 401)
        #expect(try await api.send(.get, "/api/users").status == 401)
        #expect(try await api.send(.get, "/api/stream/status", token: "wrong").status == 401)
    }

    @Test func metricsAreForThisHostAndForAdmins() async throws {
        let api = try await APIFixture()
        #expect(try await api.send(.get, "/metrics").status == 200)
        let forwarded = try await api.send(.get, "/metrics", headers: [.xForwardedFor: "127.0.0.1"])
        #expect(forwarded.status == 401)
        let admin = try await api.send(.get, "/metrics", token: api.token(.admin), peer: "203.0.113.9")
        #expect(admin.status == 200)
        #expect(admin.text.contains("# TYPE putlive_http_requests_total counter"))
    }

    @Test func hooksAreForSRSOnThisHost() async throws {
        let api = try await APIFixture()
        let body = #"""
            {"action":"on_connect","client_id":"abc","ip":"203.0.113.7","vhost":"__defaultVhost__","app":"live"}
            """#
        let path = "/api/srs/on_connect?secret="
        let good = try await api.send(.post, path + APIFixture.hookSecret, json: body)
        #expect(good.status == 200)
        #expect(good.text == #"{"code":0}"#)
        #expect(try await api.send(.post, path + "wrong", json: body).status == 403)
        #expect(try await api.send(.post, "/api/srs/on_connect", json: body).status == 403)
        let forwarded = try await api.send(
            .post, path + APIFixture.hookSecret, json: body, headers: [.xForwardedFor: "127.0.0.1"])
        #expect(forwarded.status == 403)
        #expect(try await api.send(.post, path + APIFixture.hookSecret, json: body, peer: "203.0.113.9").status == 403)
        let malformed = try await api.send(.post, path + APIFixture.hookSecret, json: "{}")
        #expect(malformed.status == 403)
        #expect(malformed.text == #"{"code":403}"#)
    }

    @Test func everyEndpointIsDescribed() async throws {
        let answer = try await APIFixture().send(.get, "/api/openapi.json")
        let paths = try #require(answer.json["paths"] as? [String: [String: Any]])
        let described = paths.flatMap { path, methods in
            methods.keys.filter { $0 != "parameters" && $0 != "head" }.map { "\($0) \(path)" }
        }
        let existing = Endpoints.all.map { "\($0.method.rawValue.lowercased()) \($0.path)" }
        #expect(Set(described) == Set(existing))
    }
}
