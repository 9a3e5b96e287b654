#if canImport(Glibc)
    import CMalloc
#endif

/// How the C library's allocator is set up: an agent that runs for months on a small host gives memory back.
enum Memory {
    /// Before any thread is started.
    static func configure() {
        #if canImport(Glibc)
            // A password's hash takes 16 MiB for a moment. Left to itself, glibc moves that into the heap, which it then keeps.
            mallopt(M_MMAP_THRESHOLD, 128 * 1024)
            mallopt(M_TRIM_THRESHOLD, 256 * 1024)
            // A heap for each thread would hold what other threads lack.
            mallopt(M_ARENA_MAX, 2)
        #endif
    }
}
