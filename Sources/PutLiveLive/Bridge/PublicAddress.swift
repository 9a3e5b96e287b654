import Synchronization

/// What this host is known as outside, where its own addresses are private.
///
/// On EC2 the metadata service tells (IMDSv2: a token first, then the question). It is asked for each session, for an
/// Elastic IP may come later than the agent; who can't answer within a second isn't EC2, or is busy: then the last answer
/// counts.
final class PublicAddress: Sendable {
    private struct Silence: Error {}

    private let configured: String?
    private let http: (any HTTPFetching)?
    private let service: String
    private let last = Mutex<String?>(nil)
    private static let limit = Duration.seconds(1)

    /// - Parameters:
    ///   - configured: `server.public_ip`, where it is an address.
    ///   - http: Asks EC2; nil for no asking.
    init(configured: String?, http: (any HTTPFetching)?, service: String = "http://169.254.169.254") {
        self.configured = configured
        self.http = http
        self.service = service
    }

    /// Nil where nothing but the interfaces is known.
    func find() async -> String? {
        if let configured { return configured }
        guard let http else { return nil }
        let service = service
        do {
            let found = try await withThrowingTaskGroup(of: String?.self) { group in
                group.addTask { try await Self.ask(service, http) }
                group.addTask {
                    try await Task.sleep(for: Self.limit)
                    throw Silence()
                }
                defer { group.cancelAll() }
                return try await group.next() ?? nil
            }
            last.withLock { $0 = found }
            return found
        } catch {
            return last.withLock { $0 }
        }
    }

    /// Nil if EC2 says that there is none; what is no answer of EC2's is thrown.
    private static func ask(_ service: String, _ http: any HTTPFetching) async throws -> String? {
        func fetch(_ method: String, _ path: String, _ header: (String, String)) async throws -> FetchedResponse {
            try await http.fetch(method, service + path, headers: [header], timeout: limit, limit: 1024)
        }
        let token = try await fetch("PUT", "/latest/api/token", ("X-aws-ec2-metadata-token-ttl-seconds", "60"))
        // What isn't a token would be a forged header field.
        guard token.status == 200, token.body.allSatisfy({ (0x21...0x7e).contains($0) }) else { throw Silence() }
        let answer = try await fetch(
            "GET", "/latest/meta-data/public-ipv4",
            ("X-aws-ec2-metadata-token", String(decoding: token.body, as: UTF8.self)))
        if answer.status == 404 { return nil }
        let address = String(decoding: answer.body, as: UTF8.self)
        guard answer.status == 200, isIPv4(address) else { throw Silence() }
        return address
    }

    private static func isIPv4(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { $0.utf8.count <= 3 && UInt8($0) != nil }
    }
}
