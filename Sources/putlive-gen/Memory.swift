#if canImport(Glibc)
    import CLinker
    import Glibc
#endif

/// How the program's memory is set up.
enum Memory {
    /// Has the kernel make every page of the program's variables now, before any thread is started. Swift fills its caches
    /// there bit by bit. A page that is read first and written later costs two faults, and by then the second one interrupts
    /// the processor that another thread runs on: left to itself, that takes nearly a tenth of a render.
    static func populateVariables() {
        #if canImport(Glibc)
            let page = UInt(getpagesize())
            // The part of a page before the first whole one holds other variables, and is there already.
            let start = (UInt(bitPattern: zeroed_variables_start()) + page - 1) / page * page
            let end = UInt(bitPattern: zeroed_variables_end())
            guard start < end else { return }
            // A kernel before 5.14 refuses, and nothing is lost.
            _ = madvise(UnsafeMutableRawPointer(bitPattern: start), Int(end - start), MADV_POPULATE_WRITE)
        #endif
    }
}
