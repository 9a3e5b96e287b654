import Testing

@testable import PutLiveMedia

/// Into a file: libavformat writes FLV alike, wherever it goes.
@Suite struct RTMPConnectionTests {
    private let folder: HLSFolderFixture
    private let interrupt = InterruptFlag { 0 }

    init() throws { folder = try HLSFolderFixture() }

    private func connect(_ format: StreamFormat, to name: String = "a.flv") throws -> RTMPConnection {
        try RTMPConnection(url: "file:" + folder.path(name), format: format, interrupt: interrupt)
    }

    @Test func writesBothTracks() throws {
        let pictures = try HLSSample.pictures(seconds: 2, from: 60_000_000)
        let sound = try HLSSample.sound(seconds: 2, from: 59_900_000)
        let connection = try connect(StreamFormat(video: pictures.format, audio: sound.format))
        for packet in HLSSample.interleaved(pictures.packets, sound.packets).drop(while: { $0.track == .audio }) {
            try connection.write(packet)
        }
        connection.close(isAlive: true)
        connection.close(isAlive: true)
        let reading = try HLSReading(folder.path("a.flv"))
        #expect(reading.errors == 0)
        #expect(reading.sizes.count == 60 && reading.sizes.allSatisfy { $0 == PictureSize(width: 160, height: 96) })
        // Times go on from those of the broadcast; sound from before the first picture is left out.
        #expect(reading.videoTimes.first == 60_000_000)
        #expect((reading.audioTimes.first ?? 0) >= 60_000_000)
        #expect(reading.audioTimes.count > 80)
    }

    @Test func writesAnotherSizeWithNewHeaders() throws {
        let small = try HLSSample.pictures(seconds: 1)
        let large = try HLSSample.pictures(seconds: 1, size: PictureSize(width: 320, height: 192), from: 1_000_000)
        let connection = try connect(StreamFormat(video: small.format))
        for packet in small.packets { try connection.write(packet) }
        connection.change(to: large.format)
        for packet in large.packets { try connection.write(packet) }
        connection.close(isAlive: true)
        let reading = try HLSReading(folder.path("a.flv"))
        #expect(reading.errors == 0)
        #expect(reading.sizes.count { $0.width == 160 } == 30)
        #expect(reading.sizes.count { $0.width == 320 } == 30)
    }

    @Test func leavesOutATrackThatIsNotThere() throws {
        let sound = try HLSSample.sound(seconds: 1)
        let connection = try connect(StreamFormat(audio: sound.format))
        try connection.write(EncodedPacket(track: .video, presentationTime: 0, data: [1]))
        for packet in sound.packets { try connection.write(packet) }
        connection.close(isAlive: true)
        #expect(try HLSReading(folder.path("a.flv")).audioTimes.count == sound.packets.count)
    }

    @Test func tellsNoURLInItsErrors() throws {
        let error = #expect(throws: MediaError.self) {
            try RTMPConnection(
                url: "file:/nowhere/at/all?key=secret", format: StreamFormat(), interrupt: interrupt)
        }
        #expect(error?.kind == .connection)
        #expect(error?.description == "can't reach the RTMP server: No such file or directory")
        #expect(FFmpeg.words(of: -99_999_999).contains("99999999"))
    }
}
