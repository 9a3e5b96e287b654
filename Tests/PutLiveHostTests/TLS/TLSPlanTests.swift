import PutLiveConfig
import PutLiveArtifacts
import Testing

@testable import PutLiveHost

@Suite("nginx shows the configured certificate once it is good, until then a self-signed one")
struct TLSPlanTests {
    private static let now = 1_800_000_000.0
    private static let day = 86_400.0
    private static let live = "/etc/letsencrypt/live/live.example.com"
    private static let settings = TLSSettings(
        domain: "live.example.com", certificate: live + "/fullchain.pem", key: live + "/privkey.pem",
        folder: "/etc/putlive/tls")
    private let authority = TestAuthority()
    private let system = FakeSystem()

    private func issue(from: Double = -1, to: Double = 90, for name: String = "live.example.com")
        -> TestAuthority.Issued
    {
        authority.issue(["DNS:\(name)"], from: Self.now + from * Self.day, to: Self.now + to * Self.day)
    }

    /// As certbot lays its files out.
    private func install(_ issued: TestAuthority.Issued, number: Int = 1) throws {
        for (name, content) in [("fullchain", issued.chain), ("privkey", issued.key)] {
            let file = "\(name)\(number).pem"
            try system.write(
                content, to: "/etc/letsencrypt/archive/live.example.com/\(file)", mode: 0o600, owner: .root)
            try system.link("\(Self.live)/\(name).pem", to: "../../archive/live.example.com/\(file)")
        }
    }

    private func decide(_ settings: TLSSettings = settings, at now: Double = now) throws -> TLSPlan {
        try TLSPlan.decide(settings, on: system, at: now)
    }

    /// What reconcile does with a plan.
    private func apply(_ plan: TLSPlan, _ settings: TLSSettings = settings, at now: Double = now) throws -> TLSPlan {
        var plan = plan
        if plan.needsSelfSigned {
            let made = try plan.made(settings, at: now)
            try system.write(made.pair.chain, to: settings.selfSignedChain, mode: 0o644, owner: .root)
            try system.write(made.pair.key, to: settings.selfSignedKey, mode: 0o600, owner: .root)
            plan = made.plan
        }
        for link in plan.links(settings) { try system.link(link.path, to: link.target) }
        return plan
    }

