import Testing

@testable import PutLiveWebRTC

struct SDPRefusalTests {
    private static let h264 = SDPOffers.h264("packetization-mode=1;profile-level-id=42e01f")

    /// What is done to a good offer, and what the refusal says then.
    private static let cases: [(change: String, to: String, words: String)] = [
        ("a=sendonly", "a=recvonly", "the offer sends nothing (recvonly)"),
        ("a=sendonly", "a=inactive", "the offer sends nothing (inactive)"),
        ("a=rtcp-mux", "a=x", "RTCP isn't on the port of RTP"),
        ("m=video 9", "m=video 0", "switched off"),
        ("UDP/TLS/RTP/SAVPF", "RTP/AVP", "RTP/AVP isn't SRTP by DTLS"),
        ("m=video", "m=text", "only audio and video"),
        ("H264", "AV1", "no codec in common; H.264 (Baseline, Main or High) or VP8 is received"),
        ("m=video", "m=audio", "no codec in common; Opus is received"),
        ("BUNDLE v", "BUNDLE w", "isn't bundled"),
        ("a=x", "a=simulcast:send h;l", "simulcast"),
        ("a=x", "a=simulcast:recv a send h,~l", "simulcast"),
        ("a=x", "a=ssrc-group:SIM 1 2 3", "simulcast"),
        ("a=group", "a=ice-lite\na=group", "ICE-lite"),
        ("a=ice-ufrag", "a=x", "no ICE user fragment"),
        ("a=ice-pwd", "a=x", "no ICE user fragment and password"),
        ("a=fingerprint:sha-256", "a=fingerprint:sha-1", "no certificate fingerprint"),
        ("a=setup:actpass", "a=setup:holdconn", "a=setup is none of"),
        ("a=ice-ufrag:abcd", "a=ice-ufrag:abc", "wrong length"),
        ("a=ice-pwd:0123456789abcdef012345", "a=ice-pwd:0123456789abcdef01234", "wrong length"),
        ("a=ice-ufrag:abcd", "a=ice-ufrag:ab:d", "characters"),
    ]

