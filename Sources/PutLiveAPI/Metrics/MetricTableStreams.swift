/// What is on air, and who watches.
extension MetricTable {
    static let streams: [MetricFamily] = [
        .gauge("putlive_streams_active", "Streams on air.", [.source], startsAtZero: true),
        .gauge("putlive_streams_limit", "Most streams that may be on air at once."),
        .counter("putlive_streams_started_total", "Streams that went on air.", [.source]),
        .counter(
            "putlive_streams_ended_total", "Streams that ended.",
            [.source, .reason("stopped", "replaced", "vanished", "error")]),
        .gauge(
            "putlive_stream_info", "Always 1; what a stream consists of.",
            [.stream, .source, .videoCodec, .audioCodec]),
        .gauge("putlive_stream_start_timestamp_seconds", "When the stream went on air.", [.stream]),
        .gauge(
            "putlive_stream_received_bytes_per_second", "What the broadcaster sends, mean of the last 10 s.",
            [.stream]),
        .gauge("putlive_stream_frames_per_second", "Video frames received, mean of the last 10 s.", [.stream]),
        .gauge("putlive_stream_width_pixels", "Width of the picture as received.", [.stream]),
        .gauge("putlive_stream_height_pixels", "Height of the picture as received.", [.stream]),
        .gauge(
            "putlive_stream_keyframe_interval_seconds",
            "Time between the last two key frames, or the length of the last segment.",
            [.stream]),
        .gauge(
            "putlive_stream_last_segment_timestamp_seconds",
            "When the last segment of the source was finished; before the first, when the stream started.",
            [.stream]),
        .counter("putlive_ingest_bytes_total", "Bytes received from broadcasters.", [.source]),
        .gauge(
            "putlive_renditions_active", "Renditions in the master playlist now, the source among them.",
            [.stream]),
        .gauge("putlive_renditions_expected", "Renditions that the ladder gives this stream.", [.stream]),
        .gauge("putlive_rendition_bytes_per_second", "Size over duration of the last segment.", [.stream, .quality]),
        .gauge("putlive_ffmpeg_processes", "Transcoders running on the host."),
        .counter("putlive_ffmpeg_reaped_total", "Transcoders without a stream that the cleanup ended."),
    ]

    static let viewers: [MetricFamily] = [
        .gauge(
            "putlive_viewers", "Distinct players that asked for a playlist or segment within the sliding window.",
            [.stream]),
        .gauge("putlive_viewers_peak", "Most viewers at once since the stream went on air.", [.stream]),
        .counter("putlive_viewer_sessions_total", "Viewers that began to watch."),
        .counter("putlive_watch_seconds_total", "Time watched, summed over all viewers."),
        .counter("putlive_hls_requests_total", "Requests under /live.", [.hlsKind, .httpStatus]),
        .counter("putlive_hls_response_bytes_total", "Bytes sent for requests under /live.", [.hlsKind]),
        .histogram(
            "putlive_hls_request_duration_seconds",
            "Time to answer a request under /live, the client's own slowness included.",
            [.hlsKind], buckets: Buckets.hlsRequest),
        .counter("putlive_hls_segments_written_total", "Segments finished.", [.quality]),
        .counter("putlive_hls_segments_removed_total", "Segments and playlists removed after use."),
        .gauge("putlive_hls_tmpfs_size_bytes", "Size of the memory file system of HLS."),
        .gauge("putlive_hls_tmpfs_used_bytes", "Used of the memory file system of HLS."),
        .counter(
            "putlive_access_log_messages_total", "Datagrams from nginx's access log.",
            [.result("accepted", "malformed", "dropped")]
        ).needing(.accessLog),
    ]
}

extension MetricLabel {
    /// What a request under /live asks for.
    fileprivate static let hlsKind = MetricLabel.kind("master", "playlist", "segment", "other")
}
