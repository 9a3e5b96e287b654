import Foundation
import Testing

@testable import PutLiveMedia

@Suite struct RecordingOutputTests {
    private let folder: HLSFolderFixture

    init() throws { folder = try HLSFolderFixture() }

    private func isMonotonic(_ times: [Int64]) -> Bool { zip(times, times.dropFirst()).allSatisfy { $0 < $1 } }

    @Test func recordsPicturesAndSound() throws {
        let (video, pictures) = try HLSSample.pictures(seconds: 5, from: 7_000_000)
        let (audio, sound) = try HLSSample.sound(seconds: 5, from: 6_950_000)
        let output = RecordingOutput(path: folder.path("a.mp4"))
        try output.start(StreamFormat(video: video, audio: audio))
        for packet in HLSSample.interleaved(pictures, sound) { try output.write(packet) }
        output.discontinuity()
        output.finish()
        #expect(folder.names == ["a.mp4"])
        let reading = try HLSReading(folder.path("a.mp4"))
        #expect(reading.errors == 0)
        #expect(reading.sizes.count == 150)
        #expect(reading.videoTimes.first == 0 && isMonotonic(reading.videoTimes))
        // What came before the first picture is left out.
        #expect((0...21_334).contains(reading.audioTimes.first ?? -1) && isMonotonic(reading.audioTimes))
        #expect(reading.soundFrames > 220)
    }

    @Test func losesNoMoreThanTwoSecondsWhenItIsKilled() throws {
        // Keyframes come too seldom to cut at them.
        let (video, pictures) = try HLSSample.pictures(seconds: 9, keyframeSeconds: 60)
        let (audio, sound) = try HLSSample.sound(seconds: 9)
        let output = RecordingOutput(path: folder.path("a.mp4"))
        try output.start(StreamFormat(video: video, audio: audio))
        for packet in HLSSample.interleaved(pictures, sound) { try output.write(packet) }
        // Nobody finishes it: a copy of what is on disk now is what the next one finds.
        try FileManager.default.copyItem(atPath: folder.path("a.mp4"), toPath: folder.path("b.mp4"))
        let reading = try HLSReading(folder.path("b.mp4"))
        #expect(reading.errors == 0)
        #expect((210...270).contains(reading.sizes.count))
        #expect(reading.soundFrames >= 300)
    }

    @Test func overwritesNothing() throws {
        try folder.write("a.mp4", "one")
        try folder.write("a-2.mp4", "two")
        let (audio, sound) = try HLSSample.sound(seconds: 1)
        let output = RecordingOutput(path: folder.path("a.mp4"))
        try output.start(StreamFormat(audio: audio))
        for packet in sound { try output.write(packet) }
        output.finish()
        #expect(folder.text("a.mp4") == "one" && folder.text("a-2.mp4") == "two")
        #expect(try HLSReading(folder.path("a-3.mp4")).audioTimes.count == sound.count)
    }

    @Test func goesOnInTheSameFileWithAnotherSize() throws {
        let (small, first) = try HLSSample.pictures(seconds: 2)
        let large = PictureSize(width: 320, height: 192)
        let (big, second) = try HLSSample.pictures(seconds: 2, size: large, from: 2_000_000)
        let output = RecordingOutput(path: folder.path("a.mp4"))
        try output.start(StreamFormat(video: small))
        for packet in first.dropLast() { try output.write(packet) }
        try output.change(to: StreamFormat(video: big))
        try output.write(first[59])
        for packet in second { try output.write(packet) }
        output.finish()
        #expect(folder.names == ["a.mp4"])
        let reading = try HLSReading(folder.path("a.mp4"))
        #expect(reading.errors == 0 && reading.sizes.count == 120)
        #expect(reading.sizes.prefix(60).allSatisfy { $0 == PictureSize(width: 160, height: 96) })
        #expect(reading.sizes.suffix(60).allSatisfy { $0 == large })
        #expect((3_966_000...3_967_000).contains(reading.videoTimes.last ?? 0) && isMonotonic(reading.videoTimes))
        // SPS and PPS stand before the keyframe, as the name says.
        #expect(reading.firstPicture[4] & 0x1f == NALUnitType.sps)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.path("a.mp4"))).range(of: Data("avc3".utf8)) != nil)
    }

