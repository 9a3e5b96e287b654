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
    private var throttle = LoginThrottle()

    private func attempt(_ address: String, _ account: String, site: String? = nil) -> LoginThrottle.Attempt {
        LoginThrottle.Attempt(address: address, site: site, account: account)
    }

    private mutating func fail(_ attempt: LoginThrottle.Attempt, at now: Duration = .zero) -> Int? {
        let wait = throttle.begin(attempt, now: now)
        if wait == nil { throttle.failed(attempt) }
        return wait
    }

    @Test mutating func anAddressWaitsAfterItsFailures() {
        for second in 0..<LoginThrottle.failuresPerAddress {
            #expect(fail(attempt("a", "x\(second)"), at: .seconds(second)) == nil)
        }
        #expect(throttle.begin(attempt("a", "y"), now: .seconds(10)) == 891)
        #expect(throttle.begin(attempt("b", "y"), now: .seconds(10)) == nil)
        // The first failure is forgotten.
        #expect(throttle.begin(attempt("a", "y"), now: .seconds(900)) == nil)
    }

    @Test mutating func attemptsCountFromTheirStart() {
        let guess = attempt("a", "admin")
        for _ in 0..<LoginThrottle.underWay { #expect(throttle.begin(guess, now: .zero) == nil) }
        #expect(throttle.begin(guess, now: .zero) == 1)
        throttle.withdrawn(guess)
        #expect(throttle.begin(guess, now: .zero) == nil)
        for _ in 0..<LoginThrottle.underWay { throttle.failed(guess) }
        #expect(throttle.begin(guess, now: .zero) == 901)
    }

    @Test mutating func anAccountUnderAttackStaysOpenForThoseItKnows() {
        let home = attempt("home", "Admin")
        _ = throttle.begin(home, now: .zero)
        throttle.succeeded(home, now: .zero)
        for number in 0..<LoginThrottle.failuresPerAccount {
            #expect(fail(attempt("bot\(number)", "admin"), at: .seconds(1)) == nil)
        }
        #expect(throttle.begin(attempt("stranger", "ADMIN"), now: .seconds(2)) != nil)
        #expect(throttle.begin(attempt("home", "admin"), now: .seconds(2)) == nil)
    }

    @Test mutating func aGoodLoginForgivesTheSlipsAgainstItsAccountAlone() {
        for _ in 1..<LoginThrottle.failuresPerAddress { _ = fail(attempt("a", "x")) }
        #expect(throttle.begin(attempt("a", "x"), now: .zero) == nil)
        throttle.succeeded(attempt("a", "x"), now: .zero)
        for _ in 1..<LoginThrottle.failuresPerAddress { #expect(fail(attempt("a", "victim")) == nil) }
        #expect(throttle.begin(attempt("a", "x"), now: .zero) == nil)
        throttle.succeeded(attempt("a", "x"), now: .zero)
        #expect(fail(attempt("a", "victim")) == nil)
        #expect(fail(attempt("a", "victim")) == 901)
    }

    @Test mutating func aSiteWaitsForAllOfItsNetworks() {
        for number in 0..<LoginThrottle.failuresPerSite {
            #expect(fail(attempt("net\(number)", "x\(number)", site: "site")) == nil)
        }
        #expect(throttle.begin(attempt("another", "y", site: "site"), now: .zero) == 901)
        #expect(throttle.begin(attempt("another", "y", site: "elsewhere"), now: .zero) == nil)
    }

    @Test mutating func strangersDontMakeItForgetTheNewestAddresses() {
        for number in 0..<LoginThrottle.limit {
            throttle.succeeded(attempt("a\(number)", "x"), now: .seconds(number))
        }
        throttle.succeeded(attempt("one more", "x"), now: .seconds(LoginThrottle.limit))
        let now = Duration.seconds(LoginThrottle.limit)
        for number in 0..<LoginThrottle.failuresPerAccount { _ = fail(attempt("bot\(number)", "x"), at: now) }
        #expect(throttle.begin(attempt("a\(LoginThrottle.limit - 1)", "x"), now: now) == nil)
        #expect(throttle.begin(attempt("a0", "x"), now: now) != nil)
    }

    @Test mutating func aFloodTakesBoundedMemory() {
        for number in 0..<3 * LoginThrottle.limit {
            _ = fail(attempt("a\(number)", "x\(number)", site: "s\(number)"), at: .milliseconds(number))
        }
        #expect(throttle.count <= LoginThrottle.limit)
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
        func site(_ ip: String) -> String? {
            ClientAddress(address: try? SocketAddress(ipAddress: ip, port: 0), isLoopback: false, isHTTPS: false).site
        }
        #expect(site("2001:db8:1:2::4") != nil && site("2001:db8:1:2::4") == site("2001:db8:1:ffff::4"))
        #expect(site("2001:db8:1:2::4") != site("2001:db8:2:2::4"))
        #expect(site("192.0.2.1") == nil && site("::ffff:192.0.2.1") == nil)
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
