import Hummingbird
import NIOCore
import PutLiveLive

/// /api/srs: what SRS asks and tells. It takes 200 with `{"code":0}` for yes and anything else for no.
enum HookRoutes {
    private struct Verdict: Encodable {
        let code: Int
    }

    static func add(to routes: inout Routes, _ services: APIServices) {
        for action in SRSHook.Action.allCases {
            let name = action.rawValue
            routes.on(.post, "/api/srs/\(name)") { request, context in
                let body = try await JSON.collect(request, limit: SRSHook.limit)
                let answer = await services.hooks.handle(
                    name, body: Array(body.readableBytesView), requestID: context.requestID)
                return answer == .allow
                    ? .json(Verdict(code: 0)) : .json(Verdict(code: 403), status: .forbidden)
            }
        }
    }
}
