import COpenSSL

/// What OpenSSL says of what went wrong.
enum OpenSSLWords {
    /// The reason of the first error that is queued for this thread; empties the queue.
    static func take() -> String {
        let code = ERR_get_error()
        ERR_clear_error()
        return code == 0
            ? "no reason given" : ERR_reason_error_string(code).map { String(cString: $0) } ?? "error \(code)"
    }

    /// The low bits of the last error's number: the macro ERR_GET_REASON. 0 without an error.
    static var lastReason: Int32 { Int32(truncatingIfNeeded: ERR_peek_last_error() & 0x7f_ffff) }
}

/// Reads from memory as if it was a file.
struct MemoryBIO: ~Copyable {
    let pointer: OpaquePointer

    /// Of bytes, which are copied.
    init?(_ bytes: [UInt8]) {
        guard let count = Int32(exactly: bytes.count), let bio = BIO_new(BIO_s_mem()) else { return nil }
        guard BIO_write(bio, bytes, count) == count else {
            BIO_free(bio)
            return nil
        }
        pointer = bio
    }

    /// To write to.
    init?() {
        guard let bio = BIO_new(BIO_s_mem()) else { return nil }
        pointer = bio
    }

    deinit { BIO_free(pointer) }

    /// What was written.
    var content: [UInt8] {
        var start: UnsafeMutablePointer<UInt8>?
        let count = BIO_ctrl(pointer, BIO_CTRL_INFO, 0, &start)
        return Array(UnsafeBufferPointer(start: start, count: max(0, count)))
    }
}