    @Test func beginsAFileForAnotherTrack() throws {
        let (video, pictures) = try HLSSample.pictures(seconds: 6)
        let large = PictureSize(width: 320, height: 192)
        let (big, second) = try HLSSample.pictures(seconds: 2, size: large, from: 6_000_000)
        let (audio, sound) = try HLSSample.sound(seconds: 5, from: 3_000_000)
        let output = RecordingOutput(path: folder.path("a.mp4"))
        try output.start(StreamFormat(video: video))
        for packet in pictures.prefix(90) { try output.write(packet) }
        try output.change(to: StreamFormat(video: video, audio: audio))
        // Until the keyframe at 4 s the old file goes on.
        for packet in HLSSample.interleaved(Array(pictures.dropFirst(90)), sound.filter { $0.decodeTime < 6_000_000 }) {
            try output.write(packet)
        }
        try output.change(to: StreamFormat(video: big, audio: audio))
        for packet in second { try output.write(packet) }
        output.finish()
        #expect(folder.names == ["a-2.mp4", "a.mp4"])
        let readings = try ["a.mp4", "a-2.mp4"].map { try HLSReading(folder.path($0)) }
        #expect(readings.map(\.kinds.count) == [1, 2] && readings.map(\.sizes.count) == [120, 120])
        #expect(readings.allSatisfy { $0.errors == 0 } && readings[1].sizes.last == large)
    }

    @Test func triesAgainAfterAWhile() throws {
        let (video, pictures) = try HLSSample.pictures(seconds: 15, framesPerSecond: 10)
        let output = RecordingOutput(path: folder.path("later/a.mp4"))
        try output.start(StreamFormat(video: video))
        var errors: [MediaError] = []
        for (index, packet) in pictures.enumerated() {
            if index == 50 {
                try FileManager.default.createDirectory(
                    atPath: folder.path("later"), withIntermediateDirectories: false)
            }
            do throws(MediaError) { try output.write(packet) } catch { errors.append(error) }
        }
        output.finish()
        #expect(errors.count == 100)
        #expect(Set(errors.map(\.description)) == ["can't make a.mp4: No such file or directory"])
        #expect(try HLSReading(folder.path("later/a.mp4")).sizes.count == 50)
    }

