/// One track: its packets put in order, its frames handed out, and what it asks its sender for.
struct TrackReceiver {
    private static let leastPatience: Int64 = 100_000
    /// A stream that was replaced and comes back counts again when its successor has been silent for so long.
    private static let silence: Int64 = 1_000_000

    let track: NegotiatedTrack
    /// Names the stream to its sender; nil before the first packet of a stream that the offer didn't name.
    private(set) var ssrc: UInt32?
    private(set) var statistics = ReceiverStatistics.Track()
    private(set) var keyframes: KeyframeRequests
    /// The stream is new, or its clock is: tell its sender of it soon.
    private(set) var needsReport = false

    private let payloads: PayloadTable
    /// Longest wait for a missing packet.
    private let mostPatience: Int64
    private let isRetransmittedApart: Bool
    private var sequencer = PacketSequencer()
    private var reception: ReceptionReport
    private var assembler: FrameAssembler
    /// Packets before the next one are lost.
    private var followsGap = false
    private var hasSenderReport = false
    private var lastPacket = MonotonicTime(microseconds: 0)
    /// Streams that gave way to others.
    private var replaced: [UInt32] = []

    init(_ track: NegotiatedTrack, keyframeInterval: Int64) {
        self.track = track
        ssrc = track.ssrc
        payloads = PayloadTable(track.payloads)
        assembler = FrameAssembler(track.payloads)
        // Sound comes to terms with a lost packet; the picture stands still until the next keyframe.
        mostPatience = track.kind == .audio ? 200_000 : 500_000
        isRetransmittedApart = track.payloads.contains { $0.rtxPayloadType != nil }
        reception = ReceptionReport(clockRate: track.clockRate)
        keyframes = KeyframeRequests(interval: keyframeInterval)
    }

    /// Packets have come.
    var hasBegun: Bool { sequencer.hasBegun }

    // MARK: Packets

    /// Takes a packet that the router gave to this track.
    mutating func receive(
        _ header: RTPHeader, _ packet: UnsafeRawBufferPointer, roundTrip: inout RoundTrip, at now: MonotonicTime,
        into sink: inout FrameSink
    ) {
        guard let use = payloads[header.payloadType] else {
            statistics.malformed += 1
            return
        }
        let payload = UnsafeRawBufferPointer(rebasing: packet[header.payload])
        guard use.isRetransmission else {
            guard header.ssrc == ssrc && hasBegun || adopt(header.ssrc, at: now, into: &sink) else {
                statistics.late += 1
                return
            }
            lastPacket = now
            accept(header, header.sequence, payload, use.codec, isRepair: false, &roundTrip, at: now, into: &sink)
            return
        }
        // RFC 4588, section 4: the original's sequence number, then its payload. Browsers that probe the link send
        // padding alone, and again what has come already.
        guard payload.count > 2, hasBegun else { return }
        let rest = UnsafeRawBufferPointer(rebasing: payload[2...])
        accept(
            header, payload.bigEndian16(at: 0), rest, use.codec, isRepair: true, &roundTrip, at: now, into: &sink)
    }

    /// Follows a new SSRC; false for a straggler of an old one.
    private mutating func adopt(_ new: UInt32, at now: MonotonicTime, into sink: inout FrameSink) -> Bool {
        if hasBegun, let old = ssrc {
            if replaced.contains(new), now.microseconds(since: lastPacket) < Self.silence { return false }
            while let step = sequencer.flush() { take(step, at: now, into: &sink) }
            replaced = replaced.filter { $0 != new }.suffix(7) + [old]
            followsGap = true
            sink.timeline.reset(kind: track.kind)
        }
        // What was known before its first packet, by a sender report, stays.
        if hasBegun || new != ssrc {
            reception = ReceptionReport(clockRate: track.clockRate)
            hasSenderReport = false
        }
        ssrc = new
        sequencer = PacketSequencer()
        keyframes.start(at: now)
        needsReport = true
        return true
    }

    private mutating func accept(
        _ header: RTPHeader, _ number: UInt16, _ payload: UnsafeRawBufferPointer, _ codec: PayloadCodec,
        isRepair: Bool, _ roundTrip: inout RoundTrip, at now: MonotonicTime, into sink: inout FrameSink
    ) {
        let (place, filled) = sequencer.place(number, isRepair: isRepair, at: now)
        if let filled, filled.requests > 0, isRepair || !isRetransmittedApart {
            statistics.repaired += 1
            if filled.requests == 1 { roundTrip.repair(now.microseconds(since: filled.requested)) }
        }
        switch place {
        case .inOrder(let sequence):
            count(header, sequence, payload, isRepair: isRepair, at: now)
            pass(payload, codec, timestamp: header.timestamp, marker: header.marker, arrival: now, at: now, into: &sink)
        case .early(let sequence):
            count(header, sequence, payload, isRepair: isRepair, at: now)
            let packet = BufferedPacket(
                codec: codec, timestamp: header.timestamp, marker: header.marker, arrival: now,
                payload: Array(payload))
            sequencer.keep(packet, sequence)
        case .late(let sequence):
            // What a browser sends again unasked, to probe the link, isn't late.
            guard !isRepair else { return }
            reception.receive(sequence, timestamp: header.timestamp, at: now)
            statistics.late += 1
        case .stray:
            statistics.late += isRepair ? 0 : 1
        case .afterBreak:
            while let step = sequencer.flush() { take(step, at: now, into: &sink) }
            let skipped = sequencer.jump(to: number)
            if skipped == 0 { reception = ReceptionReport(clockRate: track.clockRate) }
            statistics.lost += skipped
            followsGap = true
            count(header, sequencer.highest, payload, isRepair: isRepair, at: now)
            pass(payload, codec, timestamp: header.timestamp, marker: header.marker, arrival: now, at: now, into: &sink)
        }
        if !sequencer.isIdle { release(roundTrip: roundTrip, at: now, into: &sink) }
    }

