import CProcessors
import Glibc
import PutLiveArtifacts
import Synchronization
import Testing

@Suite struct SideThreadTests {
    private static var processors: [UInt] {
        var set = cpu_set_t()
        sched_getaffinity(0, MemoryLayout<cpu_set_t>.size, &set)
        return withUnsafeBytes(of: set) { Array($0.bindMemory(to: UInt.self)) }
    }

    @Test func runsOnAThreadOfItsOwnUntilJoined() {
        let seen = Mutex<pthread_t?>(nil)
        let thread = SideThread { seen.withLock { $0 = pthread_self() } }
        thread.join()
        let other = seen.withLock { $0 }
        #expect(other != nil && other != pthread_self())
    }

    @Test func mayGoWhereverItsProcessMay() {
        let seen = Mutex<[UInt]>([])
        SideThread { seen.withLock { $0 = Self.processors } }.join()
        #expect(seen.withLock { $0 } == Self.processors)
    }

    @Test func startsWhereThereIsOneProcessorAlone() {
        // On a thread of its own, so that the test's isn't bound.
        let ran = Atomic(false)
        SideThread {
            var one = cpu_set_t()
            withUnsafeMutableBytes(of: &one) { $0.bindMemory(to: UInt.self)[0] = 1 << UInt(sched_getcpu()) }
            sched_setaffinity(0, MemoryLayout<cpu_set_t>.size, &one)
            SideThread { ran.store(true, ordering: .relaxed) }.join()
        }.join()
        let hasRun = ran.load(ordering: .relaxed)
        #expect(hasRun)
    }
}
