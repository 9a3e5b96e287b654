import Testing

@testable import PutLiveWebRTC

@Suite struct RTPSequencerTests {
    private var sequencer = PacketSequencer()
    private var released: [Int] = []

    /// Puts a packet through; what is let go is noted, and -1 for each that is given up.
    @discardableResult
    private mutating func receive(
        _ number: UInt16, isRepair: Bool = false, patience: Int64 = 100_000, at milliseconds: Int = 0
    ) -> PacketSequencer.Placement {
        let place = sequencer.place(number, isRepair: isRepair, at: time(milliseconds)).place
        switch place {
        case .inOrder: released.append(Int(number))
        case .early(let sequence):
            let packet = BufferedPacket(
                codec: .opus, timestamp: UInt32(number), marker: false, arrival: time(milliseconds), payload: [])
            sequencer.keep(packet, sequence)
        case .late, .stray: break
        case .afterBreak:
            while let step = sequencer.flush() { note(step) }
            released += [Int](repeating: -1, count: min(sequencer.jump(to: number), 2)) + [Int(number)]
        }
        release(patience: patience, at: milliseconds)
        return place
    }

    private mutating func release(patience: Int64 = 100_000, at milliseconds: Int) {
        while let step = sequencer.step(patience: patience, at: time(milliseconds)) { note(step) }
    }

    private mutating func note(_ step: PacketSequencer.Step) {
        switch step {
        case .packet(let packet): released.append(Int(packet.timestamp))
        case .lost: released.append(-1)
        }
    }

    @Test mutating func inOrderGoesStraightThroughTheWrap() {
        for number: UInt16 in [65534, 65535, 0, 1] {
            if case .inOrder = receive(number) { continue }
            Issue.record("\(number) had to wait")
        }
        #expect(sequencer.isIdle)
        #expect(sequencer.highest == 65537)
    }

    @Test mutating func gapIsFilled() {
        receive(10)
        #expect(receive(13) == .early(13))
        #expect(receive(12) == .early(12))
        #expect(released == [10])
        #expect(receive(11) == .inOrder(11))
        #expect(released == [10, 11, 12, 13])
        #expect(sequencer.isIdle)
    }

    @Test mutating func gapIsGivenUp() {
        receive(10)
        receive(12, at: 0)
        receive(15, at: 50)
        #expect(sequencer.giveUp(patience: 100_000) == time(100))
        release(at: 99)
        #expect(released == [10])
        release(at: 100)
        #expect(released == [10, -1, 12])
        #expect(sequencer.giveUp(patience: 100_000) == time(150))
        #expect(receive(11, at: 101) == .late(11))
        release(at: 150)
        #expect(released == [10, -1, 12, -1, -1, 15])
        #expect(sequencer.isIdle && sequencer.giveUp(patience: 0) == .never)
    }

    @Test mutating func twiceIsLate() {
        receive(10)
        receive(12)
        #expect(receive(12) == .late(12))
        #expect(receive(10) == .late(10))
        #expect(receive(11) == .inOrder(11))
        #expect(receive(11) == .late(11))
    }

    @Test mutating func tooMuchMissing() {
        receive(10)
        receive(12)
        // 255 more make 256.
        #expect(receive(268) == .early(268))
        #expect(receive(270) == .afterBreak)
        #expect(released.count { $0 == -1 } == 1 + 255 + 1)
        #expect(released.filter { $0 >= 0 } == [10, 12, 268, 270])
        #expect(receive(271) == .inOrder(271))
        #expect(receive(600) == .afterBreak)
        #expect(released.suffix(3) == [-1, -1, 600])
    }

