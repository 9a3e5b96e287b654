#if canImport(Glibc)
    import CProcessors
    import Glibc
#else
    import Dispatch
#endif

/// A thread beside the one that starts it, on another processor where there is one, for work of a few milliseconds that
/// others do too where no thread can be had.
///
/// A kernel that is set up to leave processors asleep, as in some virtual machines, keeps new and woken threads on the
/// processor of the thread that started them until its clock's next tick, up to 4 ms later. By then a render is half done.
/// Dispatch's threads begin like that too, and it starts one more to watch over them.
public struct SideThread {
    #if canImport(Glibc)
        private let thread: pthread_t?

        /// Starts `body`.
        public init(_ body: @escaping @Sendable () -> Void) {
            var processors = cpu_set_t()
            sched_getaffinity(0, MemoryLayout<cpu_set_t>.size, &processors)
            let start = ThreadStart(processors: processors, body: body)
            // Where there is no other processor, none is what the kernel refuses.
            thread = start.thread(on: withoutCurrent(processors)) ?? start.thread(on: processors)
        }

        /// Waits until it has ended.
        public func join() {
            if let thread { pthread_join(thread, nil) }
        }
    #else
        private let group = DispatchGroup()

        /// Starts `body`.
        public init(_ body: @escaping @Sendable () -> Void) {
            DispatchQueue.global().async(group: group, execute: body)
        }

        /// Waits until it has ended.
        public func join() {
            group.wait()
        }
    #endif
}

#if canImport(Glibc)
    /// What a thread runs, and where it may go once it has begun.
    private final class ThreadStart: Sendable {
        let processors: cpu_set_t
        let body: @Sendable () -> Void

        init(processors: cpu_set_t, body: @escaping @Sendable () -> Void) {
            self.processors = processors
            self.body = body
        }

        /// Starts it on one of `processors`; nil when that can't be.
        func thread(on processors: cpu_set_t) -> pthread_t? {
            var processors = processors
            var attributes = pthread_attr_t()
            pthread_attr_init(&attributes)
            defer { pthread_attr_destroy(&attributes) }
            pthread_attr_setaffinity_np(&attributes, MemoryLayout<cpu_set_t>.size, &processors)
            var thread = pthread_t()
            // The thread takes over the reference.
            let reference = Unmanaged.passRetained(self)
            if pthread_create(&thread, &attributes, enterThread, reference.toOpaque()) == 0 { return thread }
            reference.release()
            return nil
        }
    }

    /// What the thread begins with. From then on the kernel may move it as any other.
    private func enterThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let argument else { return nil }
        let start = Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
        var processors = start.processors
        sched_setaffinity(0, MemoryLayout<cpu_set_t>.size, &processors)
        start.body()
        return nil
    }

    /// `processors` without the one that this thread runs on.
    private func withoutCurrent(_ processors: cpu_set_t) -> cpu_set_t {
        var others = processors
        let (word, bit) = Int(sched_getcpu()).quotientAndRemainder(dividingBy: UInt.bitWidth)
        // cpu_set_t is an array of words, lowest bit first.
        withUnsafeMutableBytes(of: &others) { bytes in
            let words = bytes.bindMemory(to: UInt.self)
            if words.indices.contains(word) { words[word] &= ~(1 << bit) }
        }
        return others
    }
#endif
