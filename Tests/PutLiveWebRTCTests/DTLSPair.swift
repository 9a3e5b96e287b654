import COpenSSL

@testable import PutLiveWebRTC

/// Two ends of a handshake and the network between them.
final class DTLSPair {
    /// Which end sent a datagram.
    enum Sender {
        case client, server
    }

    /// Made once, for it takes a while.
    // swift-format-ignore: NeverUseForceTry
    static let certificate = try! Certificate.make(now: 1_800_000_000)
    // swift-format-ignore: NeverUseForceTry
    static let otherCertificate = try! Certificate.make(now: 1_800_000_000)
    static let start = MonotonicTime(microseconds: 5_000_000)

    let client: DTLSTransport
    let server: DTLSTransport
    /// What was sent in all, first transmissions and later ones.
    private(set) var sent: [(sender: Sender, bytes: [UInt8])] = []

    /// - Parameters:
    ///   - isPatient: Nothing is sent again; else it is while `exchange` asks for it, when OpenSSL's shortest time is over:
    ///     what is left of 30 ms counts as nothing below 15 ms.
    init(
        isPatient: Bool = true, mtu: Int = DTLSTransport.mtu,
        clientProfiles: [SRTPProfile] = SRTPProfile.allCases, serverProfiles: [SRTPProfile] = SRTPProfile.allCases,
        ofClient: [DTLSFingerprint] = [fingerprint(of: otherCertificate)],
        ofServer: [DTLSFingerprint] = [fingerprint(of: certificate)]
    ) throws {
        let timer: DTLS_timer_cb = isPatient ? { _, _ in 3_600_000_000 } : { _, _ in 30_000 }
        client = try DTLSTransport(
            context: DTLSContext(certificate: Self.otherCertificate, profiles: clientProfiles), role: .client,
            fingerprints: ofServer, now: Self.start, mtu: mtu, timer: timer)
        server = try DTLSTransport(
            context: DTLSContext(certificate: Self.certificate, profiles: serverProfiles), role: .server,
            fingerprints: ofClient, now: Self.start, mtu: mtu, timer: timer)
    }

    static func fingerprint(of certificate: Certificate) -> DTLSFingerprint {
        // swift-format-ignore: NeverForceUnwrap
        DTLSFingerprint("sha-256 \(certificate.fingerprint)")!
    }

    /// Both are through.
    var isConnected: Bool {
        guard case .connected = client.state, case .connected = server.state else { return false }
        return true
    }

    /// Carries datagrams until nobody has any.
    ///
    /// - Parameter network: What arrives of what one end has sent.
    func carry(_ network: (Sender, [[UInt8]]) -> [[UInt8]] = { $1 }) {
        while true {
            let (ofClient, ofServer) = (client.takeDatagrams(), server.takeDatagrams())
            if ofClient.isEmpty && ofServer.isEmpty { return }
            sent += ofClient.map { (.client, $0) } + ofServer.map { (.server, $0) }
            for datagram in network(.client, ofClient) { Self.give(datagram, to: server) }
            for datagram in network(.server, ofServer) { Self.give(datagram, to: client) }
        }
    }

    /// Carries datagrams, and has them sent again, until both are through. To be used with the impatient timer.
    func exchange(_ network: (Sender, [[UInt8]]) -> [[UInt8]]) {
        for _ in 0..<50_000_000 {
            if isConnected { return }
            carry(network)
            client.handleTimeout(at: Self.start)
            server.handleTimeout(at: Self.start)
        }
    }

    static func give(_ datagram: [UInt8], to transport: DTLSTransport, at now: MonotonicTime = start) {
        datagram.withUnsafeBytes { transport.receive($0, at: now) }
    }
}

extension DTLSTransport {
    var keys: SRTPKeys? {
        if case .connected(let keys) = state { keys } else { nil }
    }

    var failure: DTLSFailure? {
        if case .failed(let failure) = state { failure } else { nil }
    }

    var isHandshaking: Bool {
        if case .handshaking = state { true } else { false }
    }

    var isClosed: Bool {
        if case .closed = state { true } else { false }
    }
}

extension SRTPKeys {
    func copy(inbound: Bool) -> [UInt8] { withKey(inbound: inbound) { Array($0) } }
}
