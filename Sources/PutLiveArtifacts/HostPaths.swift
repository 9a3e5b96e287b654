/// Where things are on a host; docs/host.md says the same in words.
public struct HostPaths: Sendable {
    /// The config that the host is true to.
    public let config = "/etc/putlive/config.yaml"
    /// The config that was last applied, which the services read: a bad edit of `config` can't reach them.
    public let appliedConfig = "/etc/putlive/applied.yaml"
    /// The config and what belongs to it.
    public let configFolder = "/etc/putlive"
    /// The agent, installed.
    public let agent = "/usr/bin/putlive-agent"
    /// This tool, installed.
    public let generator = "/usr/bin/putlive-gen"
    /// What `${NAME}` in the config is read from by the services.
    public let environmentFile = "/etc/putlive/environment"
    /// The links to the certificate in use.
    public let tlsFolder = "/etc/putlive/tls"
    /// A link to the certificate chain in use.
    public let tlsCertificate = "/etc/putlive/tls/fullchain.pem"
    /// A link to the private key in use.
    public let tlsKey = "/etc/putlive/tls/privkey.pem"
    /// Where certbot answers challenges.
    public let acmeWebroot = "/var/lib/putlive/acme"
    /// What the services keep.
    public let dataFolder = "/var/lib/putlive"
    /// Uploaded and transcoded videos.
    public let videosFolder = "/var/lib/putlive/videos"
    /// Logs that are files: those of nginx and ffmpeg.
    public let logFolder = "/var/log/putlive"
    /// The memory file system that HLS is written to.
    public let hlsMount = "/run/putlive-hls"
    /// The folder of playlists and segments in `hlsMount`.
    public let hlsLive = "/run/putlive-hls/live"
    /// The socket that nginx logs HLS requests to.
    public let accessSocket = "/run/putlive-access/access.sock"
    /// Where the last reconcile tells how it went.
    public let reconcileStatusFolder = "/run/putlive-reconcile"
    /// How many transcoders the cleanup has ended since the host started.
    public let cleanupReport = "/run/putlive-ffmpeg-cleanup/reaped"
    /// Where SRS is installed, and runs.
    public let srsFolder = "/usr/local/srs"
    /// The program of SRS.
    public let srsBinary = "/usr/local/srs/objs/srs"
    /// The rendered srs.conf.
    public let srsConfig = "/usr/local/srs/conf/putlive.conf"
    /// An edge's cache of segments and playlists.
    public let edgeCache = "/var/cache/nginx/putlive"
    /// The transcoder that SRS starts.
    public let ffmpeg = "/usr/bin/ffmpeg"
    /// On 127.0.0.1.
    public let srsAPIPort = 1985
    /// On 127.0.0.1.
    public let nodeExporterPort = 9100
    /// The vhost of SRS that the ladder's renditions are published to.
    public let ladderVhost = "ladder.local"

    /// The paths of every host: nothing of them can be configured.
    public init() {}
}