    @Test func givesBackHalfAFragmentWhenTheDiskIsFull() throws {
        let (video, pictures) = try HLSSample.pictures(seconds: 3)
        let full = open("/dev/full", O_WRONLY)
        try #require(full >= 0)
        #expect(throws: MediaError(.storage, "can't write a.mp4: No space left on device")) {
            let file = OutputFile(descriptor: full, path: "a.mp4")
            let recording = try Recording(file, StreamFormat(video: video), start: 0)
            for packet in pictures { try recording.write(packet) }
        }
    }

    /// Files on a disk that takes no more as soon as it is full.
    private final class Disk {
        private(set) var isFull = false
        private var last: (descriptor: Int32, name: String)?

        func make(_ name: String) throws(MediaError) -> OutputFile {
            let descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
            guard descriptor >= 0 else { throw OutputFile.error("make", name) }
            last = (descriptor, name)
            if isFull { fill() }
            return OutputFile(descriptor: descriptor, path: name)
        }

        func fill() {
            isFull = true
            guard let last else { return }
            let unwritable = open(last.name, O_RDONLY | O_CLOEXEC)
            dup2(unwritable, last.descriptor)
            close(unwritable)
        }

        func makeRoom() { isFull = false }
    }

    private func output(on disk: Disk) -> RecordingOutput {
        RecordingOutput(path: folder.path("a.mp4")) { name throws(MediaError) in try disk.make(name) }
    }

    /// What it says to packets, each message once.
    private func errors(of output: RecordingOutput, _ packets: some Sequence<EncodedPacket>) -> Set<String> {
        var errors: Set<String> = []
        for packet in packets {
            do throws(MediaError) { try output.write(packet) } catch { errors.insert(error.description) }
        }
        return errors
    }

    private let full: Set = ["can't write a.mp4: Bad file descriptor"]

    @Test func leavesNoEmptyFilesOnAFullDisk() throws {
        let (video, pictures) = try HLSSample.pictures(seconds: 40, framesPerSecond: 10)
        let disk = Disk()
        let output = output(on: disk)
        try output.start(StreamFormat(video: video))
        disk.fill()
        for packet in pictures[..<250] {
            #expect(errors(of: output, [packet]) == full)
            #expect(folder.names == [])
        }
        disk.makeRoom()
        #expect(errors(of: output, pictures[250..<300]) == full)
        #expect(errors(of: output, pictures[300...]).isEmpty)
        output.finish()
        #expect(folder.names == ["a.mp4"])
        #expect(try HLSReading(folder.path("a.mp4")).sizes.count == 100)
    }

    /// The disk has room for what comes before the first fragment.
    @Test(arguments: [true, false]) func leavesNoFileThatIsOnlyAHead(goesOn: Bool) throws {
        let (video, pictures) = try HLSSample.pictures(seconds: 15, framesPerSecond: 10)
        let disk = Disk()
        let output = output(on: disk)
        try output.start(StreamFormat(video: video))
        try output.write(pictures[0])
        #expect(folder.names == ["a.mp4"] && folder.size("a.mp4") > 500)
        disk.fill()
        if goesOn { #expect(errors(of: output, pictures[1..<50]) == full) } else { output.finish() }
        #expect(folder.names == [])
        disk.makeRoom()
        _ = errors(of: output, pictures[50...])
        output.finish()
        #expect(folder.names == ["a.mp4"])
        #expect(try HLSReading(folder.path("a.mp4")).sizes.count >= 20)
    }

    @Test func keepsEveryFileThatHoldsMedia() throws {
        let (video, pictures) = try HLSSample.pictures(seconds: 25, framesPerSecond: 10)
        let disk = Disk()
        let output = output(on: disk)
        try output.start(StreamFormat(video: video))
        for packet in pictures[..<50] { try output.write(packet) }
        disk.fill()
        #expect(errors(of: output, pictures[50..<100]) == full)
        disk.makeRoom()
        _ = errors(of: output, pictures[100...])
        output.finish()
        #expect(folder.names == ["a-2.mp4", "a.mp4"])
        let reading = try HLSReading(folder.path("a.mp4"))
        #expect(reading.errors == 0 && (30...50).contains(reading.sizes.count))
        #expect(try HLSReading(folder.path("a-2.mp4")).sizes.count >= 70)
    }

    @Test func removesNobodyElsesFile() throws {
        let (video, pictures) = try HLSSample.pictures(seconds: 5, framesPerSecond: 10)
        let disk = Disk()
        let output = output(on: disk)
        try output.start(StreamFormat(video: video))
        try output.write(pictures[0])
        disk.fill()
        try FileManager.default.moveItem(atPath: folder.path("a.mp4"), toPath: folder.path("moved.mp4"))
        try folder.write("a.mp4", "one")
        #expect(errors(of: output, pictures[1...]) == full)
        #expect(folder.text("a.mp4") == "one" && folder.names == ["a.mp4", "moved.mp4"])
    }

    @Test func saysOnceThatTheDiskIsFull() throws {
        let (video, pictures) = try HLSSample.pictures(seconds: 60, framesPerSecond: 10)
        let disk = Disk()
        var events: [PipelineEvent] = []
        let slot = OutputSlot(kind: .recording, output: output(on: disk)) { events.append($0) }
        slot.start(StreamFormat(video: video))
        disk.fill()
        for packet in pictures[..<350] { slot.write(packet) }
        let lost = PipelineEvent.outputLost(
            .recording, reason: MediaError(.storage, full.first ?? ""), willRetry: true)
        #expect(events == [.outputConnected(.recording), lost])
        disk.makeRoom()
        for packet in pictures[350...] { slot.write(packet) }
        #expect(events.dropFirst(2) == [.firstPacketWritten(.recording), .outputConnected(.recording)])
        slot.output.finish()
        #expect(try HLSReading(folder.path("a.mp4")).sizes.count == 200)
    }

    @Test func makesNoMoreThanAThousandFiles() throws {
        try folder.write("a.mp4", "")
        for number in 2...999 { try folder.write("a-\(number).mp4", "") }
        let (audio, sound) = try HLSSample.sound(seconds: 1)
        let output = RecordingOutput(path: folder.path("a.mp4"))
        try output.start(StreamFormat(audio: audio))
        #expect(errors(of: output, sound).isEmpty)
        var other = audio
        other.bitRate += 1
        try output.change(to: StreamFormat(audio: other))
        #expect(errors(of: output, sound) == ["can't make another file of a: there are 1000"])
        output.finish()
        #expect(folder.names.count == 1000)
        #expect(try HLSReading(folder.path("a-1000.mp4")).audioTimes.count == sound.count)
    }
}
