import COpenSSL
import Testing

@testable import PutLiveWebRTC

@Suite struct DTLSHandshakeTests {
    @Test(arguments: SRTPProfile.allCases) func bothEndsGetTheSameKeys(_ profile: SRTPProfile) throws {
        let pair = try DTLSPair(clientProfiles: [profile])
        #expect(pair.client.isHandshaking && pair.server.isHandshaking)
        pair.carry()
        let client = try #require(pair.client.keys)
        let server = try #require(pair.server.keys)
        #expect(client.profile == profile && server.profile == profile)
        #expect(client.copy(inbound: true) == server.copy(inbound: false))
        #expect(client.copy(inbound: false) == server.copy(inbound: true))
        #expect(client.copy(inbound: true) != client.copy(inbound: false))
        #expect(pair.client.nextDeadline == nil && pair.server.nextDeadline == nil)
    }

    @Test func theCheaperProfileIsPreferred() throws {
        let pair = try DTLSPair(clientProfiles: [.aes128CMSHA180, .aeadAES128GCM])
        pair.carry()
        #expect(pair.server.keys?.profile == .aeadAES128GCM)
    }

    @Test func itIsDTLS12WithAnExtendedMasterSecret() throws {
        let pair = try DTLSPair()
        pair.carry()
        #expect(SSL_version(pair.server.ssl) == DTLS1_2_VERSION)
        // SSL_get_extms_support (RFC 7627).
        #expect(SSL_ctrl(pair.server.ssl, SSL_CTRL_GET_EXTMS_SUPPORT, 0, nil) == 1)
    }

    @Test(arguments: [300, 1200]) func datagramsFitAndAreFull(_ mtu: Int) throws {
        let pair = try DTLSPair(mtu: mtu)
        pair.carry()
        #expect(pair.isConnected)
        #expect(pair.sent.allSatisfy { $0.bytes.count <= mtu })
        // ClientHello; the server's flight; the client's; ChangeCipherSpec and Finished.
        if mtu == 1200 { #expect(pair.sent.map(\.sender) == [.client, .server, .client, .server]) }
    }

    @Test(arguments: 0..<4) func oneLostDatagramIsSentAgain(_ lost: Int) throws {
        let pair = try DTLSPair(isPatient: false)
        var number = -1
        pair.exchange { _, datagrams in
            datagrams.filter { _ in
                number += 1
                return number != lost
            }
        }
        #expect(pair.isConnected && pair.sent.count > 4)
    }

    @Test(arguments: 0..<7) func oneLostFragmentIsSentAgain(_ lost: Int) throws {
        let pair = try DTLSPair(isPatient: false, mtu: 300)
        var number = -1
        pair.exchange { _, datagrams in
            datagrams.filter { _ in
                number += 1
                return number != lost
            }
        }
        #expect(pair.isConnected)
    }

    @Test func everyFlightMayBeLostOnce() throws {
        let pair = try DTLSPair(isPatient: false)
        var lost: [String: Int] = [:]
        pair.exchange { sender, datagrams in
            datagrams.filter { datagram in
                // By its sender and its first record's kind and epoch: one for each flight.
                lost["\(sender) \(datagram[0]) \(datagram[13])", default: 0] += 1
                return lost["\(sender) \(datagram[0]) \(datagram[13])"] != 1
            }
        }
        #expect(pair.isConnected)
        #expect(lost.count >= 4)
    }

    @Test(arguments: [300, 1200]) func reorderedFlightsArriveStill(_ mtu: Int) throws {
        let pair = try DTLSPair(isPatient: false, mtu: mtu)
        pair.exchange { _, datagrams in datagrams.reversed() }
        #expect(pair.isConnected)
    }

    @Test(arguments: [300, 1200]) func duplicatesDoNoHarm(_ mtu: Int) throws {
        let pair = try DTLSPair(mtu: mtu)
        pair.carry { _, datagrams in datagrams.flatMap { [$0, $0, $0] } }
        #expect(pair.isConnected)
        #expect(pair.server.keys?.copy(inbound: true) == pair.client.keys?.copy(inbound: false))
    }

    @Test func lateCopiesOfAllFlightsDoNoHarm() throws {
        let pair = try DTLSPair()
        pair.carry()
        for (sender, datagram) in pair.sent {
            DTLSPair.give(datagram, to: sender == .client ? pair.server : pair.client)
        }
        pair.carry()
        #expect(pair.isConnected)
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>) func everythingAtOnceIsSurvived(_ seed: UInt64) throws {
        let pair = try DTLSPair(isPatient: false, mtu: 300)
        var state = seed &* 0x9e37_79b9_7f4a_7c15
        func draw(_ below: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % below
        }
        pair.exchange { _, datagrams in
            var arriving = datagrams.flatMap { draw(10) < 2 ? [] : draw(10) < 2 ? [$0, $0] : [$0] }
            if arriving.count > 1, draw(3) == 0 { arriving.swapAt(0, arriving.count - 1) }
            return arriving
        }
        #expect(pair.isConnected)
    }

    @Test func theFirstFlightWaitsForItsPath() throws {
        let pair = try DTLSPair(isPatient: false)
        for _ in 0..<100_000 { pair.client.handleTimeout(at: DTLSPair.start) }
        let first = pair.client.takeDatagrams()
        #expect(first.count == 1)
        DTLSPair.give(first[0], to: pair.server)
        pair.carry()
        #expect(pair.isConnected)
    }
}

@Suite struct DTLSDeadlineTests {
    private func transport(_ role: DTLSRole) throws -> DTLSTransport {
        try DTLSTransport(
            context: DTLSContext(certificate: DTLSPair.certificate), role: role,
            fingerprints: [DTLSPair.fingerprint(of: DTLSPair.otherCertificate)], now: DTLSPair.start)
    }

