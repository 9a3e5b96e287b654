import AsyncHTTPClient
import NIOCore

/// An HTTP answer.
public struct FetchedResponse: Sendable, Equatable {
    /// The status code.
    public var status: Int
    /// The whole body.
    public var body: [UInt8]

    /// Of its parts.
    public init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

/// What an HTTP client has to do here.
public protocol HTTPFetching: Sendable {
    /// Throws when no answer came in time, or when it is larger than `limit` bytes.
    func fetch(
        _ method: String, _ url: String, headers: [(String, String)], timeout: Duration, limit: Int
    ) async throws -> FetchedResponse
}

extension HTTPClient: HTTPFetching {
    /// Redirects are as the client is configured; the answer is held in memory, `limit` bytes at most.
    public func fetch(
        _ method: String, _ url: String, headers: [(String, String)], timeout: Duration, limit: Int
    ) async throws -> FetchedResponse {
        var request = HTTPClientRequest(url: url)
        request.method = .init(rawValue: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        let response = try await execute(request, timeout: TimeAmount(timeout))
        let body = try await response.body.collect(upTo: limit)
        return FetchedResponse(status: Int(response.status.code), body: Array(body.readableBytesView))
    }
}

extension SRSClient {
    /// With the process's own HTTP client.
    public init(_ address: LiveSettings.SRSAddress) {
        self.init(address, http: HTTPClient.shared)
    }
}
