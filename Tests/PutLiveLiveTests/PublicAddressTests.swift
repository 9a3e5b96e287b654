import Synchronization
import Testing

@testable import PutLiveLive

@Suite struct PublicAddressTests {
    /// EC2's metadata service.
    private final class Metadata: HTTPFetching {
        struct Silence: Error {}

        let address: String
        let token: String?
        /// Of the answer to the second question.
        let status = Mutex(200)
        let asked = Mutex<[String]>([])

        init(_ address: String, token: String? = "t0ken==") {
            self.address = address
            self.token = token
        }

        func fetch(
            _ method: String, _ url: String, headers: [(String, String)], timeout: Duration, limit: Int
        ) async throws -> FetchedResponse {
            asked.withLock { $0.append("\(method) \(url) " + headers.map { "\($0): \($1)" }.joined()) }
            if method == "PUT" {
                guard let token else { throw Silence() }
                return FetchedResponse(status: 200, body: Array(token.utf8))
            }
            let isKnown = headers.contains { $0 == "X-aws-ec2-metadata-token" && $1 == token }
            return FetchedResponse(status: isKnown ? status.withLock { $0 } : 401, body: Array(address.utf8))
        }
    }

    @Test func theConfigDecides() async {
        let metadata = Metadata("203.0.113.5")
        #expect(await PublicAddress(configured: "198.51.100.1", http: metadata).find() == "198.51.100.1")
        #expect(metadata.asked.withLock { $0.isEmpty })
        #expect(await PublicAddress(configured: nil, http: nil).find() == nil)
    }

    @Test func ec2IsAskedWithAToken() async {
        let metadata = Metadata("203.0.113.5")
        #expect(await PublicAddress(configured: nil, http: metadata).find() == "203.0.113.5")
        #expect(
            metadata.asked.withLock { $0 } == [
                "PUT http://169.254.169.254/latest/api/token X-aws-ec2-metadata-token-ttl-seconds: 60",
                "GET http://169.254.169.254/latest/meta-data/public-ipv4 X-aws-ec2-metadata-token: t0ken==",
            ])
    }

    @Test(arguments: ["", "not found", "1.2.3", "1.2.3.400", "1.2.3.4.5", "1.2.3.-4", "0001.2.3.4"])
    func whatIsNoAddressIsNone(_ text: String) async {
        #expect(await PublicAddress(configured: nil, http: Metadata(text)).find() == nil)
    }

    @Test func theLastAnswerCountsUntilThereIsAnother() async {
        let metadata = Metadata("203.0.113.5")
        let address = PublicAddress(configured: nil, http: metadata)
        #expect(await address.find() == "203.0.113.5")
        metadata.status.withLock { $0 = 503 }
        #expect(await address.find() == "203.0.113.5")
        // Its Elastic IP was taken away.
        metadata.status.withLock { $0 = 404 }
        #expect(await address.find() == nil)
        metadata.status.withLock { $0 = 503 }
        #expect(await address.find() == nil)
    }

    @Test(arguments: [nil, "forged\r\nfield: x"])
    func withoutATokenNothingIsAsked(_ token: String?) async {
        let metadata = Metadata("203.0.113.5", token: token)
        #expect(await PublicAddress(configured: nil, http: metadata).find() == nil)
        #expect(metadata.asked.withLock { $0.count } == 1)
    }
}