    @Test func aFlightIsDueAgainWithinAQuarterOfASecond() throws {
        let client = try transport(.client)
        let deadline = try #require(client.nextDeadline)
        #expect(deadline > DTLSPair.start)
        #expect(deadline <= DTLSPair.start.adding(milliseconds: 250))
        // Not before its time: OpenSSL's clock says so.
        #expect(client.takeDatagrams().count == 1)
        client.handleTimeout(at: deadline)
        #expect(client.takeDatagrams().isEmpty || client.isHandshaking)
        #expect(try #require(client.nextDeadline) > deadline)
    }

    @Test(arguments: [DTLSRole.client, .server]) func itGivesUpAfterHalfAMinute(_ role: DTLSRole) throws {
        let transport = try transport(role)
        transport.handleTimeout(at: DTLSPair.start.adding(milliseconds: 29_999))
        #expect(transport.isHandshaking)
        #expect(transport.nextDeadline == DTLSPair.start.adding(milliseconds: 30_000))
        transport.handleTimeout(at: DTLSPair.start.adding(milliseconds: 30_000))
        #expect(transport.failure == .timeout)
        #expect(transport.nextDeadline == nil)
        transport.handleTimeout(at: DTLSPair.start.adding(milliseconds: 40_000))
        #expect(transport.failure == .timeout)
    }

    @Test func thereIsNoDeadlineAfterwards() throws {
        let pair = try DTLSPair()
        pair.carry()
        pair.server.handleTimeout(at: DTLSPair.start.adding(milliseconds: 90_000))
        #expect(pair.isConnected && pair.server.nextDeadline == nil)
    }
}

@Suite struct DTLSFailureTests {
    @Test func aWrongFingerprintFails() throws {
        let wrong = DTLSPair.fingerprint(of: DTLSPair.certificate)
        let pair = try DTLSPair(ofClient: [wrong])
        pair.carry()
        #expect(pair.server.failure == .fingerprint)
        // The client is told.
        #expect(pair.client.isClosed)
        DTLSPair.give(pair.sent[0].bytes, to: pair.server)
        #expect(pair.server.failure == .fingerprint && pair.server.takeDatagrams().isEmpty)
    }

    @Test func noFingerprintFails() throws {
        let pair = try DTLSPair(ofServer: [])
        pair.carry()
        #expect(pair.client.failure == .fingerprint)
        #expect(pair.server.isClosed)
    }

    @Test(arguments: ["sha-256", "sha-384", "sha-512"]) func oneOfSeveralFingerprintsFits(_ name: String) throws {
        let algorithm = ["sha-256": EVP_sha256(), "sha-384": EVP_sha384(), "sha-512": EVP_sha512()][name] ?? nil
        let value = Certificate.fingerprint(of: DTLSPair.otherCertificate.x509, algorithm)
        let good = try #require(DTLSFingerprint("\(name) \(value)"))
        let pair = try DTLSPair(ofClient: [DTLSPair.fingerprint(of: DTLSPair.certificate), good])
        pair.carry()
        #expect(pair.isConnected)
    }

    @Test func noCommonProfileFails() throws {
        let pair = try DTLSPair(clientProfiles: [.aeadAES128GCM], serverProfiles: [.aes128CMSHA180])
        pair.carry()
        #expect(pair.server.failure == .profile && pair.client.failure == .profile)
    }

    @Test func aPeerWithoutACertificateFails() throws {
        let pair = try DTLSPair()
        SSL_certs_clear(pair.client.ssl)
        pair.carry()
        guard case .refused(let words) = pair.server.failure else {
            Issue.record("not refused: \(pair.server.state)")
            return
        }
        #expect(words.contains("certificate"))
        // handshake_failure, as OpenSSL tells it
        #expect(pair.client.failure == .alert(40))
    }

