/// How media comes in and gets to the media server: WebRTC, RTMP, SRS.
extension MetricTable {
    static let webRTC: [MetricFamily] = [
        .gauge(
            "putlive_webrtc_sessions_active", "Sessions of browsers that broadcast.",
            [.state("connecting", "connected")], startsAtZero: true),
        .counter(
            "putlive_webrtc_offers_total", "Offers answered.",
            [.offerProtocol, .result("accepted", "rejected")]),
        .counter(
            "putlive_webrtc_connects_total", "Accepted offers by their outcome.",
            [.result("connected", "ice_failed", "dtls_failed", "abandoned")]),
        .histogram(
            "putlive_webrtc_connect_duration_seconds", "From the answer to the first media packet.",
            buckets: Buckets.connect),
        .counter(
            "putlive_webrtc_ice_failures_total", "Sessions that ICE failed.",
            [.reason("timeout", "consent_lost", "credentials")]),
        .counter(
            "putlive_webrtc_dtls_failures_total", "Sessions that DTLS failed.",
            [.reason("timeout", "fingerprint", "alert", "profile")]),
        .gauge(
            "putlive_webrtc_tcp_sessions_active", "Connected sessions that use ICE-TCP for want of UDP.",
            startsAtZero: true),
        .counter("putlive_webrtc_received_bytes_total", "Bytes of RTP payload.", [.media]),
        .counter("putlive_webrtc_packets_received_total", "RTP packets, repaired ones among them.", [.media]),
        .counter("putlive_webrtc_packets_lost_total", "Packets that never came, repair included.", [.media]),
        .counter("putlive_webrtc_packets_repaired_total", "Packets that came by retransmission.", [.media]),
        .counter(
            "putlive_webrtc_packets_discarded_total", "Packets that were thrown away.",
            [.reason("authentication", "replay", "late", "malformed")]),
        .counter("putlive_webrtc_nacks_sent_total", "Packets asked for again."),
        .counter("putlive_webrtc_plis_sent_total", "Key frames asked for."),
        .counter("putlive_webrtc_frames_dropped_total", "Frames given up as incomplete."),
        .gauge("putlive_webrtc_rtt_seconds", "Round trip to the broadcaster.", [.stream]),
        .gauge("putlive_webrtc_jitter_seconds", "Interarrival jitter (RFC 3550, 6.4.1).", [.stream, .media]),
        .gauge(
            "putlive_webrtc_bandwidth_estimate_bytes_per_second",
            "What the agent thinks the broadcaster's link carries.",
            [.stream]),
    ]

    static let rtmp: [MetricFamily] = [
        .gauge(
            "putlive_rtmp_publishers_active", "The agent's own publishes to the media server.",
            startsAtZero: true),
        .counter(
            "putlive_rtmp_publish_attempts_total", "Attempts to publish to the media server.",
            [.result("connected", "refused", "failed")]),
        .counter("putlive_rtmp_publish_retries_total", "Attempts to publish after the first for one stream."),
        .counter(
            "putlive_rtmp_packets_dropped_total",
            "Packets dropped because the queue was full, up to the next key frame.",
            [.media]),
        .gauge("putlive_rtmp_queue_bytes", "Waiting to be sent, all publishes together.", startsAtZero: true),
        .counter("putlive_rtmp_sent_bytes_total", "Bytes sent to the media server."),
    ]

    static let srs: [MetricFamily] = [
        .gauge("putlive_srs_up", "Whether SRS answered its API at the last poll."),
        .gauge("putlive_srs_resident_memory_bytes", "Resident memory of SRS."),
        .counter("putlive_srs_cpu_seconds_total", "CPU time of SRS, without its transcoders."),
        .gauge("putlive_srs_start_timestamp_seconds", "When SRS started."),
        .gauge("putlive_srs_clients", "Connections of SRS, publishers among them."),
        .gauge("putlive_srs_streams", "Streams in SRS, transcoded ones among them."),
        .counter("putlive_srs_api_errors_total", "Polls of the API of SRS that failed."),
        .counter("putlive_srs_hooks_total", "Hooks received.", [.hook, .result("allowed", "refused")]),
    ]
}
