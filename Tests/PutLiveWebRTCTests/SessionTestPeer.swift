import Synchronization
import Testing

@testable import PutLiveWebRTC

/// What a session told.
final class SessionDiary: Sendable {
    let frames = Mutex<[ReceivedFrame]>([])
    let events = Mutex<[PeerEvent]>([])

    var handlers: PeerHandlers {
        PeerHandlers(
            frame: { frame in self.frames.withLock { $0.append(frame) } },
            event: { event in self.events.withLock { $0.append(event) } })
    }

    var told: [PeerEvent] { events.withLock { $0 } }
}

/// A browser and the network between it and a hub, all in memory.
final class SessionTestPeer {
    // swift-format-ignore: NeverUseForceTry
    static let certificate = try! Certificate.make(now: 1_800_000_000)

    let hub: PeerHub
    let id: String
    let diary = SessionDiary()
    let answer: PeerAnswer
    // swift-format-ignore: NeverForceUnwrap
    var address = TransportAddress(ip: "198.51.100.7", port: 6000, connection: 1)!
    var now = time(1000)
    /// Of the session, as the answer has them.
    private(set) var credentials: ICECredentials
    private let dtls: DTLSTransport
    private var encryption: SRTPSender?
    private var decryption: SRTPReceiver?
    /// Packets of the hub that came here, decrypted where they could be.
    private(set) var received: [(kind: PacketKind, bytes: [UInt8])] = []
    private var waiting: [[UInt8]] = []
    private var sequence: UInt16 = 100
    private var timestamp: UInt32 = 9000

    /// - Parameter claimed: The fingerprint in the offer, its own unless told otherwise.
    init(_ hub: PeerHub, id: String = "one", ufrag: String = "them", claimed: String? = nil) throws {
        self.hub = hub
        self.id = id
        answer = try hub.accept(
            id: id, offer: Self.offer(ufrag: ufrag, fingerprint: claimed ?? Self.certificate.fingerprint),
            candidates: ["1 1 udp 2130706431 192.0.2.1 8000 typ host"], handlers: diary.handlers, now: now)
        credentials = try Self.credentials(in: answer.sdp)
        dtls = try DTLSTransport(
            context: DTLSContext(certificate: Self.certificate), role: .client,
            fingerprints: [DTLSPair.fingerprint(of: DTLSPair.certificate)], now: now)
        hub.send = { [unowned self] bytes, destination in
            if destination == address { waiting.append(bytes) }
        }
    }

    static func offer(ufrag: String, fingerprint: String) -> String {
        """
        v=0
        o=- 1 2 IN IP4 127.0.0.1
        s=-
        t=0 0
        a=group:BUNDLE 0
        m=video 9 UDP/TLS/RTP/SAVPF 102
        c=IN IP4 0.0.0.0
        a=ice-ufrag:\(ufrag)
        a=ice-pwd:a-password-of-theirs-\(ufrag)
        a=fingerprint:sha-256 \(fingerprint)
        a=setup:actpass
        a=mid:0
        a=sendonly
        a=rtcp-mux
        a=rtpmap:102 H264/90000
        a=rtcp-fb:102 nack
        a=rtcp-fb:102 nack pli
        a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f

        """
    }

    static func credentials(in sdp: String) throws -> ICECredentials {
        func value(_ name: String) -> String? {
            sdp.split(whereSeparator: \.isNewline).first { $0.hasPrefix("a=\(name):") }
                .map { String($0.dropFirst(name.count + 3)) }
        }
        struct NotThere: Error {}
        guard let ufrag = value("ice-ufrag"), let password = value("ice-pwd") else { throw NotThere() }
        return ICECredentials(usernameFragment: ufrag, password: password)
    }

    /// Begins to use those of a restart.
    func use(_ credentials: ICECredentials) { self.credentials = credentials }

