/// The ICE agent of a host whose addresses are public (RFC 8445, section 2.5): it answers the peer's connectivity checks,
/// sends none of its own, and leaves it to the peer to nominate a pair.
public struct ICELite: Sendable {
    /// A peer that hasn't come through by then won't any more. With what its end takes, it is off air within 15 s.
    private static let connectingMilliseconds = 14_000
    /// Nothing authentic for so long, and the peer is gone: browsers send media, RTCP or checks every few seconds.
    private static let silenceMilliseconds = 10_000
    /// How long a check, or what else is authentic and comes from where we send to, is good for as consent to send
    /// (RFC 7675, section 5.1). A peer whose ICE agent is older than that RFC, as GStreamer's often is, checks once and
    /// then sends media alone, which nobody else could do from that address.
    private static let consentMilliseconds = 30_000

    /// What the peer has to show.
    private var local: ICECredentials
    private var remote: ICECredentials
    /// What it had to show before a restart, as long as the new generation has no pair.
    private var previous: ICECredentials?
    private let start: MonotonicTime

    /// Where to send to: the first pair that came through, and then what the peer nominates.
    public private(set) var selected: TransportAddress?
    private var isNominated = false
    /// When the peer's last authentic check came; nil before the first.
    public private(set) var lastConsent: MonotonicTime?
    private var lastHeard: MonotonicTime?
    /// When something authentic came last from where we send to.
    private var selectedHeard: MonotonicTime?
    /// Silence of the selected address after which a check from another one moves us there: a NAT gives a browser another
    /// port without its noticing, and then it nominates nothing.
    private static let movingMilliseconds = 2_000

    /// An agent that waits for its peer.
    public init(local: ICECredentials, remote: ICECredentials, now: MonotonicTime) {
        self.local = local
        self.remote = remote
        start = now
    }

    /// Begins a new generation (RFC 8445, section 9). The selected pair stays, and its checks are answered, until a pair of
    /// the new generation came through.
    public mutating func restart(local: ICECredentials, remote: ICECredentials) {
        // Of two restarts in a row, the first may have no pair yet: then the path is still that of the one before.
        previous = previous ?? self.local
        self.local = local
        self.remote = remote
        isNominated = false
    }

    /// The peer sent something else that was authentic, such as media: it is still there.
    public mutating func heard(from source: TransportAddress, at now: MonotonicTime) {
        lastHeard = now
        if source == selected { selectedHeard = now }
    }

    /// The address is of no use any more: its TCP connection is closed.
    public mutating func forget(_ address: TransportAddress) {
        if selected == address {
            selected = nil
            isNominated = false
        }
    }

    /// The peer never came, has been silent for too long, or hasn't renewed its consent (RFC 7675).
    public func isExpired(at now: MonotonicTime) -> Bool {
        guard let lastConsent else { return now >= start.adding(milliseconds: Self.connectingMilliseconds) }
        let lastSign = max(lastConsent, lastHeard ?? lastConsent)
        let consent = max(lastConsent, selectedHeard ?? lastConsent)
        return now >= lastSign.adding(milliseconds: Self.silenceMilliseconds)
            || now >= consent.adding(milliseconds: Self.consentMilliseconds)
    }

    /// Our username fragment in a check, by which a server with one port finds the session; nil if there is none.
    public static func usernameFragment(of packet: UnsafeRawBufferPointer) -> String? {
        guard let message = try? STUNMessage(packet) else { return nil }
        return message.usernameFragment(in: packet)
    }

    /// Takes a STUN packet.
    public mutating func receive(
        _ packet: UnsafeRawBufferPointer, from source: TransportAddress, at now: MonotonicTime
    ) -> [ICEEvent] {
        guard let message = try? STUNMessage(packet) else { return [.ignored(.malformed)] }
        guard message.messageClass == .request, message.method == STUNMessage.binding else {
            return [.ignored(.notRequest)]
        }
        // RFC 8489, section 9.1.3, in its order; but who doesn't know the password gets no answer, for where it claims to
        // be may be forged.
        guard message.username != nil, message.integrity != nil else {
            return [.ignored(.incomplete)]
        }
        guard let credentials = credentials(of: message, in: packet) else {
            return [.ignored(.unknownUsername)]
        }
        guard message.isAuthentic(key: credentials.password, in: packet) else {
            return [.ignored(.unauthentic)]
        }
        guard message.unknown.isEmpty else {
            return refuse(message, 420, "Unknown Attribute", .unknownAttributes, to: source, key: credentials.password)
        }
        // We can't take over control, so the peer has to switch roles (RFC 8445, sections 6.1.1 and 7.3.1.1).
        guard !message.isControlled else {
            return refuse(message, 487, "Role Conflict", .roleConflict, to: source, key: credentials.password)
        }
        return accept(message, credentials, from: source, at: now)
    }

    /// It names the present generation, or the one before it while that counts.
    func accepts(_ usernameFragment: String) -> Bool {
        usernameFragment == local.usernameFragment || usernameFragment == previous?.usernameFragment
    }

    private func credentials(of message: STUNMessage, in packet: UnsafeRawBufferPointer) -> ICECredentials? {
        let fragment = message.usernameFragment(in: packet)
        if fragment == local.usernameFragment { return local }
        return fragment == previous?.usernameFragment ? previous : nil
    }

    private mutating func accept(
        _ message: STUNMessage, _ credentials: ICECredentials, from source: TransportAddress, at now: MonotonicTime
    ) -> [ICEEvent] {
        lastConsent = now
        heard(from: source, at: now)
        let answer = STUNWriter.success(to: message, from: source, key: credentials.password)
        var events: [ICEEvent] = [.send(answer, to: source), .authenticated]
        if select(source, isNominated: message.usesCandidate, isCurrent: credentials == local, at: now) {
            selectedHeard = now
            events.append(.selected(source))
        }
        return events
    }

    /// True if there is something new to tell. The peer's last nomination counts (RFC 8445, section 7.3.1.5); before there is
    /// one, the first pair that came through serves, so that the handshake needn't wait.
    private mutating func select(
        _ source: TransportAddress, isNominated nominates: Bool, isCurrent: Bool, at now: MonotonicTime
    ) -> Bool {
        if nominates && (isCurrent || !isNominated) {
            let isNew = selected != source || (isCurrent && !isNominated)
            selected = source
            if isCurrent {
                isNominated = true
                previous = nil
            }
            return isNew
        }
        let isSilent = selectedHeard.map { now >= $0.adding(milliseconds: Self.movingMilliseconds) } ?? true
        guard selected == nil || (selected != source && isSilent) else { return false }
        selected = source
        return true
    }

    private func refuse(
        _ message: STUNMessage, _ code: Int, _ reason: String, _ why: ICEIgnored, to source: TransportAddress,
        key: String
    ) -> [ICEEvent] {
        var answer = STUNWriter(.failure, transactionID: message.transactionID)
        answer.appendError(code, reason)
        if code == 420 {
            let types = message.unknown.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
            answer.append(STUNAttribute.unknownAttributes, types)
        }
        answer.appendIntegrity(key: key)
        answer.appendFingerprint()
        return [.send(answer.bytes, to: source), .ignored(why)]
    }
}
