/// Puts access units of H.264 together from RTP payloads (RFC 6184, packetization modes 0 and 1): single NAL units,
/// STAP-A and FU-A.
///
/// What it hands out decodes without errors: a picture that misses a part is dropped, and so is every one after it up to
/// the next keyframe. A keyframe always carries its parameter sets, whether they came with it or long before.
public struct H264Depacketizer: Sendable {
    /// True until the first keyframe, and after a loss until the next one.
    public var needsKeyframe: Bool { gate.needsKeyframe }
    /// Frames that came at least in part and were not handed out.
    public var framesDropped: Int { gate.framesDropped }
    /// Packets with a payload that isn't understood.
    public private(set) var packetsIgnored = 0
    /// The last whole keyframe couldn't be handed out, for no SPS or no PPS is known.
    public private(set) var lacksParameterSets = false

    private var gate = KeyframeGate()
    private var unit: H264AccessUnit?
    private var parameterSets = H264ParameterSets()
    /// Not yet handed out as they are now.
    private var parameterSetsChanged = false
    /// The last whole keyframe brought its own, so one that seems not to has lost them.
    private var keyframesBringParameterSets = false
    /// What comes next may miss its beginning, as may the very first picture.
    private var followsGap = true
    /// The picture that is coming may miss its beginning.
    private var mayMissBeginning = false
    private var expectedBytes = 4096

    /// One that has seen nothing.
    ///
    /// - Parameter parameterSets: NAL units known from elsewhere, such as SDP; those that come in packets take their place.
    public init(parameterSets units: [[UInt8]] = []) {
        for unit in units { _ = unit.withUnsafeBytes { parameterSets.remember($0) } }
    }

    /// Takes the next packet, and appends to `frames` those that it completes: none, one or two.
    ///
    /// - Parameters:
    ///   - payload: What follows the RTP header, padding taken off; empty if the packet was only padding. Packets come in
    ///     the order of their sequence numbers, once each.
    ///   - marker: The header's marker bit: with video, the last packet of a frame.
    ///   - followsGap: Packets just before it are lost for good.
    public mutating func receive(
        _ payload: UnsafeRawBufferPointer, timestamp: UInt32, marker: Bool, followsGap: Bool,
        into frames: inout [AssembledFrame]
    ) {
        if followsGap {
            gate.lose()
            unit?.damage()
            self.followsGap = true
        }
        // Only padding: it has the timestamp of a frame that may be complete, and begins none.
        guard !payload.isEmpty else { return }
        if let unit, unit.timestamp != timestamp { finish(into: &frames) }
        if unit == nil {
            unit = H264AccessUnit(timestamp: timestamp, expectedBytes: expectedBytes)
            mayMissBeginning = self.followsGap
        }
        self.followsGap = false
        read(payload)
        if marker { finish(into: &frames) }
    }

    private mutating func read(_ payload: UnsafeRawBufferPointer) {
        let type = payload[0] & 0x1F
        let isUnderstood: Bool
        switch type {
        case 1...H264UnitType.lastPlain: isUnderstood = unit?.append(payload) ?? false
        case H264UnitType.aggregate: isUnderstood = readAggregate(payload)
        case H264UnitType.fragment: isUnderstood = unit?.appendFragment(payload) ?? false
        case _ where H264UnitType.interleaved.contains(type): isUnderstood = false
        default:
            // Reserved, or PACSI of scalable video (RFC 6190): a receiver ignores it, and misses nothing.
            packetsIgnored &+= 1
            return
        }
        if !isUnderstood {
            packetsIgnored &+= 1
            unit?.damage()
        }
    }

    /// STAP-A (RFC 6184 section 5.7.1): NAL units, each after its length in 2 bytes.
    private mutating func readAggregate(_ payload: UnsafeRawBufferPointer) -> Bool {
        var place = 1
        while place < payload.count {
            guard place + 2 <= payload.count else { return false }
            let count = Int(payload[place]) << 8 | Int(payload[place + 1])
            place += 2
            guard count > 0, place + count <= payload.count else { return false }
            guard unit?.append(UnsafeRawBufferPointer(rebasing: payload[place..<place + count])) == true else {
                return false
            }
            place += count
        }
        return true
    }

    private mutating func finish(into frames: inout [AssembledFrame]) {
        guard let done = unit else { return }
        unit = nil
        let missesBeginning = mayMissBeginning && !isSureOfBeginning(done)
        takeParameterSets(of: done)
        guard done.isWhole, !missesBeginning else { return gate.drop() }
        // Parameter sets or supplemental information alone.
        guard done.hasSlice else { return }
        if done.isKeyframe {
            lacksParameterSets = !parameterSets.isComplete
            guard !lacksParameterSets else { return gate.drop() }
            keyframesBringParameterSets = done.parameterSets.isComplete
        }
        var data = done.data
        expectedBytes = min((expectedBytes * 7 + data.count) / 8, 1 << 16)
        if gate.needsKeyframe && !done.isKeyframe { data = [] }
        let needsParameterSets = done.isKeyframe || parameterSetsChanged && parameterSets.isComplete
        if needsParameterSets && !data.isEmpty {
            var whole: [UInt8] = []
            whole.reserveCapacity(parameterSets.writtenCount + data.count)
            parameterSets.write(into: &whole)
            whole.append(contentsOf: data)
            data = whole
        }
        guard let frame = gate.pass(timestamp: done.timestamp, isKeyframe: done.isKeyframe, data: data) else { return }
        if needsParameterSets { parameterSetsChanged = false }
        frames.append(frame)
    }

    /// After a gap only a keyframe is of use, so only for one it is worth to know that it is there from its beginning.
    private func isSureOfBeginning(_ unit: H264AccessUnit) -> Bool {
        if !unit.hasSlice { return true }
        return unit.beginsAtFirstSlice && (unit.parameterSets.isComplete || !keyframesBringParameterSets)
    }

    private mutating func takeParameterSets(of unit: H264AccessUnit) {
        let before = parameterSets
        if unit.isKeyframe && unit.parameterSets.isComplete {
            // A keyframe that brings both begins anew: what is left of another resolution only misleads.
            parameterSets = unit.parameterSets
        } else {
            parameterSets.merge(unit.parameterSets)
        }
        if parameterSets != before { parameterSetsChanged = true }
    }
}