    func give(_ bytes: [UInt8], from other: TransportAddress? = nil) {
        var bytes = bytes
        bytes.withUnsafeMutableBytes { hub.receive($0, from: other ?? address, at: now) }
        takeWaiting()
    }

    private func takeWaiting() {
        while !waiting.isEmpty {
            var bytes = waiting.removeFirst()
            let kind = bytes.withUnsafeBytes { PacketKind($0) }
            if kind == .dtls { bytes.withUnsafeBytes { dtls.receive($0, at: now) } }
            if kind == .rtcp, let decryption {
                let count = bytes.withUnsafeMutableBytes { try? decryption.unprotectRTCP($0).get() }
                bytes = Array(bytes.prefix(count ?? 0))
            }
            received.append((kind, bytes))
        }
    }

    /// A check as the one who made the offer sends it, named `them`.
    static func check(_ answer: PeerAnswer) throws -> [UInt8] {
        check(try credentials(in: answer.sdp))
    }

    static func check(_ credentials: ICECredentials) -> [UInt8] {
        var writer = STUNWriter(.request, transactionID: [UInt8](1...12))
        writer.append(STUNAttribute.username, Array("\(credentials.usernameFragment):them".utf8))
        writer.append(STUNAttribute.iceControlling, [1, 2, 3, 4, 5, 6, 7, 8])
        writer.append(STUNAttribute.useCandidate, [])
        writer.appendIntegrity(key: credentials.password)
        writer.appendFingerprint()
        return writer.bytes
    }

    func check(password: String? = nil) {
        var writer = STUNWriter(.request, transactionID: [UInt8](1...12))
        writer.append(STUNAttribute.username, Array("\(credentials.usernameFragment):them".utf8))
        writer.append(STUNAttribute.priority, [0x6e, 0, 1, 0xff])
        writer.append(STUNAttribute.iceControlling, [1, 2, 3, 4, 5, 6, 7, 8])
        writer.append(STUNAttribute.useCandidate, [])
        writer.appendIntegrity(key: password ?? credentials.password)
        writer.appendFingerprint()
        give(writer.bytes)
    }

    /// Flights back and forth, until nobody has more to say.
    func handshake() throws {
        while true {
            let flight = dtls.takeDatagrams()
            if flight.isEmpty { break }
            for datagram in flight { give(datagram) }
        }
        guard case .connected(let keys) = dtls.state else { return }
        encryption = try SRTPSender(keys)
        decryption = try SRTPReceiver(keys)
    }

    func connect() throws {
        check()
        try handshake()
    }

    func closeHandshake() {
        dtls.close()
        for datagram in dtls.takeDatagrams() { give(datagram) }
    }

    var isHandshakeClosed: Bool {
        if case .closed = dtls.state { return true }
        return false
    }

    /// A picture of one slice, or a keyframe with its parameter sets, encrypted.
    func picture(isKeyframe: Bool) -> [[UInt8]] {
        let sets: [[UInt8]] = [
            [0x67, 0x42, 0xe0, 0x1f, 0xda, 0x02, 0x80, 0xf6, 0x80, 0x6d, 0x0a, 0x13, 0x50], [0x68, 0xce, 0x06, 0xe2],
        ]
        let slices: [[UInt8]] = (isKeyframe ? sets : []) + [isKeyframe ? [0x65, 0x88, 1, 2] : [0x41, 0x9a, 3, 4]]
        timestamp &+= 3000
        return slices.enumerated().compactMap { index, slice in
            sequence &+= 1
            let packet = RTPPacketBuilder(
                payloadType: 102, marker: index == slices.count - 1, sequence: sequence, timestamp: timestamp,
                payload: slice)
            return encryption?.protectRTP(packet.bytes)
        }
    }

    func wait(milliseconds: Int, step: Int = 10) {
        for _ in stride(from: 0, to: milliseconds, by: step) {
            now = now.adding(milliseconds: step)
            hub.tick(at: now)
            takeWaiting()
        }
    }
}
