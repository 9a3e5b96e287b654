extension SDPOffers {
    /// Firefox without its H.264 plug-in: the transport stands above the sections.
    static let firefoxVP8 = """
        v=0
        o=mozilla...THIS_IS_SDPARTA-128.0 5034560395672718457 0 IN IP4 0.0.0.0
        s=-
        t=0 0
        a=sendrecv
        a=fingerprint:sha-256 \(fingerprint)
        a=group:BUNDLE 0 1
        a=ice-options:trickle
        a=msid-semantic:WMS *
        m=audio 9 UDP/TLS/RTP/SAVPF 109 9 0 8 101
        c=IN IP4 0.0.0.0
        a=sendonly
        a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
        a=extmap:2/recvonly urn:ietf:params:rtp-hdrext:csrc-audio-level
        a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid
        a=extmap-allow-mixed
        a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1
        a=fmtp:101 0-15
        a=ice-pwd:2d24c79cb56d3ff5d3a8b4f54c36b919
        a=ice-ufrag:14dc37e7
        a=mid:0
        a=msid:{11f7be51-3f8f-4f8b-a0f5-4e2d4e3e1f60} {ec2fa1d8-2d3b-4bfe-8b87-f1f1f5d2c3a4}
        a=rtcp-mux
        a=rtpmap:109 opus/48000/2
        a=rtpmap:9 G722/8000/1
        a=rtpmap:0 PCMU/8000
        a=rtpmap:8 PCMA/8000
        a=rtpmap:101 telephone-event/8000/1
        a=setup:actpass
        a=ssrc:1531004752 cname:{69b4b75e-68fa-4e3f-9d0c-1f1b8e1f3c55}
        m=video 9 UDP/TLS/RTP/SAVPF 120 124 121 125 123 122 119
        c=IN IP4 0.0.0.0
        a=sendonly
        a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid
        a=extmap:4 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
        a=extmap:5 urn:ietf:params:rtp-hdrext:toffset
        a=extmap:6/recvonly http://www.webrtc.org/experiments/rtp-hdrext/playout-delay
        a=extmap:7 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
        a=extmap-allow-mixed
        a=fmtp:120 max-fs=12288;max-fr=60
        a=fmtp:124 apt=120
        a=fmtp:121 max-fs=12288;max-fr=60
        a=fmtp:125 apt=121
        a=fmtp:119 apt=122
        a=ice-pwd:2d24c79cb56d3ff5d3a8b4f54c36b919
        a=ice-ufrag:14dc37e7
        a=mid:1
        a=rtcp-fb:120 nack
        a=rtcp-fb:120 nack pli
        a=rtcp-fb:120 ccm fir
        a=rtcp-fb:120 goog-remb
        a=rtcp-fb:120 transport-cc
        a=rtcp-fb:121 nack
        a=rtcp-mux
        a=rtcp-rsize
        a=rtpmap:120 VP8/90000
        a=rtpmap:124 rtx/90000
        a=rtpmap:121 VP9/90000
        a=rtpmap:125 rtx/90000
        a=rtpmap:123 ulpfec/90000
        a=rtpmap:122 red/90000
        a=rtpmap:119 rtx/90000
        a=setup:actpass
        a=ssrc:4135888019 cname:{69b4b75e-68fa-4e3f-9d0c-1f1b8e1f3c55}
        a=ssrc:2087265514 cname:{69b4b75e-68fa-4e3f-9d0c-1f1b8e1f3c55}
        a=ssrc-group:FID 4135888019 2087265514

        """

    /// Safari: High before constrained Baseline, and mode 0 by leaving it out. Video stands first.
    static let safari = """
        v=0
        o=- 4476463512088233894 2 IN IP4 127.0.0.1
        s=-
        t=0 0
        a=group:BUNDLE 0 1
        a=extmap-allow-mixed
        a=msid-semantic: WMS eac9584d-fa2c-4a0e-9058-679cc1f26024
        m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99 100 101 127 125 104
        c=IN IP4 0.0.0.0
        a=rtcp:9 IN IP4 0.0.0.0
        a=ice-ufrag:/ewK
        a=ice-pwd:aKGjExI+6jxloHUS/YAiBJ8l
        a=ice-options:trickle
        a=fingerprint:sha-256 \(fingerprint)
        a=setup:actpass
        a=mid:0
        a=extmap:13 urn:3gpp:video-orientation
        a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
        a=extmap:7 http://www.webrtc.org/experiments/rtp-hdrext/video-timing
        a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
        a=sendonly
        a=msid:eac9584d-fa2c-4a0e-9058-679cc1f26024 8a4a1f1d-8f3d-4dfc-a4a5-cbd1f1f15e0a
        a=rtcp-mux
        a=rtcp-rsize
        a=rtpmap:96 H264/90000
        a=rtcp-fb:96 goog-remb
        a=rtcp-fb:96 transport-cc
        a=rtcp-fb:96 ccm fir
        a=rtcp-fb:96 nack
        a=rtcp-fb:96 nack pli
        a=fmtp:96 level-asymmetry-allowed=1;profile-level-id=640c1f
        a=rtpmap:97 rtx/90000
        a=fmtp:97 apt=96
        a=rtpmap:98 H264/90000
        a=rtcp-fb:98 goog-remb
        a=rtcp-fb:98 transport-cc
        a=rtcp-fb:98 nack
        a=rtcp-fb:98 nack pli
        a=fmtp:98 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
        a=rtpmap:99 rtx/90000
        a=fmtp:99 apt=98
        a=rtpmap:100 VP8/90000
        a=rtcp-fb:100 nack
        a=rtpmap:101 rtx/90000
        a=fmtp:101 apt=100
        a=rtpmap:127 red/90000
        a=rtpmap:125 rtx/90000
        a=fmtp:125 apt=127
        a=rtpmap:104 ulpfec/90000
        a=ssrc-group:FID 3030281829 954264178
        a=ssrc:3030281829 cname:m9CwVtPOW6xTLZqr
        a=ssrc:954264178 cname:m9CwVtPOW6xTLZqr
        m=audio 9 UDP/TLS/RTP/SAVPF 111 9 0 8
        c=IN IP4 0.0.0.0
        a=rtcp:9 IN IP4 0.0.0.0
        a=ice-ufrag:/ewK
        a=ice-pwd:aKGjExI+6jxloHUS/YAiBJ8l
        a=ice-options:trickle
        a=fingerprint:sha-256 \(fingerprint)
        a=setup:actpass
        a=mid:1
        a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
        a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
        a=sendonly
        a=rtcp-mux
        a=rtpmap:111 opus/48000/2
        a=rtcp-fb:111 transport-cc
        a=fmtp:111 minptime=10;useinbandfec=1
        a=rtpmap:9 G722/8000
        a=rtpmap:0 PCMU/8000
        a=rtpmap:8 PCMA/8000
        a=ssrc:2550536406 cname:m9CwVtPOW6xTLZqr

        """

    /// aiortc: three fingerprints, ICE attributes at the end, no transport-wide congestion control.
    static let aiortc = """
        v=0
        o=- 3909054326 3909054326 IN IP4 0.0.0.0
        s=-
        t=0 0
        a=group:BUNDLE 0 1
        a=msid-semantic:WMS *
        m=audio 43710 UDP/TLS/RTP/SAVPF 96 9 0 8
        c=IN IP4 192.0.2.7
        a=sendonly
        a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
        a=extmap:2 urn:ietf:params:rtp-hdrext:ssrc-audio-level
        a=mid:0
        a=msid:0b6d8d67-9f5c-4b0e-9f39-3a1b44b1f5a1 3b0c2f3a-5a9d-4f0e-8a33-1c3d6a1e7f00
        a=rtcp:9 IN IP4 0.0.0.0
        a=rtcp-mux
        a=ssrc:2406113905 cname:7a2d7d26-0f9d-4c2b-b7ff-9e6f5e9d3c1a
        a=rtpmap:96 opus/48000/2
        a=rtpmap:9 G722/8000
        a=rtpmap:0 PCMU/8000
        a=rtpmap:8 PCMA/8000
        a=candidate:c3a6e0f1b2d34c5e8f7a9b0c1d2e3f40 1 udp 2130706431 192.0.2.7 43710 typ host
        a=end-of-candidates
        a=ice-ufrag:Fq3z
        a=ice-pwd:2Jd8sK1mQp9vLx4TzR7bWn
        a=fingerprint:sha-256 \(fingerprint)
        a=fingerprint:sha-384 \(fingerprint):\(fingerprint.prefix(47))
        a=fingerprint:sha-512 \(fingerprint):\(fingerprint)
        a=setup:actpass
        m=video 43710 UDP/TLS/RTP/SAVPF 97 98 99 100 101 102
        c=IN IP4 192.0.2.7
        a=sendonly
        a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
        a=extmap:3 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
        a=mid:1
        a=rtcp:9 IN IP4 0.0.0.0
        a=rtcp-mux
        a=ssrc-group:FID 1093453270 4031622372
        a=ssrc:1093453270 cname:7a2d7d26-0f9d-4c2b-b7ff-9e6f5e9d3c1a
        a=ssrc:4031622372 cname:7a2d7d26-0f9d-4c2b-b7ff-9e6f5e9d3c1a
        a=rtpmap:97 VP8/90000
        a=rtcp-fb:97 nack
        a=rtcp-fb:97 nack pli
        a=rtcp-fb:97 goog-remb
        a=rtpmap:98 rtx/90000
        a=fmtp:98 apt=97
        a=rtpmap:99 H264/90000
        a=rtcp-fb:99 nack
        a=rtcp-fb:99 nack pli
        a=rtcp-fb:99 goog-remb
        a=fmtp:99 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f
        a=rtpmap:100 rtx/90000
        a=fmtp:100 apt=99
        a=rtpmap:101 H264/90000
        a=rtcp-fb:101 nack
        a=rtcp-fb:101 nack pli
        a=rtcp-fb:101 goog-remb
        a=fmtp:101 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
        a=rtpmap:102 rtx/90000
        a=fmtp:102 apt=101
        a=ice-ufrag:Fq3z
        a=ice-pwd:2Jd8sK1mQp9vLx4TzR7bWn
        a=fingerprint:sha-256 \(fingerprint)
        a=setup:actpass

        """
}
