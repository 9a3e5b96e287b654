/// The attributes of ICE (RFC 8839 section 5) that offers and fragments share.
enum ICEAttributes {
    /// Of our side: no agent of ours sends checks, so the peer must be a full one.
    static let lite = SDPAttribute("ice-lite")
    /// Candidates may come later (RFC 8840), or never: they aren't needed.
    static let options = SDPAttribute("ice-options", "trickle ice2")
    static let end = SDPAttribute("end-of-candidates")

    /// Lengths and characters of section 5.4. The error doesn't repeat the password.
    static func check(ufrag: String, password: String) throws(SDPError) {
        guard isGood(ufrag, 4...256), isGood(password, 22...256) else {
            throw .malformed(
                line: 0, text: "", problem: "has an ICE user fragment or password of wrong length or characters")
        }
    }

    /// Ours, for each section.
    static func credentials(ufrag: String, password: String) -> [SDPAttribute] {
        [SDPAttribute("ice-ufrag", ufrag), SDPAttribute("ice-pwd", password)]
    }

    /// Ours, all of them.
    static func candidates(_ values: [String]) -> [SDPAttribute] {
        values.map { SDPAttribute("candidate", $0) } + [end]
    }

    /// Words between spaces; libdatachannel puts commas there.
    static func options(_ attributes: [SDPAttribute]) -> [String] {
        attributes.values("ice-options").flatMap { $0.split { $0 == " " || $0 == "," }.map(String.init) }
    }

    private static func isGood(_ text: String, _ length: ClosedRange<Int>) -> Bool {
        length.contains(text.utf8.count) && text.utf8.allSatisfy(RemoteCandidate.isICECharacter)
    }
}
