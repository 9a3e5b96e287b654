import COpenSSL

/// How far a handshake is.
public enum DTLSState {
    /// Not yet through.
    case handshaking
    /// Through, with keys for SRTP.
    case connected(SRTPKeys)
    /// It won't get through any more.
    case failed(DTLSFailure)
    /// It was through, and one side ended it.
    case closed
}

/// A DTLS association (RFC 6347) that makes keys for SRTP (RFC 5764). It carries no data of its own.
///
/// Not Sendable: the one event loop that owns it calls it. Time is passed in for the deadlines; the timer of OpenSSL, which
/// decides what is sent again, reads the clock itself.
public final class DTLSTransport {
    /// Longest datagram that is sent.
    static let mtu = 1200
    private static let patienceMilliseconds = 30_000
    /// In microseconds: how long a flight's answer is waited for at first, and at most.
    static let firstTimeout: UInt32 = 250_000
    static let longestTimeout: UInt32 = 4_000_000

    /// How far it is.
    public private(set) var state = DTLSState.handshaking
    /// When to call `handleTimeout`; nil if nothing is waited for.
    public private(set) var nextDeadline: MonotonicTime?

    private let context: DTLSContext
    private let fingerprints: [DTLSFingerprint]
    private let datagrams = DatagramBIO()
    let ssl: OpaquePointer
    private let giveUp: MonotonicTime

    /// As client, its first flight waits in `takeDatagrams` at once.
    ///
    /// - Parameters:
    ///   - fingerprints: Of the peer's certificate, of which one has to fit.
    /// - Throws: `DTLSFailure` when there is no memory.
    public convenience init(
        context: DTLSContext, role: DTLSRole, fingerprints: [DTLSFingerprint], now: MonotonicTime
    ) throws(DTLSFailure) {
        // RFC 6347, section 4.2.4.1, begins with 1 s, but allows less where delay matters: a person waits, and most
        // round trips are far below. 10 transmissions fit into the 30 s.
        try self.init(context: context, role: role, fingerprints: fingerprints, now: now) { _, last in
            last == 0 ? DTLSTransport.firstTimeout : min(last * 2, DTLSTransport.longestTimeout)
        }
    }

    /// - Parameter timer: Answers how long to wait before a flight is sent again, given the last such time.
    init(
        context: DTLSContext, role: DTLSRole, fingerprints: [DTLSFingerprint], now: MonotonicTime,
        mtu: Int = DTLSTransport.mtu, timer: @escaping DTLS_timer_cb
    ) throws(DTLSFailure) {
        guard let ssl = SSL_new(context.pointer) else { throw .refused(OpenSSLError.take().words) }
        self.ssl = ssl
        self.context = context
        self.fingerprints = fingerprints
        giveUp = now.adding(milliseconds: Self.patienceMilliseconds)
        guard let bio = datagrams.makeBIO() else { throw .refused(OpenSSLError.take().words) }
        // The SSL owns the BIO from now on.
        SSL_set_bio(ssl, bio, bio)
        DTLS_set_link_mtu(ssl, mtu)
        DTLS_set_timer_cb(ssl, timer)
        if role == .server { SSL_set_accept_state(ssl) } else { SSL_set_connect_state(ssl) }
        proceed(at: now)
    }

    deinit { SSL_free(ssl) }

    /// Takes a datagram. What isn't DTLS, or of no use, changes nothing.
    public func receive(_ datagram: UnsafeRawBufferPointer, at now: MonotonicTime) {
        guard DTLSRecords.arePlausible(datagram) else { return }
        switch state {
        case .handshaking: datagrams.reading(datagram) { proceed(at: now) }
        case .connected: datagrams.reading(datagram) { readAlerts() }
        case .failed, .closed: break
        }
    }

    /// What is to be sent, and is forgotten here: datagrams of 1200 bytes at most.
    public func takeDatagrams() -> [[UInt8]] { datagrams.takeOutgoing() }

