import Logging
import PutLiveStore
import PutLiveWebRTC
import ServiceLifecycle

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

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
                try await peers.use(file.loadOrMake(now: clock()) { Self.warn(logger, $0) })
            } catch {
                logger.error("webrtc_certificate_not_renewed", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Browsers don't mind another certificate after a restart, so this is no reason to do without them.
    static func warn(_ logger: Logger, _ error: CertificateError) {
        var reason = "\(error)"
        if case .file(let call, let path, let number) = error {
            reason = "\(call) of \(path): \(String(cString: strerror(number)))"
        }
        logger.warning(
            "webrtc_certificate_not_kept",
            metadata: [
                "reason": "\(reason)", "remedy": "make room on the disk, and let the agent read and write the file",
            ])
    }
}
