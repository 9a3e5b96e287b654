import Foundation
import HTTPTypes
import Testing

@testable import PutLiveAPI

struct GateTests {
    @Test func everyAnswerCarriesTheSecurityFields() async throws {
        let api = try await APIFixture()
        for path in ["/", "/api/health", "/api/nothing", "/nothing", "/live/none.m3u8"] {
            let answer = try await api.send(.get, path)
            let isData = path.hasPrefix("/api") || path.hasPrefix("/live")
            let policy = isData ? "default-src 'none'; frame-ancestors 'none'" : "default-src 'none'; script-src 'self'"
            #expect(answer.headers[.contentSecurityPolicy]?.hasPrefix(policy) == true, "\(path)")
            #expect(answer.headers[.xContentTypeOptions] == "nosniff")
            #expect(answer.headers[.xRequestID] != nil)
            #expect((answer.headers[.cacheControl] == "no-store") == (path != "/"))
        }
    }

    @Test func theSecurityPolicyIsTheOneThatNginxSends() throws {
        let template = URL(filePath: APIFixture.web).deletingLastPathComponent()
            .appending(path: "templates/etc/nginx/nginx.conf.mustache")
        let text = try String(contentsOf: template, encoding: .utf8)
        for field in SecurityHeaders.forPages {
            let value = field.value.contains(" ") ? "\"\(field.value)\"" : field.value
            #expect(text.contains("add_header \(field.name.rawName) \(value) always;"), "\(field.name)")
        }
    }

    @Test func whatIsntThereSaysSo() async throws {
        let api = try await APIFixture()
        let missing = try await api.send(.get, "/api/nothing")
        #expect(missing.status == 404)
        #expect(missing.problem == "not-found")
        #expect(missing.json["request_id"] != nil)
        let method = try await api.send(.put, "/api/users/one")
        #expect(method.status == 405)
        #expect(method.headers[.allow] == "DELETE, GET, HEAD, PATCH")
        #expect(try await api.send(.post, "/").status == 405)
        #expect(try await api.send(.post, "/api/video/upload").status == 404)
    }

    @Test(arguments: [
        "/../Package.swift", "/assets/../../Package.swift", "/%2e%2e/Package.swift", "/.hidden", "/assets//js/api.js",
        "/openapi.json", "/assets", "/assets/", "/live/../putlive.db", "/live/%2e%2e%2fputlive.db",
    ])
    func noPathLeadsOutOfThePages(path: String) async throws {
        #expect(try await APIFixture().send(.get, path).status == 404)
    }

    @Test func pagesAreServedWithTheirTypes() async throws {
        let api = try await APIFixture()
        let page = try await api.send(.get, "/")
        #expect(page.status == 200)
        #expect(page.headers[.contentType] == "text/html; charset=utf-8")
        let script = try await api.send(.get, "/assets/js/api.js")
        #expect(script.headers[.contentType] == "text/javascript; charset=utf-8")
        let tag = try #require(script.headers[.eTag])
        let again = try await api.send(.get, "/assets/js/api.js", headers: [.ifNoneMatch: tag])
        #expect(again.status == 304)
        #expect(again.body.isEmpty)
        let head = try await api.send(.head, "/assets/js/api.js")
        #expect(head.body.isEmpty)
        #expect(head.headers[.contentLength] == String(script.body.count))
    }

