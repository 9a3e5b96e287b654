import Testing

@testable import PutLiveWebRTC

struct SDPCodecTests {
    @Test(
        "Each variant of Baseline, Main and High",
        arguments: [
            "42001f", "420010", "42e01f", "42E034", "42c02a", "4280ff", "4d001f", "4d401f", "4de01f", "64001f",
            "640c1f",
            "640034", "58e01f", "588014",
        ])
    func profiles(profile: String) throws {
        let session = try SDPOffers.answer(SDPOffers.h264("packetization-mode=1;profile-level-id=\(profile)"))
        #expect(session.tracks[0].payloads == [NegotiatedPayload(payloadType: 102, codec: .h264)])
        #expect(
            session.answer.lines("a=fmtp") == ["a=fmtp:102 packetization-mode=1;profile-level-id=\(profile)"])
    }

    @Test(
        "Not other profiles, not interleaving, not nonsense",
        arguments: [
            "packetization-mode=2;profile-level-id=42e01f", "packetization-mode=x", "packetization-mode=-1",
            "profile-level-id=f4001f", "profile-level-id=6e001f", "profile-level-id=58001f", "profile-level-id=42e01",
            "profile-level-id=+2e01f", "profile-level-id=42e01g", "profile-level-id=",
        ])
    func otherProfiles(parameters: String) {
        #expect(SDPOffers.refusal(SDPOffers.h264(parameters))?.contains("no codec in common") == true)
    }

    @Test func modesAndDefaults() throws {
        // RFC 6184 section 8.1: absent means mode 0.
        #expect(try SDPOffers.answer(SDPOffers.h264(nil)).answer.lines("a=fmtp") == ["a=fmtp:102 packetization-mode=0"])
        let spaced = "Profile-Level-ID = 42e01f ; packetization-mode=1; level-asymmetry-allowed=1;;x"
        #expect(
            try SDPOffers.answer(SDPOffers.h264(spaced)).answer.lines("a=fmtp") == [
                "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
            ])
        // A second line adds to the first.
        let second = "a=fmtp:102 packetization-mode=0;profile-level-id=42e01f"
        let two = SDPOffers.h264("packetization-mode=1", more: second)
        #expect(
            try SDPOffers.answer(two).answer.lines("a=fmtp") == [
                "a=fmtp:102 packetization-mode=1;profile-level-id=42e01f"
            ])
    }

    private static let sps: [UInt8] = [0x67, 0x42, 0xE0, 0x1F, 0x8C, 0x68]
    private static let pps: [UInt8] = [0x68, 0xCE, 0x3C, 0x80]
    private static let offered: [(String, [[UInt8]])] = [
        ("Z0LgH4xo,aM48gA==", [sps, pps]), ("Z0LgH4xo,aM48gA", [sps, pps]), ("aM48gA==", [pps]),
        (",Z0LgH4xo,,aM48gA==,", [sps, pps]), (" Z0LgH4xo , aM48gA== ", [sps, pps]), ("Z0L", [[0x67, 0x42]]),
        ("", []), ("=", []), ("====", []), ("Z", []), ("Z0LgH4xoA", []), ("Z0LgH4x-,aM48gA==", [pps]),
        ("Z0Lg=H4xo,aM48gA==", [pps]), ("Z0LgH4xö,aM48gA==", [pps]), ("ZYgBAgM=,50LgHw==,aM48gA==", [pps]),
        (Array(repeating: "aM48gA==", count: 40).joined(separator: ","), Array(repeating: pps, count: 16)),
        (String(repeating: "Z", count: 8200) + ",aM48gA==", [pps]),
    ]

    /// RFC 6184 section 8.1. What is no parameter set, or no base64, doesn't count, and the rest does.
    @Test(arguments: offered)
    func parameterSetsOfTheOffer(_ text: String, _ units: [[UInt8]]) throws {
        let parameters = "packetization-mode=1;sprop-parameter-sets=\(text);profile-level-id=42e01f"
        let session = try SDPOffers.answer(SDPOffers.h264(parameters))
        #expect(
            session.tracks[0].payloads == [
                NegotiatedPayload(payloadType: 102, codec: .h264, parameterSets: units)
            ])
        #expect(session.answer.lines("a=fmtp") == ["a=fmtp:102 packetization-mode=1;profile-level-id=42e01f"])
    }

    @Test func vp8OnlyForWantOfH264() throws {
        let both = SDPOffers.video(formats: "96 102", "a=rtpmap:96 VP8/90000", "a=rtpmap:102 h264/90000")
        #expect(try SDPOffers.answer(both).tracks[0].payloads.map(\.codec) == [.h264])
        let bad = SDPOffers.video(
            formats: "96 102", "a=rtpmap:96 vp8/90000", "a=rtpmap:102 H264/90000", "a=fmtp:102 packetization-mode=2")
        #expect(try SDPOffers.answer(bad).tracks[0].payloads.map(\.codec) == [.vp8])
    }

    @Test(
        "Payload types that aren't good",
        arguments: [
            // Not mapped, 64 to 95 (RFC 5761 section 4), out of range, no number, another clock, no clock, bad channels.
            ("102", "a=x"), ("72", "a=rtpmap:72 H264/90000"), ("64", "a=rtpmap:64 H264/90000"),
            ("128", "a=rtpmap:128 H264/90000"), ("x", "a=rtpmap:x H264/90000"), ("102", "a=rtpmap:102 H264/8000"),
            ("102", "a=rtpmap:102 H264"), ("102", "a=rtpmap:102 H264/90000/("), ("102", "a=rtpmap:102"),
            ("102", "a=rtpmap:102 H264/90000/1/2"), ("103", "a=rtpmap:102 H264/90000"), ("102", "a=rtpmap"),
        ])
    func payloadTypes(format: String, line: String) {
        #expect(SDPOffers.refusal(SDPOffers.video(formats: format, line)) != nil)
    }

    @Test func aFormatCountsOnceAndItsFirstMapHolds() throws {
        let offer = SDPOffers.video(
            formats: "102 102 96", "a=rtpmap:102 H264/90000", "a=rtpmap:102 VP8/90000", "a=rtpmap:96 VP9/90000")
        let session = try SDPOffers.answer(offer)
        #expect(session.tracks[0].payloads == [NegotiatedPayload(payloadType: 102, codec: .h264)])
        #expect(session.answer.lines("m=") == ["m=video 9 UDP/TLS/RTP/SAVPF 102"])
    }

    @Test func retransmissionNeedsNACKAndItsOwnType() throws {
        func offer(_ lines: String...) -> String {
            SDPOffers.video(
                formats: "102 103 104",
                (["a=rtpmap:102 H264/90000", "a=rtpmap:103 rtx/90000", "a=ssrc-group:FID 1 2"] + lines)
                    .joined(separator: "\n"))
        }
        let good = try SDPOffers.answer(offer("a=fmtp:103 apt=102;rtx-time=3000", "a=rtcp-fb:102 nack")).tracks[0]
        #expect(good.payloads[0].rtxPayloadType == 103 && good.ssrc == 1 && good.rtxSSRC == 2)
        let silent = try SDPOffers.answer(offer("a=fmtp:103 apt=102")).tracks[0]
        #expect(silent.payloads[0].rtxPayloadType == nil && silent.ssrc == 1 && silent.rtxSSRC == nil)
        let other = try SDPOffers.answer(offer("a=fmtp:103 apt=96", "a=rtcp-fb:102 nack")).tracks[0]
        #expect(other.payloads[0].rtxPayloadType == nil)
        let wrongClock = SDPOffers.video(
            formats: "102 103", "a=rtpmap:102 H264/90000", "a=rtpmap:103 rtx/8000", "a=fmtp:103 apt=102",
            "a=rtcp-fb:102 nack")
        #expect(try SDPOffers.answer(wrongClock).tracks[0].payloads[0].rtxPayloadType == nil)
    }

    @Test func sources() throws {
        func ssrcs(_ lines: String...) throws -> (UInt32?, UInt32?) {
            let offer = SDPOffers.h264(nil, more: lines.joined(separator: "\n"))
            let track = try SDPOffers.answer(offer).tracks[0]
            return (track.ssrc, track.rtxSSRC)
        }
        #expect(try ssrcs("a=x") == (nil, nil))
        #expect(try ssrcs("a=ssrc:5 cname:x", "a=ssrc:6 cname:x") == (5, nil))
        #expect(try ssrcs("a=ssrc:5") == (5, nil))
        #expect(try ssrcs("a=ssrc:x cname:y") == (nil, nil))
        #expect(try ssrcs("a=ssrc:9 a:b", "a=ssrc-group:FID 7") == (9, nil))
        #expect(try ssrcs("a=ssrc:9 a:b", "a=ssrc-group:FID 7 4294967296") == (9, nil))
        #expect(try ssrcs("a=ssrc-group:FEC 1 2", "a=ssrc:9 a:b") == (9, nil))
    }

    @Test func transportFeedbackNeedsItsExtension() throws {
        let feedback = "a=rtcp-fb:102 transport-cc"
        let uri = OfferedExtension.transportCC
        func session(_ lines: String...) throws -> NegotiatedSession {
            try SDPOffers.answer(SDPOffers.h264(nil, more: lines.joined(separator: "\n")))
        }
        let both = try session(feedback, "a=extmap:14 \(uri)")
        #expect(both.extensions.transportCC == 14 && both.tracks[0].usesTransportCC)
        let noFeedback = try session("a=extmap:3 \(uri)")
        #expect(noFeedback.extensions.transportCC == nil && noFeedback.answer.lines("a=extmap").isEmpty)
        for line in [
            "a=x", "a=extmap:3/recvonly \(uri)", "a=extmap:0 \(uri)", "a=extmap:15 \(uri)", "a=extmap:3",
            "a=extmap:4096 \(uri)", "a=extmap:x \(uri)", "a=extmap",
        ] {
            let without = try session(feedback, line)
            #expect(without.extensions.transportCC == nil && !without.tracks[0].usesTransportCC, "\(line)")
            #expect(without.answer.lines("a=rtcp-fb").isEmpty)
        }
        #expect(
            try session(feedback, "a=extmap:200/sendrecv \(uri)").answer.lines("a=extmap") == [
                "a=extmap:200/recvonly \(uri)"
            ])
    }
}
