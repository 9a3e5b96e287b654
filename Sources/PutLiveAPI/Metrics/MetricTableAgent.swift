/// The agent itself, its HTTP and its accounts.
extension MetricTable {
    static let agent: [MetricFamily] = [
        .gauge(
            "putlive_build_info", "Always 1; the agent's version, engine and role.",
            [.version, .engine, .deploymentRole]),
        .gauge("putlive_component_healthy", "Whether the last health check of this part passed.", [.component]),
        .gauge(
            "putlive_config_last_reload_successful",
            "0 while the agent runs on an older config.yaml than the one on disk, which it refused."),
        .gauge("putlive_config_last_reload_timestamp_seconds", "When the configuration in use was read."),
        .gauge("putlive_event_loop_lag_seconds", "Longest delay of a due timer since the last scrape."),
        .counter("putlive_log_messages_total", "Log lines written; info stands for what is below it too.", [.level]),
        .gauge("putlive_anonymous_memory_bytes", "Memory of the agent's own, RssAnon of the kernel."),
        .gauge("putlive_threads", "Threads of the agent."),
        .counter("process_cpu_seconds_total", "CPU time of the agent, user and system."),
        .gauge("process_resident_memory_bytes", "Resident memory of the agent."),
        .gauge("process_virtual_memory_bytes", "Address space of the agent."),
        .gauge("process_open_fds", "Open file descriptors."),
        .gauge("process_max_fds", "Limit of file descriptors."),
        .gauge("process_start_time_seconds", "When the agent started."),
    ]

    static let http: [MetricFamily] = [
        .counter("putlive_http_requests_total", "Requests answered by the agent.", [.method, .route, .httpStatus]),
        // Not at 0 from the start: a route that is never asked for would cost 16 lines a scrape.
        .histogram(
            "putlive_http_request_duration_seconds", "From a request's head to its response's end.",
            [.route], buckets: Buckets.httpRequest, startsAtZero: false),
        .gauge("putlive_http_requests_in_flight", "Requests being answered.", startsAtZero: true),
        .gauge("putlive_http_connections", "Open connections.", startsAtZero: true),
        .counter("putlive_http_received_bytes_total", "Bytes of request bodies."),
        .counter("putlive_http_sent_bytes_total", "Bytes of response bodies."),
        .counter("putlive_rate_limited_requests_total", "Requests answered 429 by the rate limit."),
        .counter("putlive_cors_rejections_total", "Requests from an origin that isn't allowed."),
    ]

    static let accounts: [MetricFamily] = [
        .counter(
            "putlive_logins_total", "Logins by their outcome.",
            [.result("success", "bad_credentials", "throttled", "disabled")]),
        .gauge("putlive_sessions_active", "Tokens issued, not expired and not revoked."),
        .counter("putlive_sessions_revoked_total", "Tokens revoked by logout or by an admin."),
        .counter(
            "putlive_token_rejections_total", "Requests refused for their token.",
            [.reason("invalid", "expired", "revoked")]),
        .gauge("putlive_users", "Accounts.", [.role]),
        .gauge("putlive_stream_keys_active", "Stream keys that are neither revoked nor expired."),
        .counter(
            "putlive_stream_key_rejections_total", "Publishers that were refused.",
            [
                .keyProtocol,
                .reason("unknown", "signature", "wrong_stream", "expired", "revoked", "busy", "limit", "unavailable"),
            ]),
    ]
}