    @Test("a bare host gets a self-signed one, and then it stays")
    func bare() throws {
        let first = try decide()
        #expect(first.needsSelfSigned)
        #expect(first.chainTarget == "/etc/putlive/tls/self-signed/fullchain.pem")
        #expect(first.keyTarget == "/etc/putlive/tls/self-signed/privkey.pem")
        #expect(first.digest == "")
        let words = "\(Self.live)/fullchain.pem isn't there: run certbot, or put it there"
        #expect(first.notes == [words])
        #expect(
            first.certificate
                == StatusReport.Certificate(
                    isSelfSigned: true, notAfter: Self.now + 800 * Self.day, names: ["live.example.com", "localhost"],
                    problem: words))
        let made = try apply(first)
        #expect(!made.needsSelfSigned)
        #expect(made.digest.count == 64)
        #expect(try decide() == made)
        #expect(try decide(at: Self.now + 700 * Self.day) == made)
    }

    @Test("the links are those that nginx reads")
    func links() throws {
        #expect(
            try decide().links(Self.settings) == [
                DesiredLink(
                    path: "/etc/putlive/tls/fullchain.pem", target: "/etc/putlive/tls/self-signed/fullchain.pem",
                    reloads: ["nginx.service"]),
                DesiredLink(
                    path: "/etc/putlive/tls/privkey.pem", target: "/etc/putlive/tls/self-signed/privkey.pem",
                    reloads: ["nginx.service"]),
            ])
    }

    @Test("certbot's certificate is used as soon as it is there, and renewed by its digest")
    func certbot() throws {
        let before = try apply(decide())
        let first = issue()
        try install(first)
        let plan = try apply(decide())
        #expect(plan.chainTarget == "\(Self.live)/fullchain.pem")
        #expect(plan.keyTarget == "\(Self.live)/privkey.pem")
        #expect(!plan.needsSelfSigned)
        #expect(plan.notes.isEmpty)
        #expect(
            plan.certificate
                == StatusReport.Certificate(
                    isSelfSigned: false, notAfter: Self.now + 90 * Self.day, names: ["live.example.com"]))
        #expect(plan.digest == sha256(of: first.chain))
        #expect(plan.digest != before.digest)
        #expect(try decide() == plan)
        try install(issue(from: 60, to: 150), number: 2)
        let renewed = try decide(at: Self.now + 61 * Self.day)
        #expect(renewed.digest != plan.digest)
        #expect(renewed.chainTarget == plan.chainTarget)
        #expect(renewed.certificate.notAfter == Self.now + 150 * Self.day)
    }

    @Test("the self-signed one is remade when it is about to expire, or was made by a clock that is ahead")
    func remade() throws {
        _ = try apply(decide())
        #expect(try !decide(at: Self.now + 770 * Self.day).needsSelfSigned)
        #expect(try decide(at: Self.now + 771 * Self.day).needsSelfSigned)
        #expect(try decide(at: Self.now - 2 * Self.day).needsSelfSigned)
    }

    @Test("it is remade for another domain, and when it is damaged or others can read its key")
    func remadeForCause() throws {
        _ = try apply(decide())
        var other = Self.settings
        other.domain = "192.0.2.7"
        #expect(try decide(other).needsSelfSigned)
        #expect(try !apply(decide(other), other).needsSelfSigned)
        #expect(try decide(other).certificate.names == ["192.0.2.7", "localhost"])
        try system.setMode(0o644, of: Self.settings.selfSignedKey)
        #expect(try decide(other).needsSelfSigned)
        _ = try apply(decide(other), other)
        try system.write(Array("x".utf8), to: Self.settings.selfSignedChain, mode: 0o644, owner: .root)
        #expect(try decide(other).needsSelfSigned)
        _ = try apply(decide(other), other)
        // A hand put one of an authority there: it isn't ours.
        let issued = authority.issue(["IP:192.0.2.7"], from: Self.now - 1, to: Self.now + 300 * Self.day)
        try system.write(issued.chain, to: Self.settings.selfSignedChain, mode: 0o644, owner: .root)
        try system.write(issued.key, to: Self.settings.selfSignedKey, mode: 0o600, owner: .root)
        #expect(try decide(other).needsSelfSigned)
        try system.remove(Self.settings.selfSignedKey)
        #expect(try decide(other).needsSelfSigned)
    }

    @Test("what is unusable isn't taken, and is told", arguments: ["key", "chain", "garbage", "mismatch", "circle"])
    func unusable(what: String) throws {
        let issued = issue()
        try install(issued)
        switch what {
        case "key": try system.remove("/etc/letsencrypt/archive/live.example.com/privkey1.pem")
        case "chain": try system.remove("\(Self.live)/fullchain.pem")
        case "garbage": try system.write([1, 2, 3], to: "\(Self.live)/fullchain.pem", mode: 0o600, owner: .root)
        case "mismatch": try system.write(issue().key, to: "\(Self.live)/privkey.pem", mode: 0o600, owner: .root)
        default: try system.link("\(Self.live)/fullchain.pem", to: "fullchain.pem")
        }
        let plan = try decide()
        #expect(plan.needsSelfSigned)
        let words = [
            "key": "\(Self.live)/privkey.pem isn't there: run certbot, or put it there",
            "chain": "\(Self.live)/fullchain.pem isn't there: run certbot, or put it there",
            "garbage": "\(Self.live)/fullchain.pem holds no certificate in PEM",
            "mismatch": "\(Self.live)/fullchain.pem doesn't belong to its key, "
                + "or the host's own certificate isn't the first in it",
            "circle": "\(Self.live)/fullchain.pem isn't there: run certbot, or put it there",
        ]
        #expect(plan.notes == words[what].map { [$0] })
        #expect(plan.certificate.problem == words[what])
        // Nothing is in use that would be worth waiting for.
        #expect(system.now == 1_800_000_000)
    }

    @Test("certbot changing its links one by one isn't mistaken for a mismatch")
    func renewing() throws {
        try install(issue())
        let used = try apply(decide())
        let new = issue(from: 0, to: 91)
        try system.write(
            new.chain, to: "/etc/letsencrypt/archive/live.example.com/fullchain2.pem", mode: 0o600, owner: .root)
        try system.link("\(Self.live)/fullchain.pem", to: "../../archive/live.example.com/fullchain2.pem")
        let slow = ScriptedSystem()
        slow.files = system
        slow.whenSleeping = { [system] in
            try? system.write(new.key, to: Self.live + "/privkey.pem", mode: 0o600, owner: .root)
        }
        let plan = try TLSPlan.decide(Self.settings, on: slow, at: Self.now)
        #expect(slow.slept.count == 1)
        #expect(!plan.needsSelfSigned)
        #expect(plan.chainTarget == used.chainTarget)
        #expect(plan.digest == sha256(of: new.chain))
    }

    @Test("one in use that stays broken is given up, so that nginx can start")
    func broken() throws {
        try install(issue())
        _ = try apply(decide())
        try system.write(issue().key, to: "\(Self.live)/privkey.pem", mode: 0o600, owner: .root)
        #expect(try decide().needsSelfSigned)
        #expect(system.now > 1_800_000_000)
    }

    @Test("an expired one isn't switched to")
    func expiredNew() throws {
        try install(issue(from: -90, to: -1))
        let plan = try decide()
        #expect(plan.needsSelfSigned)
        #expect(plan.notes == ["\(Self.live)/fullchain.pem has expired: see certbot renew"])
        try install(issue(from: 1, to: 90))
        #expect(try decide().notes == ["\(Self.live)/fullchain.pem isn't valid yet: look at the clock"])
    }

    @Test("one that expires while in use stays in use, with a note")
    func expiredInUse() throws {
        try install(issue(to: 10))
        let before = try apply(decide())
        let plan = try decide(at: Self.now + 10 * Self.day)
        #expect(plan.chainTarget == before.chainTarget)
        #expect(!plan.needsSelfSigned)
        #expect(plan.notes == ["\(Self.live)/fullchain.pem has expired: see certbot renew"])
        #expect(plan.certificate == before.certificate)
        // A clock that starts in 1970 changes nothing either.
        #expect(try decide(at: 0).chainTarget == before.chainTarget)
        #expect(try decide(at: Self.now + 10 * Self.day - 1).notes.isEmpty)
    }

    @Test("one for another name is used all the same, with a note")
    func otherName() throws {
        try install(issue(for: "other.example"))
        let plan = try decide()
        #expect(!plan.needsSelfSigned)
        #expect(plan.notes == ["\(Self.live)/fullchain.pem is for other.example, not for live.example.com"])
        #expect(plan.certificate.problem == "")
    }

    @Test("a self-signed one that the config names is used, and known for what it is")
    func configuredSelfSigned() throws {
        let made = try SelfSigned.make(names: ["live.example.com"], at: Self.now)
        try install(TestAuthority.Issued(chain: made.chain, key: made.key))
        let plan = try decide()
        #expect(plan.chainTarget == "\(Self.live)/fullchain.pem")
        #expect(plan.certificate.isSelfSigned)
    }

    @Test("without a configured one there is a self-signed one")
    func notConfigured() throws {
        var settings = Self.settings
        (settings.certificate, settings.key) = ("", "")
        let plan = try decide(settings)
        #expect(plan.needsSelfSigned)
        #expect(plan.notes == ["no certificate is configured: set server.ssl_cert and server.ssl_key"])
        settings.domain = "localhost"
        #expect(try decide(settings).certificate.names == ["localhost"])
    }

    @Test("an image gets no key that all its hosts would share")
    func image() throws {
        system.isLive = false
        let plan = try decide()
        #expect(!plan.needsSelfSigned)
        #expect(plan.chainTarget == Self.settings.selfSignedChain)
        #expect(plan.notes.last == "the self-signed certificate is made when the host starts")
        try install(issue())
        #expect(try decide().chainTarget == Self.settings.certificate)
    }

    @Test(
        "links are followed as the kernel does",
        arguments: [
            ("/plain/file", "/plain/file"), ("/a/link", "/a/real"), ("/absolute", "/a/real"),
            ("/folder/real", "/a/real"),
            ("/folder/../x", "/x"), ("/a/./up", "/top"), ("/../..", "/"), ("/chain", "/a/real"),
            ("/nested/y", "/deep/inner/y"),
        ])
    func following(path: String, end: String) throws {
        for (link, target) in [
            ("/a/link", "real"), ("/absolute", "/a/real"), ("/folder", "a"), ("/a/up", "../../../top"),
            ("/chain", "/folder/link"), ("/nested", "/deep/outer"), ("/deep/outer", "inner"),
        ] {
            try system.link(link, to: target)
        }
        #expect(try system.following(path) == end)
    }

    @Test("certbot's live folder may itself be a link elsewhere")
    func movedFolder() throws {
        let issued = issue()
        try system.link("/etc/letsencrypt", to: "/data/le")
        for (name, content) in [("fullchain", issued.chain), ("privkey", issued.key)] {
            try system.write(content, to: "/data/le/archive/x/\(name)1.pem", mode: 0o600, owner: .root)
            try system.link("/data/le/live/live.example.com/\(name).pem", to: "../../archive/x/\(name)1.pem")
        }
        #expect(try !decide().needsSelfSigned)
    }

    @Test("a circle of links leads nowhere")
    func circle() throws {
        try system.link("/one", to: "two")
        try system.link("/two", to: "/one")
        #expect(try system.following("/one") == nil)
    }

    @Test("what can't be read is told, and stops nothing")
    func unreadable() throws {
        try install(issue())
        let large = [UInt8](repeating: 0, count: CertificateFile.limit + 1)
        try system.write(large, to: "\(Self.live)/fullchain.pem", mode: 0o600, owner: .root)
        #expect(try decide().notes == ["\(Self.live)/fullchain.pem is too large"])
        try system.write(large, to: Self.settings.selfSignedKey, mode: 0o600, owner: .root)
        try system.write(large, to: Self.settings.selfSignedChain, mode: 0o600, owner: .root)
        #expect(try decide().needsSelfSigned)
    }

    @Test("a certificate is read again only when it, its key or the domain has changed")
    func memory() throws {
        try install(issue())
        let host = ScriptedSystem()
        host.files = system
        func reads(_ settings: TLSSettings = Self.settings) throws -> Int {
            let before = host.reads
            let plan = try TLSPlan.decide(settings, on: host, at: Self.now)
            #expect(!plan.needsSelfSigned)
            return host.reads.dropFirst(before.count).count { $0.hasSuffix(".pem") }
        }
        // This one can't write, so it forgets.
        #expect(try reads() == 2)
        #expect(try reads() == 2)
        _ = try decide()
        #expect(try reads() == 0)
        var other = Self.settings
        other.domain = "other.example"
        #expect(try reads(other) == 2)
        try system.setMode(0o640, of: "/etc/letsencrypt/archive/live.example.com/privkey1.pem")
        #expect(try reads() == 2)
        _ = try decide()
        #expect(try reads() == 0)
        try system.write([1], to: "/run/putlive-reconcile/certificates.json", mode: 0o600, owner: .root)
        #expect(try reads() == 2)
        _ = try decide()
        #expect(try reads() == 0)
    }

    @Test("what is kept of certificates holds no key, stays small, and is written only when it is new")
    func memoryFile() throws {
        try install(issue())
        _ = try decide()
        let path = "/run/putlive-reconcile/certificates.json"
        #expect(!(try #require(system.text(of: path))).contains("PRIVATE"))
        #expect(try system.entry(at: path)?.mode == 0o600)
        let operations = system.operations
        _ = try decide()
        #expect(system.operations == operations)
        var memory = CertificateMemory()
        for index in 0..<100 { memory.note(CertificateLook(digest: ""), of: "\(index)") }
        #expect(memory.looks.count <= 8)
        #expect(memory.looks["99"] != nil)
        system.isLive = false
        try system.remove(path)
        _ = try decide()
        #expect(try system.entry(at: path) == nil)
    }

    @Test("the digest is SHA-256")
    func digest() {
        #expect(
            sha256(of: Array("abc".utf8))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test(
        "the config says what is served",
        arguments: [
            ("single", "live.example.com"), ("no-tls", nil), ("local", nil), ("embedded", "live.example.com"),
        ])
    func settings(profile: String, domain: String?) throws {
        let path = "\(#filePath)".replacing("Tests/PutLiveHostTests/TLS/TLSPlanTests.swift", with: "golden/\(profile)")
        let loaded = ConfigLoader().load(path: "\(path)/config.yaml", directory: path)
        let settings = TLSSettings(try #require(loaded.config))
        #expect((settings?.domain == nil) == (domain == nil))
        #expect(settings.map { $0.folder == "/etc/putlive/tls" } ?? true)
    }
}
