/// What ICE and DTLS need to know of the peer (RFC 8839 section 5, RFC 8842 section 5).
struct TransportDescription {
    let ufrag: String
    let password: String
    let fingerprints: [DTLSFingerprint]
    let role: DTLSRole

    /// Of a section that was accepted.
    ///
    /// - Parameters:
    ///   - section: The tagged section of the bundle.
    ///   - others: Of the bundle: only one of them must carry the attributes (RFC 8843 section 7.1.3).
    ///   - role: Ours, if it is settled: a session keeps it (RFC 8842 section 5.5).
    init(
        of section: MediaDescription, others: [MediaDescription], session: SessionDescription, keeping role: DTLSRole?
    ) throws(SDPError) {
        let places = [section.attributes, session.attributes] + others.map(\.attributes)
        func first(_ name: String) -> String? {
            places.lazy.compactMap { $0.value(name) }.first
        }
        guard let ufrag = first("ice-ufrag"), let password = first("ice-pwd") else {
            throw .unacceptable("The offer has no ICE user fragment and password (a=ice-ufrag, a=ice-pwd).")
        }
        (self.ufrag, self.password) = (ufrag, password)
        try ICEAttributes.check(ufrag: ufrag, password: password)

        let values = places.lazy.map { $0.values("fingerprint") }.first { !$0.isEmpty } ?? []
        fingerprints = values.prefix(8).compactMap(DTLSFingerprint.init)
        guard !fingerprints.isEmpty else {
            throw .unacceptable("The offer has no certificate fingerprint by SHA-256, SHA-384 or SHA-512.")
        }
        self.role = try Self.role(offered: first("setup"), keeping: role)
    }

    /// Ours. Given the choice the peer begins: it knows when its checks have succeeded. Absent means active (RFC 4145
    /// section 4).
    private static func role(offered setup: String?, keeping role: DTLSRole?) throws(SDPError) -> DTLSRole {
        let possible: [DTLSRole] =
            switch setup?.lowercased() ?? "active" {
            case "actpass": [.server, .client]
            case "active": [.server]
            case "passive": [.client]
            default: []
            }
        guard let first = possible.first else {
            throw .unacceptable("The offer's a=setup is none of actpass, active and passive.")
        }
        guard let role else { return first }
        guard possible.contains(role) else {
            throw .unacceptable("The offer changes the roles of DTLS (a=setup), which an ICE restart can't.")
        }
        return role
    }
}
