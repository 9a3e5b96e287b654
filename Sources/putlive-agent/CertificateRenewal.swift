import Logging
import PutLiveStore
import PutLiveWebRTC
import ServiceLifecycle

/// Makes a new certificate for DTLS before the old one's time is over, for an agent that runs for months.
struct CertificateRenewal: Service {
    let file: CertificateFile
    let peers: WebRTCServer
    let logger: Logger
    let clock: @Sendable () -> UnixTime
    private static let interval = Duration.seconds(3600)

    func run() async {
        let ticks = AsyncStream<Void>(unfolding: { try? await Task.sleep(for: Self.interval) })
        for await _ in ticks.cancelOnGracefulShutdown() {
            do {
                try await peers.use(file.loadOrMake(now: clock()))
            } catch {
                logger.error("webrtc_certificate_not_renewed", metadata: ["error": "\(error)"])
            }
        }
    }
}
