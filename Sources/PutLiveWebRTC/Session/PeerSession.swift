/// One browser, from its offer to its end: ICE, DTLS, SRTP and media put together, without I/O. It is told of packets
/// and of time, and leaves what is to be sent in `outbox`.
///
/// Not Sendable: the C state of DTLS and SRTP is owned by one event loop.
final class PeerSession {
    /// A packet to send, and where to.
    typealias Outgoing = (bytes: [UInt8], destination: TransportAddress)

    private enum Phase {
        case connecting
        case connected
        case ended
    }

    let id: String
    /// Of our certificate, as the first answer named it.
    let fingerprint: String
    private(set) var negotiated: NegotiatedSession
    /// Names this ICE generation to those who change the session (RFC 9725, section 4.3.1).
    private(set) var localCredentials: ICECredentials
    /// Waiting to be sent; the owner takes it after each call.
    private(set) var outbox: [Outgoing] = []

    private let handlers: PeerHandlers
    private let dtls: DTLSTransport
    private var ice: ICELite
    private var receiver: MediaReceiver
    private var decryption: SRTPReceiver?
    private var encryption: SRTPSender?
    private var phase = Phase.connecting
    private var hasMedia = false
    private var unauthentic = 0
    private var replayed = 0

    init(
        id: String, negotiated: NegotiatedSession, credentials: ICECredentials, fingerprint: String,
        dtls: DTLSTransport, settings: ReceiverSettings, handlers: PeerHandlers, now: MonotonicTime
    ) {
        self.id = id
        self.fingerprint = fingerprint
        self.negotiated = negotiated
        self.handlers = handlers
        self.dtls = dtls
        localCredentials = credentials
        ice = ICELite(
            local: credentials,
            remote: ICECredentials(usernameFragment: negotiated.remoteUfrag, password: negotiated.remotePassword),
            now: now)
        receiver = MediaReceiver(
            tracks: negotiated.tracks, extensions: negotiated.extensions, settings: settings, now: now)
    }

    var isEnded: Bool { phase == .ended }
    /// Where to send to; nil before there is a path.
    var selected: TransportAddress? { ice.selected }

    var statistics: PeerStatistics {
        PeerStatistics(
            media: receiver.statistics, isConnected: phase == .connected, usesTCP: selected?.isTCP ?? false,
            unauthentic: unauthentic, replayed: replayed)
    }

    /// The packets to send, which are forgotten here.
    func takeOutbox() -> [Outgoing] {
        guard !outbox.isEmpty else { return [] }
        defer { outbox = [] }
        return outbox
    }

    // MARK: Packets

    /// Takes a STUN packet. True if it was authentic, so that more may come from where it came from.
    func receiveSTUN(_ packet: UnsafeRawBufferPointer, from source: TransportAddress, at now: MonotonicTime) -> Bool {
        var isAuthentic = false
        for event in ice.receive(packet, from: source, at: now) {
            switch event {
            case .send(let bytes, let destination):
                outbox.append((bytes, destination))
            case .selected(let address):
                isAuthentic = true
                // The peer's first flight may have come before its nomination.
                sendHandshake(to: address)
                connectIfReady()
            case .authenticated:
                isAuthentic = true
            case .ignored:
                break
            }
        }
        return isAuthentic
    }

    /// Takes a packet that isn't STUN, from an address that has sent authentic STUN before. It is decrypted in place.
    func receive(
        _ packet: UnsafeMutableRawBufferPointer, _ kind: PacketKind, from source: TransportAddress,
        at now: MonotonicTime
    ) {
        switch kind {
        case .dtls: receiveHandshake(UnsafeRawBufferPointer(packet), from: source, at: now)
        case .rtp: receiveRTP(packet, from: source, at: now)
        case .rtcp: receiveRTCP(packet, from: source, at: now)
        case .stun, .unknown: break
        }
    }

    private func receiveHandshake(
        _ packet: UnsafeRawBufferPointer, from source: TransportAddress, at now: MonotonicTime
    ) {
        dtls.receive(packet, at: now)
        sendHandshake(to: selected ?? source)
        takeHandshakeState()
    }

    private func sendHandshake(to destination: TransportAddress) {
        for datagram in dtls.takeDatagrams() { outbox.append((datagram, destination)) }
    }

