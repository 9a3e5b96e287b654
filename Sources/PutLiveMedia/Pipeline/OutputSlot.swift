/// An output and what is known of it: tells of what changes, not of each packet.
final class OutputSlot {
    let kind: OutputKind
    let output: any Output
    private let report: (PipelineEvent) -> Void
    /// RTMPOutput queues, so a write that succeeds says nothing; it reports on its own.
    private let tellsByItself: Bool
    /// It was told that the output fails, and not yet that it is well again.
    private var isLost = false
    /// When it failed last, in times of packets.
    private var lastFailure: Int64 = 0
    private var now: Int64 = 0
    private var hasWritten = false

    /// Microseconds. An output that didn't fail for so long is well; until then its failures aren't told of again. A disk
    /// may be full for days.
    static let patience: Int64 = 10_000_000

    init(kind: OutputKind, output: any Output, report: @escaping (PipelineEvent) -> Void) {
        self.kind = kind
        self.output = output
        self.report = report
        tellsByItself = output is RTMPOutput
    }

    func start(_ format: StreamFormat) {
        let succeeds = attempt { () throws(MediaError) in try output.start(format) }
        if succeeds && !tellsByItself { report(.outputConnected(kind)) }
    }

    func write(_ packet: EncodedPacket) {
        now = packet.decodeTime
        let succeeds = attempt { () throws(MediaError) in try output.write(packet) }
        guard succeeds, !tellsByItself else { return }
        if !hasWritten {
            hasWritten = true
            report(.firstPacketWritten(kind))
        }
        if isLost && now - lastFailure >= Self.patience {
            isLost = false
            report(.outputConnected(kind))
        }
    }

    func change(to format: StreamFormat) {
        attempt { () throws(MediaError) in try output.change(to: format) }
    }

    func tick() {
        attempt { () throws(MediaError) in try output.tick() }
    }

    @discardableResult
    private func attempt(_ action: () throws(MediaError) -> Void) -> Bool {
        do throws(MediaError) {
            try action()
            return true
        } catch {
            lastFailure = now
            if !isLost {
                isLost = true
                report(.outputLost(kind, reason: error, willRetry: true))
            }
            return false
        }
    }
}
