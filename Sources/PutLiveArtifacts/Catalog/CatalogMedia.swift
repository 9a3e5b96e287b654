import PutLiveConfig

/// SRS and nginx.
extension Catalog {
    static let media: [Artifact] = [
        Artifact(
            "/usr/local/srs/conf/putlive.conf", name: "srs.conf", .srs, mode: 0o640, group: "srs", isSensitive: true,
            roles: [.single, .origin, .local], when: { $0.streaming.engine == .srs },
            onChange: .reload(["srs.service"]), check: .srs, view: Views.srs,
            "SRS: RTMP in, HLS and the ladder out, hooks to the agent."),
        Artifact(
            "/etc/nginx/nginx.conf", .nginx, isOursAlone: false, roles: .streaming,
            onChange: .reload(["nginx.service"]),
            check: .nginx, view: Views.nginx, "nginx: TLS, the API, the pages and HLS."),
        Artifact(
            "/etc/nginx/nginx.conf", name: "nginx-edge.conf", template: "templates/etc/nginx/nginx.edge.conf.mustache",
            .nginx, isOursAlone: false, roles: [.edge], onChange: .reload(["nginx.service"]), check: .nginx,
            view: Views.nginx, "nginx of an edge: a cache of the origin's HLS."),
    ]
}
