@testable import PutLiveMedia

/// What an output was told, in order.
final class OutputRecorder: Output {
    var formats: [StreamFormat] = []
    var packets: [EncodedPacket] = []
    var calls: [String] = []
    var failure: MediaError?

    func start(_ format: StreamFormat) throws(MediaError) {
        calls.append("start")
        formats.append(format)
    }
    func write(_ packet: EncodedPacket) throws(MediaError) {
        if let failure { throw failure }
        if calls.last != "write" { calls.append("write") }
        packets.append(packet)
    }
    func change(to format: StreamFormat) throws(MediaError) {
        calls.append("change")
        formats.append(format)
    }
    func discontinuity() { calls.append("discontinuity") }
    func finish() { calls.append("finish") }
}

/// What a pipeline told, in order.
final class PipelineEvents {
    var all: [PipelineEvent] = []
}

/// Frames for pipelines.
protocol PipelineFrames {}

extension PipelineFrames {
    func picture(_ time: Int64, key: Bool = false, sps: [UInt8] = ParameterSetsTests.sps) -> MediaFrame {
        let units = key ? [sps, ParameterSetsTests.pps, ParameterSetsTests.idr] : [[0x41, 1, 2]]
        return MediaFrame(
            codec: .h264, presentationTime: time, isKeyframe: key, data: ParameterSetsTests.accessUnit(units))
    }

    func mixed(_ pictures: [MediaFrame], _ sound: [MediaFrame]) -> [MediaFrame] {
        (pictures + sound).sorted { $0.presentationTime < $1.presentationTime }
    }

    func pictures(_ seconds: Double, from start: Double = 0) -> [MediaFrame] {
        (0..<Int(seconds * 30)).map { picture(Int64(start * 1e6) + Int64($0) * 33_333, key: $0 % 30 == 0) }
    }
}
