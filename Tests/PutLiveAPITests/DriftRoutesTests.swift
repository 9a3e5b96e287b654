import Foundation
import HTTPTypes
import Testing

@testable import PutLiveAPI
@testable import PutLiveStore

@Suite struct DriftRoutesTests {
    @Test func aReportIsAnsweredWhole() async throws {
        let file = StatusFile()
        try file.write()
        let api = try await APIFixture(reconcile: file.status())
        let answer = try await api.send(.get, "/api/drift", token: api.token(.admin))
        let expected = """
            {"available":true,"reason":null,"report":{"certificate":{"names":["stream.example.com","localhost"],\
            "not_after":"2026-01-03T00:00:00Z",\
            "problem":"/etc/letsencrypt/live/stream.example.com/fullchain.pem isn't there","self_signed":true},\
            "consecutive_failures":2,"differences":[\
            {"cause":"edited","detail":"has another content","diff":"-a <b>\\n+c\\n","kind":"content",\
            "outcome":"report","subject":"/etc/nginx/nginx.conf"},\
            {"cause":"edited","detail":"is there","diff":null,"kind":"extra","outcome":"repair","subject":"/etc/x"},\
            {"cause":"stopped","detail":"isn't active","diff":null,"kind":"unit","outcome":"repair",\
            "subject":"x.timer"},\
            {"cause":"stopped","detail":"isn't enabled","diff":null,"kind":"unit","outcome":"repair",\
            "subject":"y.timer"},\
            {"cause":"config_changed","detail":"needs a restart","diff":null,"kind":"unit","outcome":"wait",\
            "subject":"srs.service"}],\
            "duration_seconds":1.25,"ended_at":"2026-01-01T00:00:00Z",\
            "failure":{"message":"nginx -t: no such file","stage":"native_checks"},"generation":7,\
            "generation_applied_at":"2025-12-31T23:50:00Z","last_success_at":"2025-12-31T23:59:00Z",\
            "notes":["prometheus isn't installed"],\
            "pending_restarts":[{"reason":"rtmp_port has changed","since":"2025-12-31T23:55:00Z",\
            "unit":"srs.service"}],\
            "repaired":[{"cause":"edited","detail":"has mode 0600","diff":null,"kind":"mode","outcome":"repair",\
            "subject":"/etc/y"}],\
            "result":"failed","started_at":"2025-12-31T23:59:59Z","tool_version":"3.1.0",\
            "units":[{"gave_up":true,"healthy":false,"name":"srs.service","restarts":5,"state":"failed"},\
            {"gave_up":false,"healthy":true,"name":"nginx.service","restarts":1,"state":"active"},\
            {"gave_up":false,"healthy":true,"name":"x.timer","restarts":2,"state":"active"},\
            {"gave_up":false,"healthy":true,"name":"y.timer","restarts":3,"state":"active"}]}}
            """
        #expect(answer.status == 200 && answer.text == expected)
    }

    @Test func whatIsNotThereIsNull() async throws {
        let file = StatusFile()
        var changes = StatusFile.inOrder
        for key in ["generationAppliedAt", "lastSuccessAt", "failure", "certificate"] { changes[key] = NSNull() }
        // Times that no clock shows, which must not end the agent.
        changes["startedAt"] = -1e300
        changes["endedAt"] = 1e300
        try file.write(changes)
        let api = try await APIFixture(reconcile: file.status())
        let answer = try await api.send(.get, "/api/drift", token: api.token(.admin))
        let report = try #require(answer.json["report"] as? [String: Any])
        for key in ["generation_applied_at", "last_success_at", "failure", "certificate"] {
            #expect(report[key] is NSNull, "\(key)")
        }
        #expect(report["started_at"] as? String == "1970-01-01T00:00:00Z")
        #expect(report["ended_at"] as? String == "9999-12-31T23:59:59Z")
    }

    @Test func withoutAReportTheReasonIsSaid() async throws {
        func answer(_ reconcile: ReconcileStatus?) async throws -> [String: Any] {
            let api = try await APIFixture(reconcile: reconcile)
            let answer = try await api.send(.get, "/api/drift", token: api.token(.admin))
            #expect(answer.status == 200)
            #expect(answer.json["available"] as? Bool == false && answer.json["report"] is NSNull)
            return answer.json
        }
        let file = StatusFile()
        #expect((try await answer(nil)["reason"] as? String)?.contains("role local") == true)
        #expect((try await answer(file.status())["reason"] as? String)?.contains("since the host started") == true)
        try file.write("{}")
        #expect((try await answer(file.status())["reason"] as? String)?.contains("isn't a report") == true)
    }

    @Test func onlyAdminsMayAsk() async throws {
        // Even where reading needs no login: it names what the host is made of.
        for requiresLogin in [true, false] {
            let api = try await APIFixture(requiresLogin: requiresLogin)
            #expect(try await api.send(.get, "/api/drift").status == 401)
            for role in [Role.viewer, .streamer] {
                #expect(try await api.send(.get, "/api/drift", token: api.token(role)).status == 403)
            }
            #expect(try await api.send(.post, "/api/drift", token: api.token(.admin)).status == 405)
        }
    }
}
