import ArgumentParser
import PutLiveArtifacts
import PutLiveCommands
import PutLiveLive

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

struct FFmpegCleanupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ffmpeg-cleanup",
        abstract: "End transcoders of SRS that outlive their stream.",
        discussion: """
            It looks for ffmpeg processes of its own user that SRS started for a rung of the ladder, and ends those whose \
            SRS is gone, or whose stream SRS hasn't any more: by SIGTERM, and by SIGKILL after 5 s. Other ffmpeg \
            processes are never touched. On a host a systemd timer runs it as the user of SRS.

            Exit status: 0 nothing is left, 1 one could not be ended.
            """)

    @OptionGroup var options: ConfigOptions
    @Flag(help: "Say what would be ended, and end nothing.") var reportOnly = false

    func run() async throws {
        let config = try options.load()
        guard config.streaming.engine == .srs else {
            Console.result("streaming.engine is embedded: there are no transcoders\n")
            return
        }
        let paths = HostPaths()
        let place = Transcoder.Place(rtmpPort: config.streaming.rtmpPort, ladderVhost: paths.ladderVhost)
        let active = await activeStreams(LiveSettings.SRSAddress(port: paths.srsAPIPort))
        let findings = PutLiveLive.FFmpegCleanup.findings(
            ProcessTable.read(), user: geteuid(), active: active, at: place,
            nowTicks: ProcessTable.uptimeTicks() ?? 0)
        if reportOnly {
            for finding in findings { Console.result("\(text(finding)): would be ended\n") }
            return
        }
        let outcomes = await PutLiveLive.FFmpegCleanup.end(findings, grace: .seconds(5), by: .host)
        for (finding, outcome) in zip(findings, outcomes) { Console.result("\(text(finding)): \(text(outcome))\n") }
        let failed = outcomes.count { if case .failed = $0 { true } else { false } }
        count(outcomes.count - failed)
        if failed > 0 { throw ExitCode(1) }
    }

    /// Nil when SRS doesn't answer: then nothing is known of its streams.
    private func activeStreams(_ address: LiveSettings.SRSAddress) async -> Set<StreamName>? {
        do throws(SRSFailure) {
            return try await SRSClient(address).activeStreams()
        } catch {
            Console.report("\(error); looking for orphans alone")
            return nil
        }
    }

    /// systemd names the folder with RuntimeDirectory=; without one nobody is told.
    private func count(_ ended: Int) {
        guard ended > 0, let folder = ProcessInfo.processInfo.environment["RUNTIME_DIRECTORY"] else { return }
        do {
            try CleanupReport(path: "\(folder)/reaped").add(ended)
        } catch {
            Console.report(
                "\(folder)/reaped can't be written, so the metric putlive_ffmpeg_reaped_total misses \(ended): \(error)"
            )
        }
    }

    private func text(_ finding: PutLiveLive.FFmpegCleanup.Finding) -> String {
        let rendition = finding.transcoder.rendition
        return "ffmpeg \(finding.transcoder.process.pid) of \(rendition.stream), \(rendition.quality): "
            + finding.reason.rawValue
    }

    private func text(_ outcome: PutLiveLive.FFmpegCleanup.Outcome) -> String {
        switch outcome {
        case .ended: "ended"
        case .killed: "killed"
        case .failed(let number): "can't be ended: \(String(cString: strerror(number)))"
        }
    }
}
