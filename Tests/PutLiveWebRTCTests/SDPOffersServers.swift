extension SDPOffers {
    /// Pion with one H.264 and one Opus track, and a data channel beside them.
    static let pion = """
        v=0
        o=- 6104286412934829011 1732277415 IN IP4 0.0.0.0
        s=-
        t=0 0
        a=msid-semantic:WMS*
        a=fingerprint:sha-256 \(fingerprint)
        a=extmap-allow-mixed
        a=group:BUNDLE 0 1 2
        m=video 9 UDP/TLS/RTP/SAVPF 102 103
        c=IN IP4 0.0.0.0
        a=setup:actpass
        a=mid:0
        a=ice-ufrag:jbJTpnfaRAcgQTad
        a=ice-pwd:QcTqYYWKZRUbiixrLkeUVMwugbKDSJBe
        a=rtcp-mux
        a=rtcp-rsize
        a=rtpmap:102 H264/90000
        a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f
        a=rtcp-fb:102 goog-remb
        a=rtcp-fb:102 ccm fir
        a=rtcp-fb:102 nack
        a=rtcp-fb:102 nack pli
        a=rtcp-fb:102 transport-cc
        a=rtpmap:103 rtx/90000
        a=fmtp:103 apt=102
        a=extmap:5 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
        a=ssrc-group:FID 464145329 2718281828
        a=ssrc:464145329 cname:putter
        a=ssrc:464145329 msid:putter video
        a=ssrc:2718281828 cname:putter
        a=msid:putter video
        a=sendonly
        a=candidate:1966762134 1 udp 2130706431 192.0.2.7 50123 typ host ufrag jbJTpnfaRAcgQTad
        a=candidate:1966762134 2 udp 2130706431 192.0.2.7 50123 typ host ufrag jbJTpnfaRAcgQTad
        a=end-of-candidates
        m=audio 9 UDP/TLS/RTP/SAVPF 111
        c=IN IP4 0.0.0.0
        a=setup:actpass
        a=mid:1
        a=ice-ufrag:jbJTpnfaRAcgQTad
        a=ice-pwd:QcTqYYWKZRUbiixrLkeUVMwugbKDSJBe
        a=rtcp-mux
        a=rtcp-rsize
        a=rtpmap:111 opus/48000/2
        a=fmtp:111 minptime=10;useinbandfec=1
        a=rtcp-fb:111 transport-cc
        a=extmap:5 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
        a=ssrc:3141592653 cname:putter
        a=sendonly
        m=application 9 UDP/DTLS/SCTP webrtc-datachannel
        c=IN IP4 0.0.0.0
        a=setup:actpass
        a=mid:2
        a=sendrecv
        a=sctp-port:5000
        a=ice-ufrag:jbJTpnfaRAcgQTad
        a=ice-pwd:QcTqYYWKZRUbiixrLkeUVMwugbKDSJBe

        """

    /// OBS Studio by WHIP (libdatachannel): the transport stands above the sections, an LS group beside the bundle,
    /// ICE options with a comma, stereo sound.
    static let obs = """
        v=0
        o=rtc 3877212184 0 IN IP4 127.0.0.1
        s=-
        t=0 0
        a=group:BUNDLE 0 1
        a=group:LS 0 1
        a=msid-semantic:WMS *
        a=setup:actpass
        a=ice-ufrag:nxcM
        a=ice-pwd:ezjAjgSSLLvbRhUA1zc6Se
        a=ice-options:ice2,trickle
        a=fingerprint:sha-256 \(fingerprint)
        m=audio 57249 UDP/TLS/RTP/SAVPF 111
        c=IN IP4 192.0.2.7
        a=mid:0
        a=sendonly
        a=ssrc:3388068600 cname:Yuu1KDxQcc3L5CpY
        a=ssrc:3388068600 msid:XmQSKutZo7zYcEQl XmQSKutZo7zYcEQl-audio
        a=msid:XmQSKutZo7zYcEQl XmQSKutZo7zYcEQl-audio
        a=rtcp-mux
        a=rtpmap:111 opus/48000/2
        a=fmtp:111 minptime=10;maxaveragebitrate=96000;stereo=1;sprop-stereo=1;useinbandfec=1
        a=candidate:1 1 UDP 2114977791 192.0.2.7 57249 typ host
        a=candidate:2 1 UDP 1678769919 198.51.100.9 57249 typ srflx raddr 0.0.0.0 rport 0
        a=end-of-candidates
        m=video 57249 UDP/TLS/RTP/SAVPF 96
        c=IN IP4 192.0.2.7
        a=mid:1
        a=sendonly
        a=ssrc:3388068601 cname:Yuu1KDxQcc3L5CpY
        a=ssrc:3388068601 msid:XmQSKutZo7zYcEQl XmQSKutZo7zYcEQl-video
        a=msid:XmQSKutZo7zYcEQl XmQSKutZo7zYcEQl-video
        a=rtcp-mux
        a=rtpmap:96 H264/90000
        a=rtcp-fb:96 nack
        a=rtcp-fb:96 nack pli
        a=rtcp-fb:96 goog-remb
        a=fmtp:96 profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1

        """
}