    @Test func whoMistypesAPageSeesOne() async throws {
        let api = try await APIFixture()
        let browser: HTTPFields = [.accept: "application/xhtml+xml, Text/HTML;q=0.9, */*;q=0.8", .range: "bytes=0-3"]
        for path in ["/nothing", "/nothing.html", "/assets/js/nothing.js", "/.hidden", "/livestream"] {
            let page = try await api.send(.get, path, headers: browser)
            #expect(page.status == 404)
            #expect(page.headers[.contentType] == "text/html; charset=utf-8", "\(path)")
            #expect(page.text.contains("There is no such page"))
            #expect(page.headers[.cacheControl] == "no-store")
            #expect(page.headers[.eTag] == nil)
            let head = try await api.send(.head, path, headers: browser)
            #expect(head.status == 404)
            #expect(head.headers[.contentLength] == String(page.body.count))
            #expect(head.body.isEmpty)
        }
        // A range of a page that is there, and what isn't for people.
        #expect(try await api.send(.get, "/", headers: browser).status == 206)
        for path in ["/api", "/api/nothing", "/live/none.m3u8", "/live", "/whip", "/whip/a/b/c"] {
            let answer = try await api.send(.get, path, headers: browser)
            #expect(answer.problem == "not-found", "\(path)")
        }
        for accept: HTTPFields in [[:], [.accept: "*/*"], [.accept: "application/json"], [.accept: "text/html-not"]] {
            let answer = try await api.send(.get, "/nothing.html", headers: accept)
            #expect(answer.problem == "not-found")
            #expect(answer.headers[.contentType] == "application/problem+json")
        }
        #expect(try await api.send(.post, "/nothing.html", headers: browser).problem == "method-not-allowed")
    }

    @Test func onlyListedOriginsMayCall() async throws {
        let api = try await APIFixture(
            policy: APIPolicy(rateLimit: nil, allowedOrigins: ["https://www.example.com"]))
        let listed = try await api.send(.get, "/api/health", headers: [.origin: "https://www.example.com"])
        #expect(listed.headers[.accessControlAllowOrigin] == "https://www.example.com")
        #expect(listed.headers[.vary] == "Origin")
        let other = try await api.send(.get, "/api/health", headers: [.origin: "https://evil.example"])
        #expect(other.status == 200)
        #expect(other.headers[.accessControlAllowOrigin] == nil)
        let asked: HTTPFields = [.origin: "https://www.example.com", .accessControlRequestMethod: "POST"]
        let preflight = try await api.send(.options, "/api/auth/login", headers: asked)
        #expect(preflight.status == 204)
        #expect(preflight.headers[.accessControlAllowHeaders] == "Authorization, Content-Type, If-Match")
        let refused: HTTPFields = [.origin: "https://evil.example", .accessControlRequestMethod: "POST"]
        #expect(try await api.send(.options, "/api/auth/login", headers: refused).status == 403)
    }

