/// What an answer says of our side.
public struct AnswerParameters: Sendable {
    /// Random, below 2^63 (RFC 8829 section 5.2.1). An ICE restart keeps the first one.
    public var sessionID: UInt64
    /// Our ICE user fragment.
    public var ufrag: String
    /// Our ICE password.
    public var password: String
    /// Of our certificate: SHA-256, pairs of upper-case hexadecimal digits with colons between them.
    public var fingerprint: String
    /// Our addresses: the values of `a=candidate`, the best first, all of them.
    public var candidates: [String]
    /// The most that the peer may send as pictures, in kbit/s.
    public var maxVideoKilobits: Int
    /// With what a browser of Chromium's kind begins, in kbit/s, instead of 300; nil leaves it to the browser.
    public var startVideoKilobits: Int?

    /// All fields.
    public init(
        sessionID: UInt64, ufrag: String, password: String, fingerprint: String, candidates: [String],
        maxVideoKilobits: Int, startVideoKilobits: Int? = nil
    ) {
        self.sessionID = sessionID
        self.ufrag = ufrag
        self.password = password
        self.fingerprint = fingerprint
        self.candidates = candidates
        self.maxVideoKilobits = maxVideoKilobits
        self.startVideoKilobits = startVideoKilobits
    }
}
