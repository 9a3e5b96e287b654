import HTTPTypes
import Hummingbird
import NIOCore
import PutLiveLive
import PutLiveStore
import PutLiveWebRTC

/// /whip: going on air by WHIP (RFC 9725), as OBS and others do.
enum WHIPRoutes {
    static let sdp = "application/sdp"
    private static let fragment = "application/trickle-ice-sdpfrag"
    private static let sessions = "/whip/session/"

    static func add(to routes: inout Routes, _ services: APIServices) {
        routes.onAtOnce(.options, "/whip/{id}") { _, context in
            _ = try services.webRTC()
            _ = try streamName(context)
            // Not 200, as RFC 9725 has it: there is no content, and GStreamer's whipsink takes no other status.
            return Response(status: .noContent, headers: [.allow: "OPTIONS, POST", .acceptPost: sdp])
        }
        routes.on(.post, "/whip/{id}") { request, context in
            try await offer(request, context, services.webRTC(), services)
        }
        routes.on(.patch, "/whip/session/{id}") { request, context in
            try await change(request, context, services.webRTC())
        }
        routes.on(.delete, "/whip/session/{id}") { _, context in
            let bridge = try services.webRTC()
            try await answering { () async throws(BridgeRefusal) in
                try await bridge.stop(id: context.parameter, ifOwned: owner(context, bridge))
            }
            return Response(status: .ok, headers: [.contentLength: "0"])
        }
    }

    private static func streamName(_ context: APIContext) throws -> StreamName {
        guard let stream = StreamName(context.parameter) else {
            throw Problem.notFound("A stream's name is 1 to 64 of a-z, 0-9 and -.")
        }
        return stream
    }

    /// RFC 9725, section 4.2.
    private static func offer(
        _ request: Request, _ context: APIContext, _ bridge: Bridge, _ services: APIServices
    ) async throws -> Response {
        let stream = try streamName(context)
        let text = try await body(request, mediaType: sdp)
        let right = try right(context, stream)
        let answer = try await answering { () async throws(BridgeRefusal) in
            try await bridge.offer(
                OfferRequest(
                    stream: stream, sdp: text, right: right, method: .whip, address: context.client.ip,
                    requestID: context.requestID))
        }
        var response = response(answer.sdp, mediaType: sdp, status: .created, entityTag: answer.entityTag)
        response.headers[.location] = sessions + answer.id
        for link in services.settings.webRTC?.links ?? [] {
            response.headers.append(HTTPField(name: .link, value: link))
        }
        return response
    }

    private static func right(_ context: APIContext, _ stream: StreamName) throws -> OfferRequest.Right {
        guard let key = context.streamKey else { return .login(userID: try context.account().user.id) }
        guard key.mayBe(for: stream) else { throw Problem.unauthorized("The stream key is for another stream.") }
        return .key(key.signed)
    }

    /// RFC 9725, section 4.3: candidates of the present ICE session, which an ICE-lite agent has no use for, or a new
    /// ICE session.
    private static func change(_ request: Request, _ context: APIContext, _ bridge: Bridge) async throws -> Response {
        let text = try await body(request, mediaType: fragment)
        guard let condition = request.headers[.ifMatch]?.trimmed else { throw Problem.preconditionRequired }
        let parsed: SDPFragment
        do throws(SDPError) {
            parsed = try SDPFragment(parsing: text)
        } catch {
            throw Problem.badRequest("\(error)")
        }
        // The drafts have shown it in quotes, too.
        if condition == "*" || condition == "\"*\"" {
            let restarted = try await answering { () async throws(BridgeRefusal) in
                try await bridge.restart(
                    id: context.parameter, fragment: parsed, ifOwned: owner(context, bridge))
            }
            return response(
                restarted.fragment.text, mediaType: fragment, status: .ok, entityTag: restarted.entityTag)
        }
        let present = try await answering { () async throws(BridgeRefusal) in
            try await bridge.entityTag(of: context.parameter, ifOwned: owner(context, bridge))
        }
        let tags = condition.split(separator: ",").map(\.trimmed)
        guard tags.contains("\"\(present)\"") else { throw Problem.preconditionFailed }
        return Response(status: .noContent)
    }

    private static func body(_ request: Request, mediaType: String) async throws -> String {
        let given = request.headers[.contentType].map { $0.prefix { $0 != ";" }.lowercased().trimmed } ?? ""
        guard given == mediaType else {
            var problem = Problem.unsupportedMediaType(mediaType)
            // RFC 5789, section 2.2, has the other one.
            problem.headers[mediaType == sdp ? .acceptPost : .acceptPatch] = mediaType
            throw problem
        }
        let bytes = try await JSON.collect(request, limit: JSON.bodyLimit)
        return String(buffer: bytes)
    }

    private static func response(
        _ text: String, mediaType: String, status: HTTPResponse.Status, entityTag: String
    ) -> Response {
        let bytes = ByteBuffer(string: text)
        return Response(
            status: status,
            headers: [
                .contentType: mediaType, .contentLength: String(bytes.readableBytes), .cacheControl: "no-store",
                .eTag: "\"\(entityTag)\"",
            ],
            body: ResponseBody(byteBuffer: bytes))
    }

    /// Whoever shows the same key, or logs in as the same user, or is an admin.
    private static func owner(_ context: APIContext, _ bridge: Bridge) -> Bridge.Owns {
        { publisher, stream in
            if let key = context.streamKey {
                return key.mayBe(for: stream) ? await bridge.isKey(key.signed, of: publisher, stream) : false
            }
            return context.signedIn.map { publisher.isOwned(by: $0.user) } ?? false
        }
    }

    private static func answering<Value>(
        _ body: () async throws(BridgeRefusal) -> Value
    ) async throws -> Value {
        do throws(BridgeRefusal) {
            return try await body()
        } catch {
            throw Problem(error, badKey: Problem.unauthorized)
        }
    }
}
