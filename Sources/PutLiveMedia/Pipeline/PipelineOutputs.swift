extension PipelineCore {
    /// With the outputs that the settings name.
    convenience init(
        _ settings: PipelineSettings, interrupt: InterruptFlag, onEvent: @escaping @Sendable (PipelineEvent) -> Void
    ) {
        self.init(
            expectsVideo: settings.expectsVideo, expectsAudio: settings.expectsAudio,
            slots: settings.outputs.map { one in
                OutputSlot(
                    kind: one.kind, output: Self.output(one, interrupt: interrupt, report: onEvent), report: onEvent)
            }, audioBitRate: settings.audioBitRate, audioChannels: settings.audioChannels,
            transcoding: settings.transcoding, report: onEvent)
    }

    private static func output(
        _ settings: OutputSettings, interrupt: InterruptFlag, report: @escaping @Sendable (PipelineEvent) -> Void
    ) -> any Output {
        switch settings {
        case .hls(let settings): HLSOutput(settings, clock: UnixClock.now)
        case .recording(let path): RecordingOutput(path: path)
        case .rtmp(let url):
            RTMPOutput(
                clock: MonotonicClock.now, chance: { Double.random(in: 0...1) },
                connect: { format throws(MediaError) in
                    try RTMPConnection(url: url, format: format, interrupt: interrupt)
                },
                report: { event in
                    switch event {
                    case .connected: report(.outputConnected(.rtmp))
                    case .lost(let reason): report(.outputLost(.rtmp, reason: reason, willRetry: true))
                    case .firstPacketWritten: report(.firstPacketWritten(.rtmp))
                    case .needsKeyframe: report(.needsKeyframe)
                    }
                })
        }
    }
}
