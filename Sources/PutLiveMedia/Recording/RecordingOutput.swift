/// Records into an MP4 file of fragments (ISO/IEC 14496-12, section 8.8) of at most two seconds: whoever is killed while
/// writing it loses no more than the last one.
///
/// A file that is there is never overwritten, and a file has one format from its start to its end: if the name is taken, or
/// the format changes, or the disk was full for a while, the next file is `<name>-2.mp4`, and so on.
public final class RecordingOutput: Output {
    private let path: String
    private var format = StreamFormat()
    private var recording: Recording?
    private var number = 1
    /// The format of `recording` isn't that of the next file.
    private var isOutdated = false
    /// After a failure, when to try again.
    private var retry: Int64?

    /// How long after a failure a new file is tried, in microseconds.
    private static let pause: Int64 = 10_000_000
    /// The most files of one broadcast.
    private static let mostFiles = 1000

    /// To a file whose name ends with `.mp4`, in a folder that is there.
    public init(path: String) {
        self.path = path
    }

    /// The file is made with the first packet.
    public func start(_ format: StreamFormat) throws(MediaError) {
        self.format = format
    }

    /// Throws once when it can't be written; it is tried again some seconds later.
    public func write(_ packet: EncodedPacket) throws(MediaError) {
        if let retry, packet.decodeTime < retry { return }
        do throws(MediaError) {
            // With a picture a file begins at a keyframe.
            let isBeginning = packet.track == .video ? packet.isKeyframe : format.video == nil
            if isBeginning, recording == nil || isOutdated {
                finish()
                recording = try Recording(try nextFile(), format, start: packet.decodeTime)
                isOutdated = false
                retry = nil
            }
            try recording?.write(packet)
        } catch {
            recording = nil
            retry = packet.decodeTime + Self.pause
            throw error
        }
    }

    /// A new file begins with the next keyframe.
    public func change(to format: StreamFormat) throws(MediaError) {
        self.format = format
        isOutdated = true
    }

    /// Nothing to do: times go on.
    public func discontinuity() {}

    /// Closes the file.
    public func finish() {
        recording?.finish()
        recording = nil
    }

    private func nextFile() throws(MediaError) -> OutputFile {
        let stem = path.hasSuffix(".mp4") ? String(path.dropLast(4)) : path
        while true {
            let name = number == 1 ? "\(stem).mp4" : "\(stem)-\(number).mp4"
            number += 1
            do throws(MediaError) {
                return try OutputFile(name, mode: 0o640, replaces: false)
            } catch {
                guard SegmentFile.identity(of: name) != nil, number <= Self.mostFiles else {
                    number -= 1
                    throw error
                }
            }
        }
    }
}
