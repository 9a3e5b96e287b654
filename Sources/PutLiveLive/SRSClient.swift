#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Why SRS's API gave no answer that can be used.
public struct SRSFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, and where.
    public var description: String
}

/// SRS's HTTP API. Paths end in a slash: without it SRS 6 answers with a redirect.
public struct SRSClient: Sendable {
    private let address: LiveSettings.SRSAddress
    private let http: any HTTPFetching
    private static let timeout = Duration.seconds(2)
    private static let limit = 4 << 20
    /// SRS lists ten unless it is asked for more.
    private static let all = "?start=0&count=2000"

    /// It uses the client given, and doesn't end it.
    public init(_ address: LiveSettings.SRSAddress, http: any HTTPFetching) {
        self.address = address
        self.http = http
    }

    /// Everything that is polled. Its parts aren't of one moment.
    public func poll() async throws(SRSFailure) -> SRSPoll {
        let streams: StreamList = try await get("streams/" + Self.all)
        let clients: ClientList = try await get("clients/" + Self.all)
        let summary: Summaries = try await get("summaries")
        return SRSPoll(summary: summary.data.`self`, streams: streams.streams, clients: clients.clients)
    }

    /// The version of SRS.
    public func version() async throws(SRSFailure) -> String {
        let versions: Versions = try await get("versions")
        return versions.data.version
    }

    /// The streams that people publish now, without those of the ladder.
    public func activeStreams() async throws(SRSFailure) -> Set<StreamName> {
        let list: StreamList = try await get("streams/" + Self.all)
        return Set(list.streams.filter(\.publish.active).compactMap(\.published))
    }

    /// Ends a connection. One that isn't there any more is no error.
    public func kick(_ clientID: String) async throws(SRSFailure) {
        let answer: Answer = try await request("DELETE", "clients/" + clientID)
        // 2049: there is no such client.
        guard answer.code == 0 || answer.code == 2049 else {
            throw SRSFailure(description: "SRS doesn't end the connection \(clientID): code \(answer.code)")
        }
    }

    private func get<Body: Decodable>(_ path: String) async throws(SRSFailure) -> Body {
        try await request("GET", path)
    }

    private func request<Body: Decodable>(_ method: String, _ path: String) async throws(SRSFailure) -> Body {
        let url = "http://\(address.host):\(address.port)/api/v1/\(path)"
        let response: FetchedResponse
        do {
            response = try await http.fetch(method, url, headers: [], timeout: Self.timeout, limit: Self.limit)
        } catch {
            throw SRSFailure(description: "\(url) doesn't answer: \(error)")
        }
        guard response.status == 200 else {
            throw SRSFailure(description: "\(url) answers \(response.status)")
        }
        do {
            return try JSONDecoder().decode(Body.self, from: Data(response.body))
        } catch {
            throw SRSFailure(description: "\(url) answers something else than SRS 6 does: \(error)")
        }
    }

    private struct Answer: Decodable { var code: Int }
    private struct StreamList: Decodable { var streams: [SRSStream] }
    private struct ClientList: Decodable { var clients: [SRSConnection] }
    private struct Versions: Decodable {
        struct Version: Decodable { var version: String }
        var data: Version
    }
    private struct Summaries: Decodable {
        struct Parts: Decodable { var `self`: SRSSummary }
        var data: Parts
    }
}
