import Logging

/// What this host is known as outside, where its own addresses are private.
///
/// On EC2 the metadata service tells (IMDSv2: a token first, then the question). It is asked for each session, for an
/// Elastic IP may come later than the agent; who can't answer within a second isn't EC2.
struct PublicAddress: Sendable {
    private let configured: String?
    private let http: (any HTTPFetching)?
    private let service: String
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
        return await withTaskGroup(of: String?.self) { group in
            group.addTask { await Self.ask(service, http) }
            group.addTask {
                try? await Task.sleep(for: Self.limit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    private static func ask(_ service: String, _ http: any HTTPFetching) async -> String? {
        func text(_ method: String, _ path: String, _ headers: [(String, String)]) async -> String? {
            let answer = try? await http.fetch(
                method, service + path, headers: headers, timeout: limit, limit: 1024)
            guard let answer, answer.status == 200 else { return nil }
            return String(decoding: answer.body, as: UTF8.self)
        }
        guard
            let token = await text("PUT", "/latest/api/token", [("X-aws-ec2-metadata-token-ttl-seconds", "60")]),
            // What isn't a token would be a forged header field.
            token.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return nil }
        let address = await text("GET", "/latest/meta-data/public-ipv4", [("X-aws-ec2-metadata-token", token)])
        return address.flatMap { isIPv4($0) ? $0 : nil }
    }

    private static func isIPv4(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { $0.utf8.count <= 3 && UInt8($0) != nil }
    }
}
