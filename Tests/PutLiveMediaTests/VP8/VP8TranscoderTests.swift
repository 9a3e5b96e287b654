import Testing

@testable import PutLiveMedia

@Suite struct VP8TranscoderTests {
    private let small = PictureSize(width: 160, height: 90)
    private let large = PictureSize(width: 320, height: 180)

    /// What a decoder makes of it, by way of a recording.
    private func decoded(_ format: VideoFormat?, _ packets: [EncodedPacket]) throws -> HLSReading {
        let folder = try HLSFolderFixture()
        let output = RecordingOutput(path: folder.path("a.mp4"))
        try output.start(StreamFormat(video: format))
        for packet in packets { try output.write(packet) }
        output.finish()
        return try HLSReading(folder.path("a.mp4"))
    }

    @Test func makesH264OfVP8() throws {
        let source = try VP8Sample(large)
        let transcoder = try VideoTranscoder(TranscodeSettings(videoKilobits: 500))
        #expect(transcoder.needsKeyframe && transcoder.format == nil)
        var packets: [EncodedPacket] = []
        for index in 0..<150 {
            let time = Int64(index) * 33_333
            let made = try transcoder.encode(source.frame(index, at: time))
            #expect(made.map(\.presentationTime) == [time])
            packets += made
        }
        #expect(!transcoder.needsKeyframe)
        #expect(transcoder.format?.width == 320 && transcoder.format?.height == 180)
        #expect(packets.indices.filter { packets[$0].isKeyframe } == [0, 60, 120])
        let reading = try decoded(transcoder.format, packets)
        #expect(reading.errors == 0 && reading.sizes.count == 150)
        #expect(reading.sizes.allSatisfy { $0 == large })
    }

    @Test func keepsToItsBitRate() throws {
        let source = try VP8Sample(PictureSize(width: 640, height: 360))
        let transcoder = try VideoTranscoder(TranscodeSettings(videoKilobits: 300))
        var bytes = 0
        for index in 0..<120 {
            for packet in try transcoder.encode(source.frame(index * 7, at: Int64(index) * 33_333)) {
                bytes += packet.data.count
            }
        }
        #expect(bytes * 8 / 4 < 400_000)
        #expect(bytes * 8 / 4 > 50_000)
    }

    @Test func followsTheSizeUpAndToAnotherShape() throws {
        let transcoder = try VideoTranscoder(TranscodeSettings(maxWidth: 480, maxHeight: 270))
        var sizes: [String] = []
        var keyframes: [Bool] = []
        for (index, size) in [
            small, large, small, PictureSize(width: 640, height: 360), PictureSize(width: 90, height: 160),
        ].enumerated() {
            let packets = try transcoder.encode(VP8Sample(size).frame(index, at: Int64(index) * 100_000))
            keyframes += packets.map(\.isKeyframe)
            sizes.append("\(transcoder.format?.width ?? 0)x\(transcoder.format?.height ?? 0)")
        }
        // Smaller ones are made as large as before.
        #expect(sizes == ["160x90", "320x180", "320x180", "480x270", "90x160"])
        #expect(keyframes == [true, true, false, true, true])
    }

    @Test func waitsForAKeyframeAfterAnError() throws {
        let source = try VP8Sample(small)
        let transcoder = try VideoTranscoder()
        let frames = try (0..<6).map { try source.frame($0, at: Int64($0) * 33_333, isKeyframe: $0 == 4) }
        #expect(try transcoder.encode(frames[1]).isEmpty)
        #expect(try transcoder.encode(frames[0]).count == 1)
        #expect(throws: MediaError.self) {
            try transcoder.encode(
                MediaFrame(codec: .vp8, presentationTime: 33_333, isKeyframe: false, data: [0, 0]))
        }
        #expect(transcoder.needsKeyframe)
        #expect(try transcoder.encode(frames[3]).isEmpty)
        #expect(try transcoder.encode(frames[4]).count == 1)
        #expect(try transcoder.encode(frames[5]).count == 1)
    }

    @Test func takesNothingButVP8() throws {
        let frame = MediaFrame(codec: .h264, presentationTime: 0, isKeyframe: true, data: [1, 2, 3])
        #expect(try VideoTranscoder().encode(frame).isEmpty)
    }

    @Test func leavesOutPicturesThatAreTooMany() throws {
        let source = try VP8Sample(small)
        let transcoder = try VideoTranscoder(TranscodeSettings(maxFramesPerSecond: 30))
        var times: [Int64] = []
        for index in 0..<120 {
            times += try transcoder.encode(source.frame(index, at: Int64(index) * 16_667)).map(\.presentationTime)
        }
        #expect((60...61).contains(times.count))
    }
}