    private func takeHandshakeState() {
        switch dtls.state {
        case .handshaking: break
        case .connected(let keys):
            guard decryption == nil else { return }
            do {
                decryption = try SRTPReceiver(keys)
                encryption = try SRTPSender(keys)
                connectIfReady()
            } catch {
                end(.handshakeFailed(.profile))
            }
        case .failed(let failure): end(.handshakeFailed(failure))
        case .closed: end(.closedByPeer)
        }
    }

    private func connectIfReady() {
        guard phase == .connecting, let selected, decryption != nil else { return }
        phase = .connected
        handlers.event(.connected(address: selected.ipText, isTCP: selected.isTCP))
    }

    private func receiveRTP(
        _ packet: UnsafeMutableRawBufferPointer, from source: TransportAddress, at now: MonotonicTime
    ) {
        guard let plain = decrypted(packet, isRTCP: false, from: source, at: now) else { return }
        receiver.receiveRTP(plain, at: now)
        if !hasMedia {
            hasMedia = true
            handlers.event(.firstMedia)
        }
        deliver()
    }

    private func receiveRTCP(
        _ packet: UnsafeMutableRawBufferPointer, from source: TransportAddress, at now: MonotonicTime
    ) {
        guard let plain = decrypted(packet, isRTCP: true, from: source, at: now) else { return }
        receiver.receiveRTCP(plain, at: now)
        deliver()
    }

    private func decrypted(
        _ packet: UnsafeMutableRawBufferPointer, isRTCP: Bool, from source: TransportAddress, at now: MonotonicTime
    ) -> UnsafeRawBufferPointer? {
        guard let decryption else { return nil }
        switch isRTCP ? decryption.unprotectRTCP(packet) : decryption.unprotectRTP(packet) {
        case .success(let count):
            ice.heard(from: source, at: now)
            return UnsafeRawBufferPointer(rebasing: packet[..<count])
        case .failure(.replay):
            replayed += 1
        case .failure:
            unauthentic += 1
        }
        return nil
    }

    // MARK: Time

    /// Does what is due. To be called every 10 ms or so.
    func tick(at now: MonotonicTime) {
        guard phase != .ended else { return }
        if let deadline = dtls.nextDeadline, deadline <= now {
            dtls.handleTimeout(at: now)
            if let selected { sendHandshake(to: selected) }
            takeHandshakeState()
        }
        if ice.isExpired(at: now) {
            end(ice.lastConsent == nil ? .neverConnected : .consentLost)
            return
        }
        guard phase == .connected, receiver.nextDeadline <= now else { return }
        receiver.tick(at: now)
        deliver()
    }

    private func deliver() {
        for frame in receiver.takeFrames() { handlers.frame(frame) }
        guard let encryption, let selected else { return }
        for packet in receiver.takeRTCP() {
            if let protected = encryption.protectRTCP(packet) { outbox.append((protected, selected)) }
        }
    }

    // MARK: Wishes

    /// Asks the peer for a keyframe.
    func requestKeyframe(at now: MonotonicTime) {
        guard phase == .connected else { return }
        receiver.requestKeyframe(at: now)
        deliver()
    }

    /// Begins a new ICE generation (RFC 8445, section 9); media goes on over the old path until the new one is there.
    func restart(_ negotiated: NegotiatedSession, credentials: ICECredentials) {
        self.negotiated = negotiated
        localCredentials = credentials
        ice.restart(
            local: credentials,
            remote: ICECredentials(usernameFragment: negotiated.remoteUfrag, password: negotiated.remotePassword))
    }

    /// Checks may name this fragment of ours: that of the present ICE generation, or of the one before it.
    func accepts(_ usernameFragment: String) -> Bool { ice.accepts(usernameFragment) }

    /// A TCP connection of the peer's is gone.
    func forget(_ address: TransportAddress) {
        ice.forget(address)
    }

    /// Ends the session and tells the peer.
    func close() {
        guard phase != .ended else { return }
        dtls.close()
        if let selected { sendHandshake(to: selected) }
        end(.closed)
    }

    private func end(_ reason: PeerEnd) {
        guard phase != .ended else { return }
        phase = .ended
        handlers.event(.ended(reason))
    }
}
