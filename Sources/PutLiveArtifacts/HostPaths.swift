/// Where things are on a host; docs/host.md says the same in words.
public struct HostPaths: Sendable {
    public let config = "/etc/putlive/config.yaml"
    public let configFolder = "/etc/putlive"
    public let agent = "/usr/bin/putlive-agent"
    public let generator = "/usr/bin/putlive-gen"
    public let tlsFolder = "/etc/putlive/tls"
    public let tlsCertificate = "/etc/putlive/tls/fullchain.pem"
    public let tlsKey = "/etc/putlive/tls/privkey.pem"
    public let acmeWebroot = "/var/lib/putlive/acme"
    public let dataFolder = "/var/lib/putlive"
    public let videosFolder = "/var/lib/putlive/videos"
    public let logFolder = "/var/log/putlive"
    /// The memory file system that HLS is written to, and the folder of playlists and segments in it.
    public let hlsMount = "/run/putlive-hls"
    public let hlsLive = "/run/putlive-hls/live"
    /// The socket that nginx logs HLS requests to.
    public let accessSocket = "/run/putlive-access/access.sock"
    public let reconcileStatusFolder = "/run/putlive-reconcile"
    public let srsFolder = "/usr/local/srs"
    public let srsBinary = "/usr/local/srs/objs/srs"
    public let srsConfig = "/usr/local/srs/conf/putlive.conf"
    public let edgeCache = "/var/cache/nginx/putlive"
    public let ffmpeg = "/usr/bin/ffmpeg"
    /// On 127.0.0.1.
    public let srsAPIPort = 1985
    /// On 127.0.0.1.
    public let nodeExporterPort = 9100
    /// The vhost of SRS that the ladder's renditions are published to.
    public let ladderVhost = "ladder.local"

    public init() {}
}