    @Test func noCommonCipherFails() throws {
        let pair = try DTLSPair()
        // The ClientHello of this client hasn't been made by then, unlike that of the pair.
        let context = try DTLSContext(certificate: DTLSPair.otherCertificate)
        #expect(SSL_CTX_set_cipher_list(context.pointer, "ECDHE-RSA-AES128-GCM-SHA256") == 1)
        let client = try DTLSTransport(context: context, role: .client, fingerprints: [], now: DTLSPair.start)
        for datagram in client.takeDatagrams() { DTLSPair.give(datagram, to: pair.server) }
        #expect(pair.server.failure == .refused("no shared cipher"))
        for datagram in pair.server.takeDatagrams() { DTLSPair.give(datagram, to: client) }
        #expect(client.failure == .alert(40))
    }

    @Test func anAlertEndsTheHandshake() throws {
        let pair = try DTLSPair()
        // Fatal, internal_error.
        DTLSPair.give([21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 80], to: pair.client)
        #expect(pair.client.failure == .alert(80))
        #expect(pair.client.nextDeadline == nil)
        pair.client.close()
        #expect(pair.client.failure == .alert(80))
    }

    @Test func failuresHaveWords() {
        let failures: [DTLSFailure] = [.timeout, .fingerprint, .alert(40), .profile, .refused("no shared cipher")]
        #expect(Set(failures.map(\.description)).count == 5)
        #expect("\(DTLSFailure.alert(40))".contains("40") && "\(failures[4])".contains("no shared cipher"))
    }
}

@Suite struct DTLSAfterwardsTests {
    @Test func closingIsTold() throws {
        let pair = try DTLSPair()
        pair.carry()
        pair.server.close()
        #expect(pair.server.isClosed)
        pair.carry()
        #expect(pair.client.isClosed)
        // Once is enough.
        pair.server.close()
        #expect(pair.server.takeDatagrams().isEmpty)
    }

    @Test func closingInTheMiddleIsQuiet() throws {
        let pair = try DTLSPair()
        pair.server.close()
        #expect(pair.server.isClosed && pair.server.nextDeadline == nil)
        pair.carry()
        #expect(pair.client.isHandshaking)
    }

    @Test func garbageDoesNoHarm() throws {
        let pair = try DTLSPair()
        let garbage = Self.garbage()
        for datagram in garbage {
            for end in [pair.client, pair.server] where end.isHandshaking {
                DTLSPair.give(datagram, to: end)
                if !end.isHandshaking { Issue.record("\(end.state): \(datagram)") }
            }
        }
        #expect(pair.client.isHandshaking && pair.server.isHandshaking)
        pair.carry()
        #expect(pair.isConnected)
        for datagram in garbage { DTLSPair.give(datagram, to: pair.server) }
        // Nobody but the peer can say that it is over.
        DTLSPair.give([21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 80], to: pair.server)
        DTLSPair.give([21, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0], to: pair.server)
        #expect(pair.isConnected)
        // Nor does it deafen.
        pair.client.close()
        pair.carry()
        #expect(pair.server.isClosed)
    }

    /// Nothing, short ones, and noise that begins as records do.
    private static func garbage() -> [[UInt8]] {
        var state: UInt64 = 42
        func byte() -> UInt8 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 40)
        }
        let noise = (0..<2000).map { index in
            let length = index % 61
            let header = [20 + UInt8(index % 4), 0xfe, 0xfd, 0, UInt8(index & 4) / 4, 0, 0, 0, 0, byte(), byte(), 0]
            return header + [UInt8(length)] + (0..<length).map { _ in byte() }
        }
        return [[], [22], [22, 0xfe, 0xfd], [UInt8](repeating: 22, count: 100), [UInt8](repeating: 0xff, count: 1500)]
            + noise.filter { $0[0] != 21 || $0[4] == 1 }
    }

    @Test func whatNobodyTakesIsBounded() throws {
        let pair = try DTLSPair()
        pair.carry()
        // Copies of the last flight ask for ours each time.
        let last = try #require(pair.sent.last { $0.sender == .client })
        for _ in 0..<1000 { DTLSPair.give(last.bytes, to: pair.server) }
        #expect(pair.server.takeDatagrams().count <= 64)
    }

    @Test func dataIsDropped() throws {
        let pair = try DTLSPair()
        pair.carry()
        #expect(SSL_write(pair.client.ssl, "data", 4) == 4)
        pair.carry()
        #expect(pair.isConnected)
    }
}
