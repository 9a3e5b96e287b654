import COpenSSL

/// Lets a browser find out whether UDP leads to this host before it goes on air: answers connectivity checks that belong
/// to no session.
///
/// Nothing is kept of a probe. Its username fragment says until when it counts, and its password is made of that and of a
/// secret: so nobody else can make one up, and however many are asked for, nothing is used up.
public struct ReachabilityProbe: Sendable {
    /// How long the credentials count, rounded down by less than a second. A page has its answer, or gives up, sooner.
    public static let seconds = 30
    /// A fragment is this, the end in seconds as hexadecimal digits, and as many characters that are random. It is longer
    /// than a session's, so it is never taken for one.
    private static let mark = "probe"
    private static let digits = 8

    private let secret: [UInt8]

    /// - Parameter secret: Random, and of this process alone; 32 bytes.
    public init(secret: [UInt8]) {
        self.secret = secret
    }

    /// Those of a new probe; nil if OpenSSL fails.
    public func credentials(
        at now: MonotonicTime, using generator: inout some RandomNumberGenerator
    ) -> ICECredentials? {
        let end = String(UInt32(truncatingIfNeeded: Self.second(of: now) + Int64(Self.seconds)), radix: 16)
        let fragment =
            Self.mark + String(repeating: "0", count: Self.digits - end.count) + end
            + ICECredentials.text(of: Self.digits, using: &generator)
        return password(of: fragment).map { ICECredentials(usernameFragment: fragment, password: $0) }
    }

    /// The answer to a probe's check; nil to everything else, for where it claims to be from may be forged. It is shorter than
    /// the check, so nobody gains by sending it somewhere.
    ///
    /// - Parameter fragment: Of the packet, as ``ICELite/usernameFragment(of:)`` has it.
    public func answer(
        _ packet: UnsafeRawBufferPointer, named fragment: String, from source: TransportAddress, at now: MonotonicTime
    ) -> [UInt8]? {
        // What costs nothing first: this is all that a flood in other names gets.
        guard !source.isTCP, Self.isCurrent(fragment, at: now), let message = try? STUNMessage(packet),
            message.messageClass == .request, message.method == STUNMessage.binding, message.hasFingerprint,
            message.unknown.isEmpty, !message.isControlled, let password = password(of: fragment),
            message.isAuthentic(key: password, in: packet)
        else { return nil }
        return STUNWriter.success(to: message, from: source, key: password)
    }

    private static func isCurrent(_ fragment: String, at now: MonotonicTime) -> Bool {
        guard fragment.utf8.count == mark.utf8.count + 2 * digits, fragment.hasPrefix(mark),
            let end = UInt32(fragment.dropFirst(mark.count).prefix(digits), radix: 16)
        else { return false }
        return second(of: now) < Int64(end)
    }

    private static func second(of time: MonotonicTime) -> Int64 { time.microseconds / 1_000_000 }

    /// 144 bits, where RFC 8445, section 5.3, wants 128 at least.
    private func password(of fragment: String) -> String? {
        let text = Array(fragment.utf8)
        var code = [UInt8](repeating: 0, count: 32)
        var count = UInt32(0)
        guard HMAC(EVP_sha256(), secret, Int32(secret.count), text, text.count, &code, &count) != nil,
            count == code.count
        else { return nil }
        return ICECredentials.text(of: code.prefix(24))
    }
}
