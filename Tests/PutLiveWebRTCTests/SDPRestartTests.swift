import Testing

@testable import PutLiveWebRTC

struct SDPRestartTests {
    private static let parameters = SDPOffers.parameters(ufrag: "next")
    private static let session = Result { try SDPOffers.answer(SDPOffers.chromium) }
    private static let restarted = SDPOffers.chromium
        .replacingAll("a=ice-ufrag:3a84", with: "a=ice-ufrag:N3w1")
        .replacingAll("mqWJABJM/jkSjlT1t0+CSo+Y", with: "0123456789abcdef01234567")

    private static func refusal(_ offer: String, after first: String = SDPOffers.chromium) -> String? {
        do {
            _ = try OfferAnswer.restart(SDPOffers.answer(first), with: offer, parameters)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func anOfferWithNewCredentials() throws {
        let before = try Self.session.get()
        let after = try OfferAnswer.restart(before, with: Self.restarted, Self.parameters)
        #expect(after.remoteUfrag == "N3w1" && after.remotePassword == "0123456789abcdef01234567")
        #expect(after.tracks == before.tracks && after.dtlsRole == before.dtlsRole)
        #expect(after.answer.lines("o=") == ["o=- 7 2 IN IP4 127.0.0.1"])
        #expect(after.answer.lines("a=ice-ufrag") == ["a=ice-ufrag:next", "a=ice-ufrag:next"])
        #expect(after.answer.lines("m=") == before.answer.lines("m="))
        let third = try OfferAnswer.restart(after, with: SDPOffers.chromium, Self.parameters)
        #expect(third.answer.lines("o=") == ["o=- 7 3 IN IP4 127.0.0.1"])
    }

    @Test func laterOffersOfChromiumHaveFewerExtensions() throws {
        let parameters = SDPOffers.parameters(maxVideoKilobits: 2500, startVideoKilobits: 2000)
        let first = try OfferAnswer.answer(to: SDPOffers.chromium, parameters)
        // As it does: what the answer left out isn't offered again.
        let agreed = ["sdes:mid", "transport-wide-cc"]
        let lines = Self.restarted.split(separator: "\n").filter { line in
            !line.hasPrefix("a=extmap:") || agreed.contains { line.contains($0) }
        }
        let after = try OfferAnswer.restart(first, with: lines.joined(separator: "\n"), parameters)
        #expect(after.answer.lines("a=fmtp") == first.answer.lines("a=fmtp"))
        #expect(after.answer.contains("x-google-start-bitrate=2000"))
    }

    @Test func anotherSSRCIsNoMatter() throws {
        let offer = Self.restarted.replacingAll("4001816041", with: "5")
        let after = try OfferAnswer.restart(Self.session.get(), with: offer, Self.parameters)
        #expect(after.tracks[0].ssrc == 5)
    }

    @Test(
        "Nothing else may change",
        arguments: [
            ("a=rtpmap:102 H264", "a=rtpmap:102 AV1", "changes tracks"), ("a=mid:1", "a=mid:7", "changes tracks"),
            ("a=rtpmap:111 opus", "a=rtpmap:111 speex", "changes tracks"),
            ("a=fingerprint:sha-256 1A", "a=fingerprint:sha-256 00", "another certificate"),
            ("a=ice-ufrag:N3w1", "a=ice-ufrag:3a84", "must both be new"),
            ("a=ice-pwd:0123456789abcdef01234567", "a=ice-pwd:mqWJABJM/jkSjlT1t0+CSo+Y", "must both be new"),
            ("a=setup:actpass", "a=setup:passive", "changes the roles"),
            ("v=0", "v=1", "doesn't begin"),
        ])
    func changes(part: String, other: String, words: String) {
        let refusal = Self.refusal(Self.restarted.replacingAll(part, with: other))
        #expect(refusal?.contains(words) == true, "\(refusal ?? "none")")
    }

    @Test func anExtensionKeepsItsNumber() {
        let offer = Self.restarted.replacingAll("a=extmap:3 http", with: "a=extmap:9 http")
        #expect(Self.refusal(offer)?.contains("header extensions") == true)
    }

    @Test func theClientOfDTLSStaysIt() throws {
        let first = try SDPOffers.answer(SDPOffers.chromium.replacingAll("actpass", with: "passive"))
        let after = try OfferAnswer.restart(first, with: Self.restarted, Self.parameters)
        #expect(after.dtlsRole == .client && after.answer.lines("a=setup:active").count == 2)
        #expect(throws: SDPError.self) {
            try OfferAnswer.restart(
                first, with: Self.restarted.replacingAll("actpass", with: "active"), Self.parameters)
        }
    }

    // MARK: By fragment

    @Test func aFragmentWithNewCredentials() throws {
        let before = try Self.session.get()
        let fragment = SDPFragment(
            ufrag: "N3w1", password: "0123456789abcdef01234567",
            sections: [
                .init(
                    mid: "0", candidates: ["1 1 udp 1 192.0.2.9 9 typ host", "rubbish"], isEndOfCandidates: false)
            ])
        let (after, answer) = try OfferAnswer.restart(before, with: fragment, Self.parameters)
        #expect(after.remoteUfrag == "N3w1" && after.remotePassword == "0123456789abcdef01234567")
        #expect(after.remoteCandidates.map(\.address) == ["192.0.2.9"])
        // The answer as it would have been to an offer.
        let offered = try OfferAnswer.restart(before, with: Self.restarted, Self.parameters)
        #expect(after.answer == offered.answer)
        #expect(
            answer
                == SDPFragment(
                    ufrag: "next", password: "another-password-of-ours", mids: ["0", "1"],
                    candidates: Self.parameters.candidates))
        // And once more.
        let again = SDPFragment(ufrag: "4gain", password: "abcdef0123456789abcdef01", sections: [])
        #expect(
            try OfferAnswer.restart(after, with: again, Self.parameters).session.answer.lines("o=") == [
                "o=- 7 3 IN IP4 127.0.0.1"
            ])
    }

    @Test func aFragmentThatDoesNotFit() throws {
        let session = try Self.session.get()
        func refusal(_ fragment: SDPFragment) -> String? {
            do {
                _ = try OfferAnswer.restart(session, with: fragment, Self.parameters)
                return nil
            } catch {
                return "\(error)"
            }
        }
        let old = SDPFragment(ufrag: "3a84", password: "0123456789abcdef01234567", sections: [])
        #expect(refusal(old)?.contains("must both be new") == true)
        let elsewhere = SDPFragment(ufrag: "N3w1", password: "0123456789abcdef01234567", mids: ["x"], candidates: [])
        #expect(refusal(elsewhere)?.contains("that the session hasn't") == true)
    }

    @Test func candidatesThatComeLater() throws {
        let session = try Self.session.get()
        func fragment(_ ufrag: String, mid: String) -> SDPFragment {
            SDPFragment(
                ufrag: ufrag, password: session.remotePassword, mids: [mid],
                candidates: ["1 1 udp 1 192.0.2.9 9 typ host", "1 1 tcp 1 192.0.2.9 9 typ host tcptype active"])
        }
        #expect(try OfferAnswer.trickle(session, fragment("3a84", mid: "1")).map(\.transport) == [.udp, .tcp])
        #expect(throws: SDPError.self) { try OfferAnswer.trickle(session, fragment("N3w1", mid: "1")) }
        #expect(throws: SDPError.self) { try OfferAnswer.trickle(session, fragment("3a84", mid: "2")) }
    }
}
