import Testing

@testable import PutLiveHost

@Suite("Certificates are looked at as nginx would")
struct TLSCertificateTests {
    static let now = 1_800_000_000.0
    static let day = 86_400.0
    private let authority = TestAuthority()

    private func issue(_ names: String..., kind: TestAuthority.KeyKind = .p256) -> TestAuthority.Issued {
        authority.issue(names, from: Self.now - Self.day, to: Self.now + 90 * Self.day, kind: kind)
    }

    private func problem(_ chain: [UInt8], _ key: [UInt8]) -> String {
        do throws(CertificateProblem) {
            _ = try CertificateFile.examine(chain: chain, key: key, domain: "live.example.com")
            return ""
        } catch {
            return error.words
        }
    }

    @Test("one of an authority tells its names and dates")
    func facts() throws {
        let issued = issue("DNS:live.example.com", "DNS:*.example.org", "IP:192.0.2.7", "IP:2001:db8::7", "email:a@b.c")
        let facts = try CertificateFile.examine(chain: issued.chain, key: issued.key, domain: "live.example.com")
        #expect(
            facts
                == CertificateFacts(
                    names: ["live.example.com", "*.example.org", "192.0.2.7", "2001:db8::7"], coversDomain: true,
                    notBefore: Self.now - Self.day, notAfter: Self.now + 90 * Self.day, isSelfSigned: false))
    }

    @Test(
        "which domains it is for",
        arguments: [
            ("live.example.com", true), ("LIVE.example.com", true), ("a.example.org", true), ("192.0.2.7", true),
            ("2001:db8::7", true), ("example.com", false), ("a.b.example.org", false), ("192.0.2.8", false),
            ("Test", false),
            ("", false),
        ])
    func domains(domain: String, isCovered: Bool) throws {
        let issued = issue("DNS:live.example.com", "DNS:*.example.org", "IP:192.0.2.7", "IP:2001:db8::7")
        let facts = try CertificateFile.examine(chain: issued.chain, key: issued.key, domain: domain)
        #expect(facts.coversDomain == isCovered)
    }

    @Test("RSA of 2048 bits is fine, of 1024 bits OpenSSL refuses")
    func weak() {
        let good = issue("DNS:live.example.com", kind: .rsa(bits: 2048))
        #expect(problem(good.chain, good.key) == "")
        let weak = issue("DNS:live.example.com", kind: .rsa(bits: 1024))
        #expect(problem(weak.chain, weak.key) == "is refused by OpenSSL: ee key too small")
    }

    @Test("what can't be used is told")
    func problems() {
        let issued = issue("DNS:live.example.com")
        let other = issue("DNS:live.example.com")
        let mismatch = "doesn't belong to its key, or the host's own certificate isn't the first in it"
        #expect(problem(issued.chain, issued.key) == "")
        #expect(problem(issued.chain, other.key) == mismatch)
        #expect(problem([], issued.key) == "holds no certificate in PEM")
        #expect(problem(issued.key, issued.key) == "holds no certificate in PEM")
        #expect(problem(Array("hello".utf8), issued.key) == "holds no certificate in PEM")
        let noKey = "has a key that holds no private key in PEM, or is encrypted"
        #expect(problem(issued.chain, issued.chain) == noKey)
        #expect(problem(issued.chain, []) == noKey)
        #expect(problem(issued.chain, TestAuthority.encryptedKey()) == noKey)
        #expect(problem(Array(issued.chain.dropLast(60)), issued.key).hasPrefix("is damaged: "))
        let large = [UInt8](repeating: 10, count: CertificateFile.limit + 1)
        #expect(problem(large, issued.key) == "is too large")
        #expect(problem(issued.chain, large) == "is too large")
        let long = (0..<9).flatMap { _ in issued.chain }
        #expect(problem(long, issued.key) == "has more than 16 certificates")
    }

    @Test("texts around the PEM don't matter, the order does")
    func order() {
        let issued = issue("DNS:live.example.com")
        let other = authority.issue(
            ["DNS:live.example.com"], from: Self.now, to: Self.now + Self.day, withAuthority: false)
        #expect(problem(Array("subject=Test\n\n".utf8) + issued.chain + Array("\nbye\n".utf8), issued.key) == "")
        #expect(problem(other.chain + issued.chain, other.key) == "")
        #expect(problem(other.chain + issued.chain, issued.key) != "")
    }

    @Test("no damage can do more than be told", arguments: 0..<8)
    func damage(seed: Int) {
        var random = SplitMix(seed: UInt64(seed))
        let issued = issue("DNS:live.example.com", "IP:192.0.2.7")
        for _ in 0..<150 {
            var (chain, key) = (issued.chain, issued.key)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                chain[Int.random(in: 0..<chain.count, using: &random)] = .random(in: 0...255, using: &random)
                if Bool.random(using: &random) {
                    key[Int.random(in: 0..<key.count, using: &random)] = .random(in: 32...126, using: &random)
                }
            }
            _ = problem(chain, key)
            _ = problem(Array(chain.prefix(.random(in: 0...chain.count, using: &random))), issued.key)
        }
        // And nothing of it is left behind for the next.
        #expect(problem(issued.chain, issued.key) == "")
    }

    @Test("a self-signed one is for its names, and good for two years")
    func selfSigned() throws {
        let made = try SelfSigned.make(names: ["live.example.com", "localhost"], at: Self.now)
        let facts = try CertificateFile.examine(chain: made.chain, key: made.key, domain: "live.example.com")
        #expect(
            facts
                == CertificateFacts(
                    names: ["live.example.com", "localhost"], coversDomain: true, notBefore: Self.now - Self.day,
                    notAfter: Self.now + 800 * Self.day, isSelfSigned: true))
        // Apple's limit.
        #expect(facts.notAfter - facts.notBefore <= 825 * Self.day)
        #expect(String(decoding: made.key, as: UTF8.self).hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
    }

    @Test(
        "names may be addresses, long, or look like syntax",
        arguments: [
            "192.0.2.7", "2001:db8::7", "localhost", "a,DNS:evil.example",
            String(repeating: String(repeating: "a", count: 60) + ".", count: 4) + "com",
        ])
    func selfSignedNames(name: String) throws {
        let made = try SelfSigned.make(names: [name], at: Self.now, validity: Self.day, serial: 7)
        let facts = try CertificateFile.examine(chain: made.chain, key: made.key, domain: name)
        #expect(facts.names == [name])
        #expect(facts.notAfter == Self.now + Self.day)
        #expect(facts.isSelfSigned)
        if !name.contains(",") { #expect(facts.coversDomain) }
    }

    @Test("each has a key of its own")
    func keys() throws {
        let one = try SelfSigned.make(names: ["localhost"], at: Self.now)
        let other = try SelfSigned.make(names: ["localhost"], at: Self.now)
        #expect(one.key != other.key)
        #expect(problem(one.chain, other.key) != "")
    }

    @Test("OpenSSL's refusal is an error, not a certificate")
    func impossible() {
        #expect(throws: SystemError.self) { try SelfSigned.make(names: ["localhost"], at: .init(Int64.max / 2)) }
    }
}
