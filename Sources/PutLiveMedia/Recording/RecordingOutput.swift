/// Records into an MP4 file of fragments (ISO/IEC 14496-12, section 8.8) of at most two seconds: whoever is killed while
/// writing it loses no more than the last one.
///
/// It goes on in one file while the picture changes its size, as browsers' pictures do. A file that is there is never
/// overwritten, and a file has the same tracks from its start to its end: if the name is taken, or a track comes in, or the
/// disk was full for a while, the next file is `<name>-2.mp4`, and so on. No file is left that holds nothing.
public final class RecordingOutput: Output {
    /// Makes a file, of a name that isn't there yet.
    typealias Make = (String) throws(MediaError) -> OutputFile

    private let path: String
    private let make: Make
    private var format = StreamFormat()
    private var recording: Recording?
    /// Of the file that is written, or else of the next.
    private var number = 1
    /// The tracks of `recording` aren't those of the next file.
    private var isOutdated = false
    /// Why nothing is written, and when to try again.
    private var failure: (error: MediaError, retry: Int64)?

    /// How long after a failure a new file is tried, in microseconds.
    private static let pause: Int64 = 10_000_000
    /// The most files of one broadcast.
    private static let mostFiles = 1000

    /// To a file whose name ends with `.mp4`, in a folder that is there.
    public convenience init(path: String) {
        self.init(path: path) { name throws(MediaError) in try OutputFile(name, mode: 0o640, replaces: false) }
    }

    init(path: String, make: @escaping Make) {
        self.path = path
        self.make = make
    }

    /// The file is made with the first packet.
    public func start(_ format: StreamFormat) throws(MediaError) {
        self.format = format
    }

    /// Throws why the packet isn't written. Some seconds after a failure a new file is tried.
    public func write(_ packet: EncodedPacket) throws(MediaError) {
        // With a picture a file begins at a keyframe.
        let isBeginning = packet.track == .video ? packet.isKeyframe : format.video == nil
        if let failure, !isBeginning || packet.decodeTime < failure.retry { throw failure.error }
        do throws(MediaError) {
            if isBeginning, recording == nil || isOutdated {
                finish()
                recording = try nextRecording(start: packet.decodeTime)
                isOutdated = false
                failure = nil
            }
            try recording?.write(packet)
        } catch {
            finish()
            failure = (error, packet.decodeTime + Self.pause)
            throw error
        }
    }

    /// If the tracks are others, a new file begins with the next keyframe.
    public func change(to format: StreamFormat) throws(MediaError) {
        let hasSameTracks = (format.video == nil) == (self.format.video == nil) && format.audio == self.format.audio
        self.format = format
        if !hasSameTracks { isOutdated = true }
        if let recording, !isOutdated, let video = format.video {
            isOutdated = true
            try recording.change(video)
            isOutdated = false
        }
    }

    /// Nothing to do: times go on.
    public func discontinuity() {}

    /// Closes the file.
    public func finish() {
        if let recording, recording.finish() { number += 1 }
        recording = nil
    }

    private func nextRecording(start: Int64) throws(MediaError) -> Recording {
        let file = try nextFile()
        do throws(MediaError) {
            return try Recording(file, format, start: start)
        } catch {
            file.remove()
            throw error
        }
    }

    private func nextFile() throws(MediaError) -> OutputFile {
        let stem = path.hasSuffix(".mp4") ? String(path.dropLast(4)) : path
        while number <= Self.mostFiles {
            let name = number == 1 ? "\(stem).mp4" : "\(stem)-\(number).mp4"
            do throws(MediaError) {
                return try make(name)
            } catch {
                guard SegmentFile.identity(of: name) != nil else { throw error }
                number += 1
            }
        }
        let name = stem.split(separator: "/").last ?? ""
        throw MediaError(.storage, "can't make another file of \(name): there are \(Self.mostFiles)")
    }
}
