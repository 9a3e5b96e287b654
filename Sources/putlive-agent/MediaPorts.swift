import Logging
import PutLiveAPI
import PutLiveWebRTC
import Synchronization

/// Whether the ports of browsers' media are there, for health and for the log.
final class MediaPorts: Sendable {
    private let peers: WebRTCServer
    private let logger: Logger
    private let known = Mutex<[PortFailure]>([])

    init(peers: WebRTCServer, logger: Logger) {
        self.peers = peers
        self.logger = logger
    }

    /// Looks at them, and logs what has changed since the last look.
    func check() async -> ComponentHealth {
        // One of an address that is only coming or going passes by itself.
        let failures = ((try? await peers.portFailures()) ?? []).filter { !$0.isOfAddress }
        let before = known.withLock { known in
            defer { known = failures }
            return known
        }
        guard let first = failures.first else {
            if !before.isEmpty { logger.notice("webrtc_ports_bound") }
            return ComponentHealth(.ok)
        }
        let addresses = failures.map(\.address).joined(separator: ", ")
        if failures != before {
            logger.error(
                "webrtc_ports_not_bound",
                metadata: ["reason": "\(first)", "addresses": "\(addresses)", "remedy": "\(Self.remedy(first))"])
        }
        return ComponentHealth(
            .degraded,
            detail:
                "Browsers' media can't be received at \(addresses): \(first). To mend it, \(Self.remedy(first)). It is "
                + "tried again every 30 s.")
    }

    private static func remedy(_ failure: PortFailure) -> String {
        "end the program that has the port (ss -lntup names it), or choose another streaming.webrtc."
            + (failure.isTCP ? "tcp_port" : "udp_port")
    }
}