    @Test func theRateLimitIsByAddress() async throws {
        let api = try await APIFixture(policy: APIPolicy(rateLimit: .init(requestsPerMinute: 1, burst: 2)))
        for _ in 0..<2 { #expect(try await api.send(.get, "/api/nothing", peer: "203.0.113.7").status == 404) }
        let limited = try await api.send(.get, "/api/nothing", peer: "203.0.113.7")
        #expect(limited.status == 429)
        #expect((Int(limited.headers[.retryAfter] ?? "") ?? 0) > 0)
        #expect(try await api.send(.get, "/api/nothing", peer: "203.0.113.8").status == 404)
        #expect(try await api.send(.get, "/api/health", peer: "203.0.113.7").status == 200)
        #expect(try await api.send(.get, "/", peer: "203.0.113.7").status == 200)
        api.server.reload(APIPolicy(rateLimit: nil))
        #expect(try await api.send(.get, "/api/nothing", peer: "203.0.113.7").status == 404)
    }

    @Test func hstsComesWithATrustedCertificateAlone() async throws {
        let https: HTTPFields = [.xForwardedFor: "203.0.113.7", .xForwardedProto: "https"]
        func hsts(_ api: APIFixture, _ headers: HTTPFields) async throws -> String? {
            try await api.send(.get, "/api/health", headers: headers).headers[.strictTransportSecurity]
        }
        let file = StatusFile()
        let status = file.status()
        let api = try await APIFixture(
            policy: APIPolicy(rateLimit: nil, strictTransportSecurity: true), reconcile: status)
        #expect(try await hsts(api, https) == nil)
        let certificate: [String: Any] = [
            "isSelfSigned": false, "names": [], "notAfter": Double(start + 60), "problem": "",
        ]
        // The certificate changes while the agent runs.
        for (isSelfSigned, expected) in [(true, nil), (false, "max-age=31536000"), (true, nil)] {
            try file.write(["certificate": certificate.merging(["isSelfSigned": isSelfSigned]) { $1 }])
            _ = status.health(at: start)
            #expect(try await hsts(api, https) == expected)
            #expect(try await hsts(api, [:]) == nil)
        }
        try file.write(["certificate": certificate])
        _ = status.health(at: start)
        api.server.reload(APIPolicy(rateLimit: nil))
        #expect(try await hsts(api, https) == nil)
        api.server.reload(APIPolicy(rateLimit: nil, strictTransportSecurity: true))
        #expect(try await hsts(api, https) != nil)
        api.clock.advance(by: 60)
        #expect(try await hsts(api, https) == nil)
        let without = try await APIFixture(policy: APIPolicy(rateLimit: nil, strictTransportSecurity: true))
        #expect(try await hsts(without, https) == nil)
    }

    @Test func healthIsTheSpecsAnswer() async throws {
        let api = try await APIFixture()
        let answer = try await api.send(.get, "/health")
        #expect(answer.status == 200)
        #expect(answer.json["status"] as? String == "ok" && answer.json["version"] as? String == "3.1")
        #expect((answer.json["uptime_seconds"] as? Int ?? -1) >= 0)
        #expect(try await api.send(.head, "/api/health").body.isEmpty)
    }

    @Test func streamsAndAnalyticsHaveTheirShapesWhenNothingIsOnAir() async throws {
        let api = try await APIFixture()
        let token = try await api.token(.viewer)
        let status = try await api.send(.get, "/api/stream/status", token: token)
        #expect(
            status.text
                == #"{"active":false,"bitrate_kbps":0,"bytes_sent":0,"fps":0,"no_picture":false,"output_lost":false,"quality":null,"resolution":null,"stream_name":"stream","uptime_seconds":0,"viewers":0}"#
        )
        #expect(try await api.send(.get, "/api/stream/status?stream=A_B", token: token).status == 422)
        let streams = try await api.send(.get, "/api/streams", token: token)
        #expect(streams.text == #"{"limit":3,"streams":[],"total":0}"#)
        let analytics = try await api.send(.get, "/api/analytics", token: token)
        #expect(analytics.json["step_seconds"] as? Int == 300)
        #expect((analytics.json["points"] as? [Any])?.count ?? 0 <= 300)
        for query in ["from=now", "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "stream=A"] {
            #expect(try await api.send(.get, "/api/analytics?\(query)", token: token).status == 422, "\(query)")
        }
        #expect(try await api.send(.get, "/api/analytics/events?limit=0", token: token).status == 422)
    }

    @Test func playlistsAndSegmentsAreServedAsNginxServesThem() async throws {
        let api = try await APIFixture()
        let live = api.folder + "/hls/live/"
        try "#EXTM3U\n".write(toFile: live + "show.m3u8", atomically: false, encoding: .utf8)
        try Data((0..<1000).map { UInt8($0 % 251) }).write(to: URL(filePath: live + "show_src-1-2.ts"))
        try "x".write(toFile: live + "show.m3u8.tmp", atomically: false, encoding: .utf8)
        let playlist = try await api.send(.get, "/live/show.m3u8", headers: [.range: "bytes=0-1"])
        #expect(playlist.text == "#EXTM3U\n")
        #expect(playlist.headers[.contentType] == "application/vnd.apple.mpegurl")
        #expect(playlist.headers[.cacheControl] == "public, max-age=1")
        let part = try await api.send(.get, "/live/show_src-1-2.ts", headers: [.range: "bytes=10-19"])
        #expect(part.status == 206)
        #expect(part.body == Array(10..<20))
        #expect(part.headers[.contentRange] == "bytes 10-19/1000")
        #expect(part.headers[.cacheControl] == "public, max-age=86400, immutable")
        let beyond = try await api.send(.get, "/live/show_src-1-2.ts", headers: [.range: "bytes=1000-"])
        #expect(beyond.status == 416)
        #expect(beyond.headers[.contentRange] == "bytes */1000")
        #expect(try await api.send(.get, "/live/show.m3u8.tmp").status == 404)
        try FileManager.default.createSymbolicLink(atPath: live + "link.m3u8", withDestinationPath: "/etc/passwd")
        #expect(try await api.send(.get, "/live/link.m3u8").status == 404)
    }
}