    private mutating func count(
        _ header: RTPHeader, _ sequence: Int64, _ payload: UnsafeRawBufferPointer, isRepair: Bool,
        at now: MonotonicTime
    ) {
        statistics.packets += 1
        statistics.payloadBytes += payload.count
        // Reports are about the network: what it lost stays lost, even if it was sent again.
        if !isRepair { reception.receive(sequence, timestamp: header.timestamp, at: now) }
    }

    /// Lets go what is in order by now, and gives up what was waited for long enough.
    mutating func release(roundTrip: RoundTrip, at now: MonotonicTime, into sink: inout FrameSink) {
        let patience = patience(roundTrip: roundTrip)
        while let step = sequencer.step(patience: patience, at: now) { take(step, at: now, into: &sink) }
    }

    private mutating func take(_ step: PacketSequencer.Step, at now: MonotonicTime, into sink: inout FrameSink) {
        switch step {
        case .packet(let packet):
            packet.payload.withUnsafeBytes {
                pass(
                    $0, packet.codec, timestamp: packet.timestamp, marker: packet.marker, arrival: packet.arrival,
                    at: now, into: &sink)
            }
        case .lost:
            statistics.lost += 1
            followsGap = true
        }
    }

    /// Hands a packet on, in order.
    private mutating func pass(
        _ payload: UnsafeRawBufferPointer, _ codec: PayloadCodec, timestamp: UInt32, marker: Bool,
        arrival: MonotonicTime, at now: MonotonicTime, into sink: inout FrameSink
    ) {
        // Only padding: it has a number, so that it can be told from a loss, and nothing else.
        guard !payload.isEmpty else { return }
        assembler.receive(
            payload, codec, timestamp: timestamp, marker: marker, followsGap: followsGap, into: &sink.assembled)
        followsGap = false
        if !sink.assembled.isEmpty {
            statistics.frames += sink.assembled.count
            if sink.place(codec, track.kind, arrival: arrival) { keyframes.received(at: now) }
        }
        if assembler.needsKeyframe { keyframes.want() }
    }

    // MARK: Time

    /// How long to wait for a missing packet, in microseconds: long enough for a few requests, if requests are made.
    private func patience(roundTrip: RoundTrip) -> Int64 {
        let repair = track.usesNACK ? 4 * roundTrip.microseconds : 0
        return min(max(repair + 4 * reception.jitter + 50_000, Self.leastPatience), mostPatience)
    }

    /// When something is to be done.
    func nextDeadline(roundTrip: RoundTrip) -> MonotonicTime {
        let keyframe = asksForKeyframes ? keyframes.due : .never
        guard !sequencer.missing.isEmpty else { return keyframe }
        let request = track.usesNACK ? sequencer.missing.nextRequest : .never
        return min(keyframe, request, sequencer.giveUp(patience: patience(roundTrip: roundTrip)))
    }

    private var asksForKeyframes: Bool { track.usesPLI && track.kind == .video && hasBegun }

    /// Asks for what is missing; returns how many packets, and whether a keyframe, were asked for.
    mutating func ask(
        roundTrip: RoundTrip, at now: MonotonicTime, in writer: inout RTCPWriter
    ) -> (packets: Int, keyframe: Bool) {
        guard let ssrc else { return (0, false) }
        var asked = (packets: 0, keyframe: false)
        if track.usesNACK {
            let numbers = sequencer.takeRequests(roundTrip: roundTrip.microseconds, at: now)
            if !numbers.isEmpty { writer.nack(media: ssrc, numbers) }
            asked.packets = numbers.count
        }
        if asksForKeyframes, keyframes.due <= now {
            writer.pictureLossIndication(media: ssrc)
            keyframes.sent(at: now)
            asked.keyframe = true
        }
        return asked
    }

    /// Wishes for a keyframe, whatever has come.
    mutating func wantKeyframe() {
        if track.kind == .video { keyframes.want() }
    }

    // MARK: Reports

    /// Takes a sender report of the stream.
    mutating func senderReport(ntp: UInt64, rtpTimestamp: UInt32, at now: MonotonicTime, into sink: inout FrameSink) {
        reception.senderReport(ntp: ntp, at: now)
        sink.timeline.senderReport(kind: track.kind, ntp: ntp, rtpTimestamp: rtpTimestamp, arrival: now)
        // The first answer tells the sender of the round trip.
        if !hasSenderReport { needsReport = true }
        hasSenderReport = true
    }

    /// The report block for the stream; nil while nothing came.
    mutating func report(at now: MonotonicTime) -> ReceptionReport.Block? {
        needsReport = false
        sequencer.relax()
        guard let ssrc, hasBegun else { return nil }
        return reception.block(ssrc: ssrc, at: now)
    }

    /// As of now.
    var currentStatistics: ReceiverStatistics.Track {
        var statistics = statistics
        statistics.framesDropped = assembler.framesDropped
        statistics.lacksParameterSets = assembler.lacksParameterSets
        statistics.jitterSeconds = Double(reception.jitter) / 1_000_000
        return statistics
    }
}

extension NegotiatedTrack {
    /// Ticks of its RTP clock a second.
    var clockRate: Int { kind == .audio ? 48_000 : 90_000 }
}
