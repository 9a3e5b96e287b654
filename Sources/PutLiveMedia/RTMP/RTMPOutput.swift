/// Publishes to an RTMP server and keeps at it: a server that is away or busy with the stream is tried again and again,
/// and what was encoded meanwhile waits in a bounded queue.
///
/// After a reconnect the stream begins with new headers, at a keyframe, and its times go on. The first picture of another
/// size brings new headers within the connection. A track that begins late can't be announced within one: the
/// publish ends and begins anew, at once.
final class RTMPOutput: Output {
    /// What happens, told at once.
    enum Event: Sendable, Equatable {
        case connected
        /// Will be tried again.
        case lost(MediaError)
        case firstPacketWritten
        /// What waits can't be decoded from its beginning: a keyframe would help.
        case needsKeyframe
    }

    /// Makes a connection; blocks.
    typealias Connect = (StreamFormat) throws(MediaError) -> any RTMPPublishing

    private enum State {
        case idle
        /// No connection until then, in microseconds.
        case waiting(until: Int64)
        case connected(any RTMPPublishing, since: Int64)
        case finished
    }

    private(set) var statistics = RTMPStatistics()
    private let connect: Connect
    private let clock: () -> Int64
    private let chance: () -> Double
    private let report: (Event) -> Void
    private var state = State.idle
    private var format = StreamFormat()
    private var queue: PacketQueue
    private var backoff = Backoff()
    private var wroteAny = false
    /// Formats that begin with a packet still in the queue, by its time.
    private var upcoming: [(time: Int64, video: VideoFormat)] = []
    private var announced: VideoFormat?
    /// Since when there has been no connection, in microseconds; nil if there is one, or it was told that there is none.
    private var untoldSince: Int64?

    /// Microseconds without a connection after which it is told, even if none could be tried.
    private static let patience: Int64 = 3_000_000

    /// `clock` gives microseconds that never go back, `chance` numbers from 0 to 1.
    init(
        limits: PacketQueue.Limits = PacketQueue.Limits(), clock: @escaping () -> Int64,
        chance: @escaping () -> Double, connect: @escaping Connect, report: @escaping (Event) -> Void
    ) {
        queue = PacketQueue(limits: limits)
        self.clock = clock
        self.chance = chance
        self.connect = connect
        self.report = report
    }

    func start(_ format: StreamFormat) throws(MediaError) {
        self.format = format
        queue.begin(hasVideo: format.video != nil)
        let now = clock()
        state = .waiting(until: now)
        untoldSince = now
    }

    func write(_ packet: EncodedPacket) throws(MediaError) {
        if let announced, packet.track == .video {
            upcoming.append((packet.decodeTime, announced))
            self.announced = nil
        }
        queue.append(packet)
        if case .connected = state {} else { settleFormat() }
        pump()
    }

    func tick() throws(MediaError) {
        pump()
    }

    func change(to format: StreamFormat) throws(MediaError) {
        let sameTracks =
            (self.format.video == nil) == (format.video == nil) && (self.format.audio == nil) == (format.audio == nil)
        guard sameTracks else {
            end(isAlive: true)
            upcoming = []
            announced = nil
            return try start(format)
        }
        self.format.audio = format.audio
        announced = format.video
    }

    func discontinuity() {
        queue.discontinuity()
    }

    func finish() {
        if case .connected = state { pump() }
        end(isAlive: true)
        state = .finished
    }

    /// Connects if it is time, and sends what waits.
    private func pump() {
        if case .waiting(let until) = state, !queue.isEmpty, clock() >= until { open() }
        while case .connected(let connection, let since) = state, let packet = queue.first {
            if let next = upcoming.first, packet.track == .video, packet.decodeTime >= next.time {
                upcoming.removeFirst()
                format.video = next.video
                connection.change(to: next.video)
            }
            do throws(MediaError) {
                try connection.write(packet)
                statistics.sentBytes += packet.data.count
                statistics.sentPackets += 1
                queue.removeFirst()
                if !wroteAny {
                    wroteAny = true
                    report(.firstPacketWritten)
                }
            } catch {
                connection.close(isAlive: false)
                lose(error, connected: clock() - since)
            }
        }
        if let since = untoldSince, clock() - since >= Self.patience {
            untoldSince = nil
            report(.lost(MediaError(.connection, "no connection to the RTMP server was tried: no keyframe has come")))
            report(.needsKeyframe)
        }
        statistics.queueBytes = queue.bytes
        statistics.queuePackets = queue.count
        statistics.dropped = queue.dropped
    }

    private func open() {
        do throws(MediaError) {
            statistics.attempts += 1
            let connection = try connect(format)
            statistics.connects += 1
            statistics.isConnected = true
            state = .connected(connection, since: clock())
            untoldSince = nil
            report(.connected)
        } catch {
            if error.kind == .refused { statistics.refusals += 1 } else { statistics.failures += 1 }
            lose(error, connected: 0)
        }
    }

    /// The headers of the next connection must be those of the first packet that it gets.
    private func settleFormat() {
        while let next = upcoming.first, queue.first.map({ next.time <= $0.decodeTime }) ?? true {
            upcoming.removeFirst()
            format.video = next.video
        }
    }

    private func lose(_ error: MediaError, connected: Int64) {
        statistics.isConnected = false
        state = .waiting(until: clock() + backoff.fail(connected: connected, chance: chance()))
        queue.resume()
        settleFormat()
        untoldSince = nil
        report(.lost(error))
        if queue.awaitsKeyframe { report(.needsKeyframe) }
    }

    private func end(isAlive: Bool) {
        if case .connected(let connection, _) = state { connection.close(isAlive: isAlive) }
        statistics.isConnected = false
    }
}