    @Test mutating func tooManyWait() {
        receive(0)
        for number: UInt16 in 2...1024 { #expect(receive(number) == .early(Int64(number))) }
        #expect(receive(1025) == .afterBreak)
        #expect(released == [0, -1] + Array(2...1025))
        #expect(sequencer.isIdle)
    }

    @Test(arguments: [UInt16(20_000), 50_000]) mutating func numbersBeginAnew(number: UInt16) {
        receive(10)
        #expect(receive(number) == .stray)
        #expect(receive(number + 7) == .stray)
        #expect(receive(11) == .inOrder(11))
        #expect(receive(number) == .stray)
        #expect(receive(number + 1, isRepair: true) == .stray)
        #expect(receive(number) == .stray)
        #expect(receive(number + 1) == .afterBreak)
        #expect(receive(number + 2) == .inOrder(sequencer.highest))
        #expect(released == [10, 11, Int(number) + 1, Int(number) + 2])
    }

    @Test mutating func requestsAreRepeatedEachRoundTrip() {
        receive(10)
        receive(13, at: 0)
        #expect(sequencer.takeRequests(roundTrip: 60_000, at: time(9)).isEmpty)
        #expect(sequencer.missing.nextRequest == time(10))
        #expect(sequencer.takeRequests(roundTrip: 60_000, at: time(10)) == [11, 12])
        #expect(sequencer.missing.nextRequest == time(80))
        receive(15, at: 75)
        #expect(sequencer.takeRequests(roundTrip: 60_000, at: time(80)) == [11, 12])
        #expect(sequencer.takeRequests(roundTrip: 60_000, at: time(85)) == [14])
        receive(11, isRepair: true, at: 86)
        #expect(released == [10, 11])
        // On a loopback not more often than each 20 ms.
        #expect(sequencer.takeRequests(roundTrip: 0, at: time(155)) == [12, 14])
        #expect(sequencer.missing.nextRequest == time(175))
        for request in 0..<7 { #expect(sequencer.takeRequests(roundTrip: 0, at: time(200 + 30 * request)).count == 2) }
        // Ten times 12, nine times 14; then it is in vain.
        #expect(sequencer.takeRequests(roundTrip: 0, at: time(1000)) == [14])
        #expect(sequencer.takeRequests(roundTrip: 0, at: time(2000)).isEmpty)
        #expect(sequencer.missing.nextRequest == .never)
        release(at: 2000)
        #expect(sequencer.missing.isEmpty)
    }

    @Test mutating func toleranceFollowsReordering() {
        receive(10)
        receive(12, at: 0)
        receive(11, at: 20)
        #expect(sequencer.tolerance == 25_000)
        receive(14, at: 100)
        #expect(sequencer.missing.nextRequest == time(125))
        // What was sent again says nothing about order.
        receive(13, isRepair: true, at: 140)
        #expect(sequencer.tolerance == 25_000)
        receive(16, at: 200)
        receive(15, at: 290)
        #expect(sequencer.tolerance == 50_000)
        for _ in 0..<60 { sequencer.relax() }
        #expect(sequencer.tolerance < 10_100)
    }

    /// Whatever happens to them: what is let go is in order, and all of it was sent.
    @Test(arguments: 0..<30) mutating func orderOfAnything(seed: UInt64) {
        var generator = Lehmer(seed)
        var sent = Int.random(in: 0..<60_000, using: &generator)
        var held: [UInt16] = []
        var received = Set<Int>()
        let first = sent
        receive(UInt16(truncatingIfNeeded: first))
        for turn in 0..<3000 {
            sent += 1
            switch generator.next() % 10 {
            case 0: break
            case 1: held.append(UInt16(truncatingIfNeeded: sent))
            default:
                received.insert(sent)
                receive(UInt16(truncatingIfNeeded: sent), at: turn)
            }
            if !held.isEmpty, generator.next() % 8 == 0 {
                receive(held.remove(at: Int(generator.next()) % held.count), isRepair: seed % 2 == 0, at: turn)
            }
            // Each number let go or given up is one step.
            if sequencer.isIdle { #expect(released.count == Int(sequencer.highest) - first + 1) }
        }
        release(at: 10_000)
        #expect(sequencer.isIdle)
        for (index, number) in released.enumerated() where number >= 0 {
            #expect(number == (first + index) & 0xFFFF)
            received.remove(first + index)
        }
        #expect(received.isEmpty)
    }
}

extension Lehmer: RandomNumberGenerator {}
