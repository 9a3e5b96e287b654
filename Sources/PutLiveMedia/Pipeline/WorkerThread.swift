#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A thread of its own, for what blocks: libavformat's connections and files.
enum WorkerThread {
    /// Address space for the stack; only what is used of it takes memory. x264 and the AAC encoder need most.
    private static let stackBytes = 1 << 20

    /// What the thread runs.
    fileprivate final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Runs `body` on a new thread, which ends with it. The system shows the first 15 bytes of its name.
    static func run(named name: String, _ body: @escaping @Sendable () -> Void) throws(MediaError) {
        let start = Start(name: name, body: body)
        // The thread takes over the reference.
        let reference = Unmanaged.passRetained(start)
        let result = create(reference.toOpaque())
        guard result == 0 else {
            reference.release()
            throw MediaError(.capacity, "can't start a thread: \(FFmpeg.words(of: -result))")
        }
    }

    private static func create(_ argument: UnsafeMutableRawPointer) -> CInt {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, stackBytes)
        pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
        #if canImport(Glibc)
            var thread = pthread_t()
        #else
            var thread: pthread_t?
        #endif
        return pthread_create(&thread, &attributes, enterWorkerThread, argument)
    }

    /// Glibc's function for it isn't there for Swift.
    fileprivate static func setName(_ name: String) {
        #if canImport(Glibc)
            let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
            guard file >= 0 else { return }
            _ = Array(name.utf8.prefix(15)).withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            close(file)
        #else
            pthread_setname_np(name)
        #endif
    }
}

/// What a new thread begins with. A function, since the compiler (6.3) fails at a closure here.
private func enterWorkerThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let start = Unmanaged<WorkerThread.Start>.fromOpaque(argument).takeRetainedValue()
    WorkerThread.setName(start.name)
    start.body()
    return nil
}
