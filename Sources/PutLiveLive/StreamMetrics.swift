import Metrics
import Synchronization

/// The series with the label `stream`: those of streams on air, and no others.
final class StreamMetrics: Sendable {
    private struct Series: Sendable {
        let start: Meter
        let receivedBytes: Meter
        let frames: Meter
        let width: Meter
        let height: Meter
        let keyframeInterval: Meter
        let lastSegment: Meter
        let renditionsActive: Meter
        let renditionsExpected: Meter
        let viewers: Meter
        let peakViewers: Meter
        var info: Meter?
        var infoLabels: [String] = []
        var renditionBytes: [String: Meter] = [:]

        init(_ stream: StreamName, _ make: MetricMaker) {
            let gauge = { (name: String) in make.gauge(name, ["stream": stream.text]) }
            start = gauge("putlive_stream_start_timestamp_seconds")
            receivedBytes = gauge("putlive_stream_received_bytes_per_second")
            frames = gauge("putlive_stream_frames_per_second")
            width = gauge("putlive_stream_width_pixels")
            height = gauge("putlive_stream_height_pixels")
            keyframeInterval = gauge("putlive_stream_keyframe_interval_seconds")
            lastSegment = gauge("putlive_stream_last_segment_timestamp_seconds")
            renditionsActive = gauge("putlive_renditions_active")
            renditionsExpected = gauge("putlive_renditions_expected")
            viewers = gauge("putlive_viewers")
            peakViewers = gauge("putlive_viewers_peak")
        }

        func destroy() {
            for gauge in [
                start, receivedBytes, frames, width, height, keyframeInterval, lastSegment, renditionsActive,
                renditionsExpected, viewers, peakViewers,
            ] {
                gauge.destroy()
            }
            info?.destroy()
            for gauge in renditionBytes.values { gauge.destroy() }
        }
    }

    private let make: MetricMaker
    private let expectedRenditions: Int
    private let series = Mutex<[StreamName: Series]>([:])

    init(_ make: MetricMaker, expectedRenditions: Int) {
        self.make = make
        self.expectedRenditions = expectedRenditions
    }

    /// Sets all that is known now, and removes the series of streams that ended.
    func set(
        _ broadcasts: [StreamName: Broadcast], viewers: (StreamName) -> StreamViewers,
        segments: [Rendition: DeliveryPlan.LastSegment]
    ) {
        let watching = broadcasts.keys.reduce(into: [StreamName: StreamViewers]()) { $0[$1] = viewers($1) }
        series.withLock { series in
            for (stream, old) in series where broadcasts[stream] == nil {
                old.destroy()
                series[stream] = nil
            }
            for (stream, broadcast) in broadcasts {
                var one = series[stream] ?? Series(stream, make)
                set(&one, broadcast, watching[stream] ?? StreamViewers(), segments)
                series[stream] = one
            }
        }
    }

    private func set(
        _ one: inout Series, _ broadcast: Broadcast, _ viewers: StreamViewers,
        _ segments: [Rendition: DeliveryPlan.LastSegment]
    ) {
        let facts = broadcast.facts
        one.start.set(Double(broadcast.startedAt) / 1000)
        one.receivedBytes.set(broadcast.bytesPerSecond)
        one.frames.set(broadcast.framesPerSecond)
        one.width.set(facts.width)
        one.height.set(facts.height)
        one.viewers.set(viewers.now)
        one.peakViewers.set(viewers.peak)
        one.renditionsActive.set(broadcast.delivered.renditions.count)
        one.renditionsExpected.set(expectedRenditions)
        let source = segments[Rendition(stream: broadcast.stream, quality: Rendition.source)]
        // A segment of a broadcast before this one says nothing of it.
        one.lastSegment.set(Double(max(broadcast.startedAt, source?.modified ?? 0)) / 1000)
        if let source, source.modified >= broadcast.startedAt { one.keyframeInterval.set(source.seconds) }
        setInfo(&one, broadcast)
        setRenditions(&one, broadcast.stream, segments)
    }

    /// Of its labels some may change while it is on air: then the old series goes.
    private func setInfo(_ one: inout Series, _ broadcast: Broadcast) {
        let facts = broadcast.facts
        let labels = [broadcast.source.rawValue, facts.videoCodec.rawValue, facts.audioCodec.rawValue]
        guard one.infoLabels != labels else { return }
        one.info?.destroy()
        let info = make.gauge(
            "putlive_stream_info",
            [
                "stream": broadcast.stream.text, "source": labels[0], "video_codec": labels[1],
                "audio_codec": labels[2],
            ])
        info.set(1)
        one.info = info
        one.infoLabels = labels
    }

    private func setRenditions(
        _ one: inout Series, _ stream: StreamName, _ segments: [Rendition: DeliveryPlan.LastSegment]
    ) {
        let own = segments.filter { $0.key.stream == stream }
        for (quality, gauge) in one.renditionBytes where own[Rendition(stream: stream, quality: quality)] == nil {
            gauge.destroy()
            one.renditionBytes[quality] = nil
        }
        for (rendition, segment) in own where segment.seconds > 0 {
            let gauge =
                one.renditionBytes[rendition.quality]
                ?? make.gauge(
                    "putlive_rendition_bytes_per_second", ["stream": stream.text, "quality": rendition.quality])
            gauge.set(Double(segment.bytes) / segment.seconds)
            one.renditionBytes[rendition.quality] = gauge
        }
    }
}