    /// Sends the last flight again, or gives up.
    public func handleTimeout(at now: MonotonicTime) {
        guard case .handshaking = state else { return }
        guard now < giveUp else { return fail(.timeout) }
        // What hasn't been sent yet needn't be sent again.
        guard datagrams.outgoing.isEmpty else { return setDeadline(at: now) }
        ERR_clear_error()
        if DTLSv1_handle_timeout(ssl) < 0 { return fail(.timeout) }
        setDeadline(at: now)
    }

    /// Tells the peer that this is the end (close_notify).
    public func close() {
        switch state {
        case .handshaking, .connected:
            ERR_clear_error()
            if case .connected = state { SSL_shutdown(ssl) }
            ERR_clear_error()
            state = .closed
            nextDeadline = nil
        case .failed, .closed:
            break
        }
    }

    // MARK: Handshake

    private func proceed(at now: MonotonicTime) {
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        if result == 1 { return finish() }
        let error = SSL_get_error(ssl, result)
        guard error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE else { return fail(Self.takeFailure()) }
        setDeadline(at: now)
    }

    private func finish() {
        nextDeadline = nil
        guard hasExpectedCertificate else { return fail(.fingerprint, tellsPeer: true) }
        guard let keys = SRTPKeys(ssl) else { return fail(.profile, tellsPeer: true) }
        state = .connected(keys)
        // There may be more in the datagram than the handshake.
        readAlerts()
    }

    /// RFC 8122, section 6.2.
    private var hasExpectedCertificate: Bool {
        guard let x509 = SSL_get1_peer_certificate(ssl) else { return false }
        defer { X509_free(x509) }
        return fingerprints.contains { expected in
            guard let algorithm = Self.algorithm(expected.algorithm) else { return false }
            return Certificate.fingerprint(of: x509, algorithm) == expected.value
        }
    }

    private static func algorithm(_ name: String) -> OpaquePointer? {
        switch name {
        case "sha-256": EVP_sha256()
        case "sha-384": EVP_sha384()
        case "sha-512": EVP_sha512()
        default: nil
        }
    }

    private func fail(_ failure: DTLSFailure, tellsPeer: Bool = false) {
        // For the peer the handshake may be through: then it waits for packets, unless it hears of the end.
        if tellsPeer { SSL_shutdown(ssl) }
        ERR_clear_error()
        state = .failed(failure)
        nextDeadline = nil
    }

    private static func takeFailure() -> DTLSFailure {
        let error = OpenSSLError.take()
        // An alert that came has its number in the reason, from SSL_AD_REASON_OFFSET on.
        if let number = UInt8(exactly: error.reason - Int(SSL_AD_REASON_OFFSET)) { return .alert(number) }
        return .refused(error.words)
    }

    private func setDeadline(at now: MonotonicTime) {
        let left = DTLSv1_get_timeout(ssl) ?? Int64(Self.longestTimeout)
        // OpenSSL's clock may be set back in the meantime, and then it would be late.
        let due = now.adding(microseconds: min(max(left, 1000), Int64(Self.longestTimeout)))
        nextDeadline = min(due, giveUp)
    }

    // MARK: Afterwards

    /// Reads what comes after the handshake: the peer's last flight once more, which OpenSSL answers, or its close_notify.
    private func readAlerts() {
        withUnsafeTemporaryAllocation(byteCount: 2048, alignment: 1) { buffer in
            // Each turn takes one record, and a datagram has fewer than these.
            for _ in 0..<128 {
                ERR_clear_error()
                // Data is none of ours (RFC 5764, section 4.1) and is dropped.
                let count = SSL_read(ssl, buffer.baseAddress, Int32(buffer.count))
                guard count <= 0 else { continue }
                let error = SSL_get_error(ssl, count)
                if error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE {
                    if error == SSL_ERROR_ZERO_RETURN { SSL_shutdown(ssl) }
                    state = .closed
                }
                break
            }
        }
        ERR_clear_error()
    }
}
