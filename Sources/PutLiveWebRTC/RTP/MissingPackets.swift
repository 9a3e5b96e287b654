/// The packets that are missing, and when to ask for them (RFC 4585, section 6.2.1).
struct MissingPackets {
    /// Most that are waited for at once; who lost more than these needs a keyframe.
    static let limit = 256
    /// How often one is asked for at most.
    private static let mostRequests = 10
    /// Nobody is asked more often than this, in microseconds.
    private static let leastInterval: Int64 = 20_000

    /// One of them.
    struct Entry {
        var sequence: Int64
        /// When a later packet came.
        var noticed: MonotonicTime
        /// How often it was asked for.
        var requests = 0
        /// When it was asked for last.
        var requested = MonotonicTime.never
        /// When to ask next.
        var due: MonotonicTime
    }

    /// In order of sequence numbers, so the longest missing are first.
    private var entries: [Entry] = []
    /// No request is due before; `never` if none will be.
    private(set) var nextRequest = MonotonicTime.never

    /// The oldest one.
    var first: Entry? { entries.first }
    var count: Int { entries.count }
    var isEmpty: Bool { entries.isEmpty }

    /// Takes note of packets, all later than those known as missing.
    ///
    /// - Parameter tolerance: How long to let them be late before they are asked for, in microseconds.
    mutating func add(_ sequences: Range<Int64>, tolerance: Int64, at now: MonotonicTime) {
        let due = now.adding(microseconds: tolerance)
        for sequence in sequences { entries.append(Entry(sequence: sequence, noticed: now, due: due)) }
        nextRequest = min(nextRequest, due)
    }

    /// Strikes a packet off that came after all; nil if it wasn't missing.
    mutating func remove(_ sequence: Int64) -> Entry? {
        var range = entries.startIndex..<entries.endIndex
        while !range.isEmpty {
            let middle = (range.lowerBound + range.upperBound) / 2
            let entry = entries[middle]
            if entry.sequence == sequence {
                entries.remove(at: middle)
                if entries.isEmpty { nextRequest = .never }
                return entry
            }
            range = entry.sequence < sequence ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return nil
    }

    /// Strikes the oldest off: it is given up.
    mutating func removeFirst() {
        entries.removeFirst()
        if entries.isEmpty { nextRequest = .never }
    }

    /// The packets that are to be asked for now, in order. They count as asked for.
    ///
    /// - Parameter roundTrip: In microseconds: sooner than that no answer can be here.
    mutating func takeRequests(roundTrip: Int64, at now: MonotonicTime) -> [UInt16] {
        var sequences: [UInt16] = []
        // Browsers ignore a request that comes within their measure of the round trip of the one before.
        let again = now.adding(microseconds: max(roundTrip + 10_000, Self.leastInterval))
        nextRequest = .never
        for index in entries.indices {
            if entries[index].due <= now {
                sequences.append(UInt16(truncatingIfNeeded: entries[index].sequence))
                entries[index].requests += 1
                entries[index].requested = now
                entries[index].due = entries[index].requests < Self.mostRequests ? again : .never
            }
            nextRequest = min(nextRequest, entries[index].due)
        }
        return sequences
    }
}

extension MonotonicTime {
    /// Later than anything that happens.
    static let never = MonotonicTime(microseconds: .max)
}
