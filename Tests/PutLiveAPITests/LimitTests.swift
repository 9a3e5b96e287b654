import HTTPTypes
import NIOCore
import Testing

@testable import PutLiveAPI

struct RateLimiterTests {
    @Test func theBurstComesFirstAndThenTheRate() {
        var limiter = RateLimiter(requestsPerMinute: 60, burst: 3)
        for _ in 0..<3 { #expect(limiter.take("a", now: .zero) == nil) }
        #expect(limiter.take("a", now: .zero) == 1)
        #expect(limiter.take("a", now: .milliseconds(900)) == 1)
        #expect(limiter.take("a", now: .seconds(1)) == nil)
        #expect(limiter.take("a", now: .seconds(1)) == 1)
        // A bucket never holds more than the burst.
        for _ in 0..<3 { #expect(limiter.take("a", now: .seconds(1000)) == nil) }
        #expect(limiter.take("a", now: .seconds(1000)) == 1)
    }

    @Test func theWaitIsTold() {
        var limiter = RateLimiter(requestsPerMinute: 2, burst: 1)
        #expect(limiter.take("a", now: .zero) == nil)
        #expect(limiter.take("a", now: .zero) == 30)
        #expect(limiter.take("a", now: .seconds(29)) == 1)
        #expect(limiter.take("a", now: .seconds(30)) == nil)
    }

    @Test func aFloodOfAddressesTakesBoundedMemory() {
        var limiter = RateLimiter(requestsPerMinute: 60, burst: 1)
        for number in 0..<5 * RateLimiter.generationSize { _ = limiter.take("\(number)", now: .zero) }
        #expect(limiter.count <= 2 * RateLimiter.generationSize)
    }

    @Test func whoComesOftenIsRememberedThroughAFlood() {
        var limiter = RateLimiter(requestsPerMinute: 1, burst: 1)
        _ = limiter.take("guilty", now: .zero)
        for number in 0..<4 * RateLimiter.generationSize {
            _ = limiter.take("\(number)", now: .zero)
            if number % 1000 == 0 { #expect(limiter.take("guilty", now: .zero) != nil) }
        }
    }
}

struct LoginThrottleTests {
    @Test func anAddressWaitsAfterItsFailures() {
        var throttle = LoginThrottle()
        for second in 0..<LoginThrottle.failuresPerAddress {
            #expect(throttle.wait(address: "a", account: "x\(second)", now: .seconds(second)) == nil)
            throttle.failed(address: "a", account: "x\(second)", now: .seconds(second))
        }
        #expect(throttle.wait(address: "a", account: "y", now: .seconds(10)) == 891)
        #expect(throttle.wait(address: "b", account: "y", now: .seconds(10)) == nil)
        // The first failure is forgotten.
        #expect(throttle.wait(address: "a", account: "y", now: .seconds(900)) == nil)
    }

    @Test func anAccountUnderAttackStaysOpenForThoseItKnows() {
        var throttle = LoginThrottle()
        throttle.succeeded(address: "home", account: "Admin", now: .zero)
        for number in 0..<LoginThrottle.failuresPerAccount {
            throttle.failed(address: "bot\(number)", account: "admin", now: .seconds(1))
        }
        #expect(throttle.wait(address: "stranger", account: "ADMIN", now: .seconds(2)) != nil)
        #expect(throttle.wait(address: "home", account: "admin", now: .seconds(2)) == nil)
    }

    @Test func aGoodLoginForgivesTheSlipsBefore() {
        var throttle = LoginThrottle()
        for _ in 1..<LoginThrottle.failuresPerAddress { throttle.failed(address: "a", account: "x", now: .zero) }
        throttle.succeeded(address: "a", account: "x", now: .zero)
        throttle.failed(address: "a", account: "x", now: .zero)
        #expect(throttle.wait(address: "a", account: "x", now: .zero) == nil)
    }

    @Test func aFloodTakesBoundedMemory() {
        var throttle = LoginThrottle()
        for number in 0..<3 * LoginThrottle.limit {
            throttle.failed(address: "a\(number)", account: "x\(number)", now: .milliseconds(number))
        }
        let fields = Mirror(reflecting: throttle).children.compactMap { ($0.value as? [String: [Duration]])?.count }
        #expect(fields.allSatisfy { $0 <= LoginThrottle.limit })
    }
}

struct ClientAddressTests {
    @Test(
        arguments: [
            ("203.0.113.7", nil, "203.0.113.7", false), ("127.0.0.1", nil, "127.0.0.1", true),
            ("::1", nil, "::1", true),
            ("127.0.0.1", "198.51.100.4", "198.51.100.4", false), ("::1", "2001:db8::1", "2001:db8::1", false),
            // Only this host's nginx is believed.
            ("203.0.113.7", "127.0.0.1", "203.0.113.7", false),
            // What nginx never sends: not loopback, and nobody else's address.
            ("127.0.0.1", "127.0.0.1, 10.0.0.1", "127.0.0.1", false), ("127.0.0.1", "", "127.0.0.1", false),
            ("127.0.0.1", "evil\u{7f}", "127.0.0.1", false),
        ] as [(String, String?, String, Bool)])
    func theHeaderIsBelievedFromThisHostAlone(peer: String, forwarded: String?, ip: String, isLoopback: Bool) {
        var headers = HTTPFields()
        if let forwarded { headers[.xForwardedFor] = forwarded }
        let address = ClientAddress(peer: try? SocketAddress(ipAddress: peer, port: 1), headers: headers)
        #expect(address.ip == ip)
        #expect(address.isLoopback == isLoopback)
    }

    @Test func anyForwardingFieldMakesItNoLoopbackRequest() {
        for name in [HTTPField.Name.forwarded, .xRealIP, .xForwardedProto] {
            let peer = try? SocketAddress(ipAddress: "127.0.0.1", port: 1)
            #expect(!ClientAddress(peer: peer, headers: [name: "x"]).isLoopback)
        }
    }

    @Test func ipv6CountsByTheNetwork() {
        func network(_ ip: String) -> String {
            ClientAddress(address: try? SocketAddress(ipAddress: ip, port: 0), isLoopback: false, isHTTPS: false)
                .network
        }
        #expect(network("2001:db8:1:2:3::4") == network("2001:db8:1:2:ffff::1"))
        #expect(network("2001:db8:1:2::4") != network("2001:db8:1:3::4"))
        #expect(network("::ffff:192.0.2.1") != network("::ffff:192.0.2.2"))
        #expect(network("192.0.2.1") == "192.0.2.1")
        #expect(network("::ffff:192.0.2.1") == "192.0.2.1")
    }
}

struct ByteRangeTests {
    @Test(
        arguments: [
            (nil, .whole), ("bytes=0-9", .part(0..<10)), ("bytes=5-", .part(5..<100)), ("bytes=-5", .part(95..<100)),
            ("bytes=-500", .part(0..<100)), ("bytes=90-500", .part(90..<100)), ("bytes=100-", .unsatisfiable),
            ("bytes=-0", .unsatisfiable), ("bytes=9-5", .whole), ("bytes=0-1,5-6", .whole), ("lines=0-1", .whole),
            ("bytes=a-b", .whole), ("bytes=", .whole), ("bytes=-", .whole), ("bytes=1", .whole), ("bytes=--1", .whole),
            ("bytes=0-9223372036854775807", .part(0..<100)), ("bytes=0-92233720368547758070", .whole),
        ] as [(String?, ByteRange)])
    func rangesAreReadAsTheRFCHasThem(field: String?, range: ByteRange) {
        #expect(ByteRange(field: field, size: 100) == range)
    }

    @Test func anEmptyFileHasNoPart() {
        #expect(ByteRange(field: "bytes=0-", size: 0) == .unsatisfiable)
        #expect(ByteRange(field: "bytes=-1", size: 0) == .unsatisfiable)
    }
}
