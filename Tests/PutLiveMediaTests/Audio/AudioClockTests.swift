import Testing

@testable import PutLiveMedia

@Suite struct AudioClockTests {
    /// 20 ms, as browsers send.
    private let count = 960

    @Test func placesPacketsOneAfterTheOther() {
        var clock = AudioClock()
        #expect(clock.place(presentationTime: 100_000, count: count) == .init(isRestart: true, start: 4800))
        for index in 1...100 {
            let placement = clock.place(presentationTime: 100_000 + Int64(index) * 20_000, count: count)
            #expect(placement == .init(start: 4800 + Int64(index * 960)))
        }
    }

    @Test(arguments: [20, 60, 400, 1980]) func fillsExactlyWhatIsMissing(milliseconds: Int) {
        var clock = AudioClock()
        _ = clock.place(presentationTime: 0, count: count)
        let time = Int64(20 + milliseconds) * 1000
        #expect(clock.place(presentationTime: time, count: count).gap == milliseconds * 48)
        #expect(clock.place(presentationTime: time + 20_000, count: count).gap == 0)
        #expect(clock.position == (time + 40_000) * 48 / 1000)
    }

    @Test func jumpsOverALongPause() {
        var clock = AudioClock()
        _ = clock.place(presentationTime: 0, count: count)
        #expect(
            clock.place(presentationTime: 60_000_000, count: count) == .init(isRestart: true, start: 2_880_000))
    }

    /// A sound card that runs 200 ppm fast, and one that runs slow.
    @Test(arguments: [1.0002, 0.9998]) func followsADriftingClock(rate: Double) throws {
        var clock = AudioClock()
        var stretched = 0
        for index in 0..<30_000 {
            let time = Int64(Double(index) * 20_000 * rate)
            let placement = clock.place(presentationTime: time, count: count)
            #expect(placement.gap == 0 && placement.skip == 0)
            #expect(abs(placement.stretch) <= 8)
            stretched += abs(placement.stretch)
            let error = time * 48 / 1000 - placement.start
            #expect(abs(error) <= 12 * 48, "12 ms off after \(index) packets")
        }
        // Ten minutes at 200 ppm are 120 ms.
        #expect((80 * 48...130 * 48).contains(stretched))
    }

    /// The timeline is moved by 5 ms each 100 ms while it settles.
    @Test func followsATimelineThatIsMoved() {
        var clock = AudioClock()
        var time: Int64 = 0
        for index in 0..<1000 {
            _ = clock.place(presentationTime: time, count: count)
            time += index < 100 ? 21_000 : 20_000
        }
        let error = AudioClock.samples(ofMicroseconds: time) - (clock.position ?? 0)
        #expect(abs(error) <= 10 * 48)
    }

    @Test func leavesOutWhatIsTooMuch() {
        var clock = AudioClock()
        for index in 0..<50 { _ = clock.place(presentationTime: Int64(index) * 20_000, count: count) }
        // The timeline is 200 ms back all at once.
        var skipped = 0
        for index in 40..<60 { skipped += clock.place(presentationTime: Int64(index) * 20_000, count: count).skip }
        #expect(skipped == 10 * 960)
        #expect(clock.position == Int64(60 * 960))
    }

    @Test func fillsUpToATime() {
        var clock = AudioClock()
        #expect(clock.fill(to: 1_420_000, lag: 400_000) == nil)
        _ = clock.place(presentationTime: 0, count: count)
        #expect(clock.fill(to: 1_420_000, lag: 400_000) == .init(start: 960, gap: 48_000))
        #expect(clock.fill(to: 1_420_000, lag: 400_000) == nil)
        #expect(clock.fill(to: 1_400_000, lag: 400_000) == nil)
        // What comes later than that goes on without a gap.
        #expect(clock.place(presentationTime: 1_020_000, count: count) == .init(start: 48_960))
    }

    @Test func goesOnWithThePictureAfterALongPause() {
        var clock = AudioClock()
        _ = clock.place(presentationTime: 0, count: count)
        #expect(clock.fill(to: 2_420_000, lag: 400_000) == .init(start: 960, gap: 96_000))
        #expect(clock.fill(to: 60_000_000, lag: 400_000) == .init(isRestart: true, start: 2_880_000))
        #expect(clock.fill(to: 60_400_000, lag: 400_000) == nil)
        #expect(clock.fill(to: 60_600_000, lag: 400_000) == .init(start: 2_880_000, gap: 9600))
        #expect(clock.place(presentationTime: 60_500_000, count: count) == .init(start: 2_889_600, gap: 14_400))
    }

    /// Sound that is back a little later than the picture, but belongs before it.
    @Test func leavesOutWhatIsBeforeThePicture() {
        var clock = AudioClock()
        _ = clock.place(presentationTime: 0, count: count)
        _ = clock.fill(to: 60_000_000, lag: 400_000)
        var (skipped, times) = (0, Set<Int64>())
        for index in 0..<30 {
            let time = 59_800_000 + Int64(index) * 20_000
            let placement = clock.place(presentationTime: time, count: count)
            skipped += placement.skip
            if placement.skip == 0 { times.insert(placement.start - AudioClock.samples(ofMicroseconds: time)) }
        }
        #expect(skipped == 10 * 960 && times == [0])
    }
}
