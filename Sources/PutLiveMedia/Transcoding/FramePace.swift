/// Which pictures are encoded, and which of them as keyframes. Times in microseconds.
struct FramePace: Sendable, Equatable {
    private let interval: Int64
    private let keyframeInterval: Int64
    private var next: Int64?
    private var lastKeyframe: Int64?

    init(_ settings: TranscodeSettings) {
        interval = 1_000_000 / Int64(min(max(settings.maxFramesPerSecond, 1), 120))
        keyframeInterval = Int64(min(max(settings.keyframeSeconds, 0.5), 60) * 1_000_000)
    }

    /// Not more than so many a second. What comes early takes its turn all the same, so that the times of a camera that
    /// waver don't cost it every other picture.
    mutating func takes(_ time: Int64) -> Bool {
        let due = next ?? time
        guard time >= due - interval / 4 else { return false }
        // One that comes late doesn't bring those after it nearer together than a quarter.
        next = max(due, time - interval / 2) + interval
        return true
    }

    /// One is due. Half of the time to the next picture sooner is nearer than half later.
    func isKeyframe(_ time: Int64) -> Bool {
        lastKeyframe.map { time - $0 >= keyframeInterval - interval / 2 } ?? true
    }

    /// The next picture is to be one.
    mutating func requestKeyframe() {
        lastKeyframe = nil
    }

    /// The encoder may make one of its own.
    mutating func didEncodeKeyframe(_ time: Int64) {
        lastKeyframe = time
    }
}