    @Test func theOfferItselfIsGood() { #expect(SDPOffers.refusal(Self.h264) == nil) }

    @Test("Refusals say why", arguments: cases.indices)
    func refusals(index: Int) {
        let (change, to, words) = Self.cases[index]
        let refusal = SDPOffers.refusal(Self.h264.replacingFirst(change, with: to))
        #expect(refusal?.contains(words) == true, "\(refusal ?? "none")")
    }

    @Test func anOfferWithoutSections() {
        let empty = "v=0\no=- 1 2 IN IP4 127.0.0.1\ns=-\nt=0 0\n"
        #expect(SDPOffers.refusal(empty) == "The offer has no media section.")
    }

    @Test func whatIsMalformedAndWhatIsUnacceptableDiffer() {
        #expect(throws: SDPError.unacceptable("The offer has no media section.")) {
            try SDPOffers.answer("v=0\no=- 1 2 IN IP4 127.0.0.1\ns=-\nt=0 0\n")
        }
        #expect(throws: SDPError.malformed(line: 0, text: "", problem: "doesn't begin with v=0")) {
            try SDPOffers.answer("")
        }
    }

    @Test func oneStreamOfSimulcastIsNone() {
        for line in ["a=simulcast:send h", "a=simulcast:recv h;l", "a=simulcast:send", "a=ssrc-group:SIM 1"] {
            #expect(SDPOffers.refusal(Self.h264.replacingFirst("a=x", with: line)) == nil, "\(line)")
        }
    }

    // MARK: What is good all the same

    @Test(
        "Names of SRTP by DTLS",
        arguments: ["UDP/TLS/RTP/SAVP", "TCP/DTLS/RTP/SAVPF", "RTP/SAVPF", "rtp/savp"])
    func transports(name: String) throws {
        let session = try SDPOffers.answer(Self.h264.replacingFirst("UDP/TLS/RTP/SAVPF", with: name))
        #expect(session.answer.lines("m=") == ["m=video 9 \(name) 102"])
    }

    @Test(
        "Who begins DTLS",
        arguments: [
            ("a=setup:actpass", DTLSRole.server), ("a=setup:active", .server), ("a=setup:passive", .client),
            ("a=x", .server),
        ])
    func roles(line: String, role: DTLSRole) throws {
        let session = try SDPOffers.answer(Self.h264.replacingFirst("a=setup:actpass", with: line))
        #expect(session.dtlsRole == role)
        #expect(session.answer.lines("a=setup") == [role == .server ? "a=setup:passive" : "a=setup:active"])
    }

    @Test func directionMayStandAboveOrNotAtAll() throws {
        let none = Self.h264.replacingFirst("a=sendonly", with: "a=x")
        #expect(SDPOffers.refusal(none) == nil)
        let above = none.replacingFirst("t=0 0", with: "t=0 0\na=recvonly")
        #expect(SDPOffers.refusal(above)?.contains("recvonly") == true)
        #expect(SDPOffers.refusal(Self.h264.replacingFirst("t=0 0", with: "t=0 0\na=recvonly")) == nil)
    }

    @Test func aSectionWithoutBundleAndName() throws {
        let alone = Self.h264.replacingFirst("a=group:BUNDLE v\n", with: "").replacingFirst("a=mid:v\n", with: "")
        let session = try SDPOffers.answer(alone)
        #expect(session.mids == [""])
        #expect(session.answer.lines("a=group").isEmpty && session.answer.lines("a=mid").isEmpty)
        #expect(session.answer.lines("a=candidate").count == 2)
    }

    // MARK: Bundles

    @Test func withoutABundleTwoTracksAreTooMany() {
        let offer = SDPOffers.chromium.replacingFirst("a=group:BUNDLE 0 1", with: "a=x")
        #expect(SDPOffers.refusal(offer)?.contains("doesn't bundle sound and pictures") == true)
    }

    @Test func whatIsNotBundledIsRefusedAlone() throws {
        let session = try SDPOffers.answer(SDPOffers.chromium.replacingFirst("BUNDLE 0 1", with: "BUNDLE 1"))
        #expect(session.mids == ["1"])
        let media = try SessionDescription(parsing: session.answer).media
        #expect(media.map(\.port) == [0, 9])
        #expect(media[0].attributes == [SDPAttribute("mid", "0"), SDPAttribute("inactive")])
        #expect(media[0].formats == ["111"])
        #expect(session.refusals == ["Section 1 (audio): it isn't bundled with the others."])
        // The transport is then that of the second section.
        #expect(media[1].attributes.has("end-of-candidates"))
    }

    @Test func aNameTwiceInTheBundleCountsOnce() throws {
        let session = try SDPOffers.answer(SDPOffers.chromium.replacingFirst("BUNDLE 0 1", with: "BUNDLE 1 1"))
        #expect(session.mids == ["1"] && session.answer.lines("a=group") == ["a=group:BUNDLE 1"])
    }

    @Test func theFirstOfTheBundleCarriesTheTransport() throws {
        let session = try SDPOffers.answer(SDPOffers.chromium.replacingFirst("BUNDLE 0 1", with: "BUNDLE 1 0 9"))
        #expect(session.mids == ["1", "0"] && session.answer.lines("a=group") == ["a=group:BUNDLE 1 0"])
        let media = try SessionDescription(parsing: session.answer).media
        #expect(media.map { $0.attributes.has("candidate") } == [false, true])
    }

    @Test func aRefusedTaggedSectionLeavesItsTransportToTheNext() throws {
        let session = try SDPOffers.answer(SDPOffers.chromium.replacingAll("opus", with: "speex"))
        #expect(session.mids == ["1"] && session.remoteUfrag == "3a84")
        #expect(session.answer.lines("a=group") == ["a=group:BUNDLE 1"])
    }

    @Test func aSectionThatIsBundledOnlyBorrowsTheTransport() throws {
        // RFC 8843 section 7.1.3: neither ICE nor DTLS nor rtcp-mux in it, and port 0.
        let offer =
            SDPOffers.h264("packetization-mode=1")
            .replacingFirst("BUNDLE v", with: "BUNDLE v a")
                + """
                m=audio 0 UDP/TLS/RTP/SAVPF 111
                a=bundle-only
                a=mid:a
                a=sendonly
                a=rtpmap:111 opus/48000/2

                """
        let session = try SDPOffers.answer(offer)
        #expect(session.mids == ["v", "a"] && session.answer.lines("m=audio") == ["m=audio 9 UDP/TLS/RTP/SAVPF 111"])
        // And the other way round: what is refused may be the one that has them.
        let refused = try SDPOffers.answer(offer.replacingFirst("H264", with: "AV1"))
        #expect(refused.mids == ["a"] && refused.remoteUfrag == "abcd")
    }

    @Test func ofTwoBundlesTheOneWithMedia() throws {
        let offer = SDPOffers.h264(nil)
            .replacingFirst("a=group:BUNDLE v", with: "a=group:BUNDLE nobody\na=group:BUNDLE v")
        #expect(try SDPOffers.answer(offer).mids == ["v"])
    }

    @Test func aSecondVideoIsRefused() throws {
        let offer = SDPOffers.pion.replacingFirst(
            "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
            with: """
                m=video 9 UDP/TLS/RTP/SAVPF 102
                a=rtpmap:102 H264/90000
                """)
        let session = try SDPOffers.answer(offer)
        #expect(session.mids == ["0", "1"])
        #expect(session.refusals == ["Section 3 (video): one track of video is received already."])
    }

    @Test func aPayloadTypeMeansOneThing() throws {
        let offer = SDPOffers.pion.replacingAll("111", with: "103")
        let session = try SDPOffers.answer(offer)
        #expect(session.mids == ["0"])
        #expect(session.refusals.first == "Section 2 (audio): no codec in common; Opus is received.")
    }

    @Test func anExtensionHasOneNumber() throws {
        let uri = OfferedExtension.transportCC
        let second = "a=rtcp-fb:111 transport-cc\na=extmap:5 \(uri)"
        let session = try SDPOffers.answer(
            SDPOffers.pion.replacingFirst(second, with: "a=rtcp-fb:111 transport-cc\na=extmap:6 \(uri)"))
        #expect(session.extensions.transportCC == 5)
        #expect(session.tracks.map(\.usesTransportCC) == [true, false])
    }
}
