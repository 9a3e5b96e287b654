import Hummingbird
import NIOCore
import PutLiveStore

/// Health, the machine's gauges, metrics, and the API's own description.
enum HealthRoutes {
    static func add(to routes: inout Routes, _ services: APIServices) {
        for path in ["/api/health", "/health"] {
            routes.onAtOnce(.get, path) { _, _ in services.health.brief() }
        }
        routes.onAtOnce(.get, "/api/health/detailed") { _, _ in
            .json(services.health.detailed())
        }
        routes.onAtOnce(.get, "/api/system") { _, _ in
            .json(services.health.system())
        }
        routes.onAtOnce(.get, "/metrics") { request, _ in
            let format = ExpositionFormat.negotiated(accept: request.headers[.accept])
            return Response(
                status: .ok, headers: [.contentType: format.contentType, .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: services.metrics.scrape(format))))
        }
        routes.on(.get, "/api/openapi.json") { request, _ in
            try await services.files.respond(
                to: request, path: services.settings.webFolder + "/openapi.json",
                contentType: "application/json", cacheControl: "no-cache")
        }
    }
}
