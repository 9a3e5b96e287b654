/// What an offer and its answer agree on.
public struct NegotiatedSession: Sendable, Equatable {
    /// What is received: at most one track of each kind, at least one in all.
    public let tracks: [NegotiatedTrack]
    /// The same numbers in all tracks, for they share a transport (RFC 8843 section 10).
    public let extensions: HeaderExtensionIDs
    /// The peer's ICE user fragment.
    public var remoteUfrag: String
    /// The peer's ICE password.
    public var remotePassword: String
    /// One of them is that of the peer's certificate; at least one.
    public let remoteFingerprints: [DTLSFingerprint]
    /// Ours.
    public let dtlsRole: DTLSRole
    /// Those of the peer's addresses that were understood, at most 64.
    public var remoteCandidates: [RemoteCandidate]
    /// The words of the peer's `a=ice-options`.
    public let remoteICEOptions: [String]
    /// Why a section was refused, a sentence for each; for the log.
    public let refusals: [String]
    /// The answer as it was made.
    var description: SessionDescription
    /// The first one that was given, which all answers keep.
    let sessionID: UInt64
    /// Goes up with each answer (RFC 9429 section 5.3.2).
    var version: Int
    /// The peer is of libwebrtc: Chromium, Safari.
    let isOfLibwebrtc: Bool

    /// The answer, ready to be sent. It holds our ICE password.
    public var answer: String { description.text }
    /// The peer may tell of more candidates later (RFC 8840).
    public var isTrickle: Bool { remoteICEOptions.contains("trickle") }
    /// Of the tracks; the first one's section is the tagged one, which carries the transport.
    public var mids: [String] { tracks.map(\.mid) }
}
