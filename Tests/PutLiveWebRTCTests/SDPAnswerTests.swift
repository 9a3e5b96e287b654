import Testing

@testable import PutLiveWebRTC

struct SDPAnswerTests {
    @Test func chromium() throws {
        let session = try SDPOffers.answer(SDPOffers.chromium)
        #expect(session.mids == ["0", "1"])
        #expect(session.extensions == HeaderExtensionIDs(mid: 4, transportCC: 3))
        #expect(session.remoteUfrag == "3a84" && session.remotePassword == "mqWJABJM/jkSjlT1t0+CSo+Y")
        #expect(session.remoteFingerprints.map(\.value) == [SDPOffers.fingerprint])
        #expect(session.dtlsRole == .server && session.isTrickle && session.refusals.isEmpty)
        #expect(session.remoteCandidates.count == 8)
        #expect(
            session.tracks[0]
                == NegotiatedTrack(
                    mid: "0", kind: .audio, payloads: [NegotiatedPayload(payloadType: 111, codec: .opus)],
                    ssrc: 4_001_816_041, usesTransportCC: true))
        let h264: [(UInt8, UInt8)] = [(102, 103), (108, 109), (116, 117), (104, 107), (114, 115), (39, 40)]
        #expect(
            session.tracks[1]
                == NegotiatedTrack(
                    mid: "1", kind: .video,
                    payloads: h264.map { NegotiatedPayload(payloadType: $0, codec: .h264, rtxPayloadType: $1) },
                    ssrc: 1_324_949_612, rtxSSRC: 547_465_161, usesNACK: true, usesPLI: true, usesTransportCC: true,
                    usesREMB: true))
    }

    @Test func theAnswerToAudioAloneWordForWord() throws {
        let offer = """
            v=0
            o=- 1 2 IN IP4 127.0.0.1
            s=-
            t=0 0
            a=group:BUNDLE mic
            m=audio 9 UDP/TLS/RTP/SAVPF 111
            c=IN IP4 0.0.0.0
            a=ice-ufrag:abcd
            a=ice-pwd:0123456789abcdef012345
            a=fingerprint:sha-256 \(SDPOffers.fingerprint)
            a=setup:actpass
            a=mid:mic
            a=extmap:4/sendonly urn:ietf:params:rtp-hdrext:sdes:mid
            a=sendonly
            a=rtcp-mux
            a=rtpmap:111 OPUS/48000/2
            a=rtcp-fb:* nack
            a=rtcp-fb:* nack pli

            """
        let answer = """
            v=0
            o=- 7 1 IN IP4 127.0.0.1
            s=-
            t=0 0
            a=ice-lite
            a=ice-options:trickle ice2
            a=group:BUNDLE mic
            m=audio 9 UDP/TLS/RTP/SAVPF 111
            c=IN IP4 0.0.0.0
            a=ice-ufrag:ours
            a=ice-pwd:a-password-of-ours-1234
            a=fingerprint:sha-256 AA:BB
            a=setup:passive
            a=mid:mic
            a=extmap:4/recvonly urn:ietf:params:rtp-hdrext:sdes:mid
            a=recvonly
            a=rtcp-mux
            a=rtpmap:111 OPUS/48000/2
            a=rtcp-fb:111 nack
            a=fmtp:111 minptime=10;useinbandfec=1
            a=candidate:1 1 udp 2130706431 198.51.100.1 8443 typ host
            a=candidate:2 1 tcp 1518280447 198.51.100.1 8443 typ host tcptype passive
            a=end-of-candidates

            """
        #expect(try SDPOffers.answer(offer).answer == answer.split(separator: "\n").map { $0 + "\r\n" }.joined())
    }

    @Test func chromiumsVideoSection() throws {
        let answer = try SDPOffers.answer(SDPOffers.chromium).answer
        #expect(answer.lines("a=group") == ["a=group:BUNDLE 0 1"])
        #expect(
            answer.lines("m=") == [
                "m=audio 9 UDP/TLS/RTP/SAVPF 111",
                "m=video 9 UDP/TLS/RTP/SAVPF 102 103 108 109 116 117 104 107 114 115 39 40",
            ])
        #expect(answer.lines("b=") == ["b=AS:2500", "b=TIAS:2500000"])
        #expect(
            answer.lines("a=fmtp:104") == [
                "a=fmtp:104 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42001f"
            ])
        #expect(answer.lines("a=fmtp:103") == ["a=fmtp:103 apt=102"])
        #expect(
            answer.lines("a=rtcp-fb:102")
                == ["goog-remb", "transport-cc", "nack", "nack pli"].map { "a=rtcp-fb:102 \($0)" })
        #expect(answer.lines("a=candidate").count == 2 && answer.lines("a=end-of-candidates").count == 1)
        #expect(answer.lines("a=recvonly").count == 2 && answer.lines("a=setup:passive").count == 2)
        #expect(answer.lines("a=ssrc").isEmpty && answer.lines("a=rtcp-rsize").isEmpty)
    }

    @Test func firefoxWithoutH264() throws {
        let session = try SDPOffers.answer(SDPOffers.firefoxVP8)
        #expect(session.tracks[0].payloads == [NegotiatedPayload(payloadType: 109, codec: .opus)])
        #expect(session.tracks[1].payloads == [NegotiatedPayload(payloadType: 120, codec: .vp8, rtxPayloadType: 124)])
        #expect(session.tracks[1].ssrc == 4_135_888_019 && session.tracks[1].rtxSSRC == 2_087_265_514)
        #expect(session.extensions == HeaderExtensionIDs(mid: 3, transportCC: 7))
        #expect(session.answer.lines("a=fmtp:109") == ["a=fmtp:109 minptime=10;useinbandfec=1;stereo=1"])
        #expect(session.tracks.first { $0.kind == .audio }?.isStereo == true)
        #expect(session.answer.lines("a=fmtp:120") == ["a=fmtp:120 max-fr=30;max-fs=3600"])
        #expect(!session.tracks[0].usesTransportCC && session.tracks[1].usesTransportCC)
    }

    @Test func safariHasItsVideoFirst() throws {
        let session = try SDPOffers.answer(SDPOffers.safari)
        #expect(session.mids == ["0", "1"] && session.tracks.map(\.kind) == [.video, .audio])
        // Mode 1 before mode 0, whatever the offer prefers.
        #expect(session.tracks[0].payloads.map(\.payloadType) == [98, 96])
        #expect(
            session.answer.lines("a=fmtp:96") == [
                "a=fmtp:96 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=640c1f"
            ])
        #expect(session.answer.lines("m=")[0] == "m=video 9 UDP/TLS/RTP/SAVPF 98 99 96 97")
    }

    @Test func aiortcsFingerprints() throws {
        let session = try SDPOffers.answer(SDPOffers.aiortc)
        #expect(session.remoteFingerprints.map(\.algorithm) == ["sha-256", "sha-384", "sha-512"])
        #expect(session.extensions == HeaderExtensionIDs(mid: 1))
        #expect(session.tracks[1].payloads.map(\.payloadType) == [99, 101])
        #expect(session.tracks[1].usesREMB && !session.tracks[1].usesTransportCC && !session.isTrickle)
        #expect(session.remoteCandidates.map(\.address) == ["192.0.2.7"])
    }

    @Test func pionsDataChannelIsRefusedInItsPlace() throws {
        let session = try SDPOffers.answer(SDPOffers.pion)
        #expect(session.mids == ["0", "1"])
        #expect(session.answer.lines("a=group") == ["a=group:BUNDLE 0 1"])
        let description = try SessionDescription(parsing: session.answer)
        #expect(description.media.map(\.port) == [9, 9, 0])
        #expect(description.media[2].attributes == [SDPAttribute("mid", "2")])
        #expect(session.refusals == ["Section 3 (application): only audio and video are received."])
        #expect(session.extensions == HeaderExtensionIDs(transportCC: 5))
        #expect(session.remoteFingerprints.map(\.value) == [SDPOffers.fingerprint])
    }

    @Test func obsHasItsTransportAboveTheSections() throws {
        let session = try SDPOffers.answer(SDPOffers.obs)
        #expect(session.remoteUfrag == "nxcM" && session.isTrickle && session.remoteICEOptions == ["ice2", "trickle"])
        #expect(session.tracks[1].payloads == [NegotiatedPayload(payloadType: 96, codec: .h264)])
        #expect(session.tracks[1].usesNACK && session.tracks[1].usesPLI && session.extensions == HeaderExtensionIDs())
        #expect(session.answer.lines("a=fmtp:111") == ["a=fmtp:111 minptime=10;useinbandfec=1;stereo=1"])
        #expect(session.remoteCandidates.map(\.type) == ["host", "srflx"])
        #expect(session.answer.lines("a=group") == ["a=group:BUNDLE 0 1"])
    }

    @Test("An answer is SDP and names each section of its offer", arguments: SDPOffers.names)
    func answersAreWellFormed(name: String) throws {
        let offer = try #require(SDPOffers.all[name])
        let answer = try SessionDescription(parsing: SDPOffers.answer(offer).answer)
        let offered = try SessionDescription(parsing: offer)
        #expect(answer.media.map(\.media) == offered.media.map(\.media))
        #expect(answer.media.map(\.mid) == offered.media.map(\.mid))
        #expect(answer.media.map(\.transport) == offered.media.map(\.transport))
        for (one, other) in zip(answer.media, offered.media) {
            #expect(Set(one.formats).isSubset(of: other.formats))
        }
    }

    // MARK: Bit rates

    @Test func libwebrtcIsToldWhereToBegin() throws {
        let parameters = SDPOffers.parameters(maxVideoKilobits: 1500, startVideoKilobits: 2000)
        for offer in [SDPOffers.chromium, SDPOffers.safari] {
            let answer = try OfferAnswer.answer(to: offer, parameters).answer
            let h264 = answer.lines("a=fmtp").filter { $0.contains("profile-level-id") }
            #expect(!h264.isEmpty)
            // Not above the most.
            let end = ";x-google-start-bitrate=1500;x-google-max-bitrate=1500"
            #expect(h264.allSatisfy { $0.hasSuffix(end) })
            #expect(answer.lines("a=fmtp:111") == ["a=fmtp:111 minptime=10;useinbandfec=1"])
        }
        for offer in [SDPOffers.firefoxVP8, SDPOffers.aiortc, SDPOffers.pion, SDPOffers.obs] {
            #expect(try !OfferAnswer.answer(to: offer, parameters).answer.contains("x-google"))
        }
    }

    @Test func aBitRateThatIsNoneIsLeftOut() throws {
        let none = SDPOffers.parameters(maxVideoKilobits: 0, startVideoKilobits: 100)
        let answer = try OfferAnswer.answer(to: SDPOffers.chromium, none).answer
        #expect(answer.lines("b=").isEmpty && !answer.contains("x-google"))
        let huge = SDPOffers.parameters(maxVideoKilobits: .max, startVideoKilobits: nil)
        #expect(try OfferAnswer.answer(to: SDPOffers.chromium, huge).answer.lines("b=").isEmpty)
    }
}
