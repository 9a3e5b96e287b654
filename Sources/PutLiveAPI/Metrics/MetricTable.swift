/// Every metric family of docs/metrics.md, in its order; a test keeps both equal. A new family is a row here and a row
/// there.
public enum MetricTable {
    /// All families, section by section.
    public static let families: [MetricFamily] =
        agent + streams + viewers + http + accounts + webRTC.map { $0.needing(.webRTC) }
        + rtmp.map { $0.needing(.srs) } + srs.map { $0.needing(.srs) } + library + storage
        + reconcile.map { $0.needing(.reconcile) } + certificate.map { $0.needing(.tls) }

    /// Upper bounds in seconds, each range as docs/metrics.md says.
    enum Buckets {
        static let hlsRequest = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
        static let httpRequest = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
        static let connect = [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 15]
        static let query = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1]
    }
}
