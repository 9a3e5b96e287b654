import COpenSSL

// Macros of OpenSSL that Swift can't import, over the functions that they stand for.

func SSL_CTX_set_min_proto_version(_ context: OpaquePointer, _ version: Int32) -> Bool {
    SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(version), nil) == 1
}

func SSL_CTX_set_max_proto_version(_ context: OpaquePointer, _ version: Int32) -> Bool {
    SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(version), nil) == 1
}

func SSL_CTX_set_session_cache_mode(_ context: OpaquePointer, _ mode: Int32) {
    _ = SSL_CTX_ctrl(context, SSL_CTRL_SET_SESS_CACHE_MODE, Int(mode), nil)
}

func SSL_CTX_set_mode(_ context: OpaquePointer, _ mode: UInt32) {
    _ = SSL_CTX_ctrl(context, SSL_CTRL_MODE, Int(mode), nil)
}

func DTLS_set_link_mtu(_ ssl: OpaquePointer, _ mtu: Int) {
    _ = SSL_ctrl(ssl, DTLS_CTRL_SET_LINK_MTU, mtu, nil)
}

/// Sends the last flight again, if its time has come.
func DTLSv1_handle_timeout(_ ssl: OpaquePointer) -> Int {
    SSL_ctrl(ssl, DTLS_CTRL_HANDLE_TIMEOUT, 0, nil)
}

/// Microseconds until the last flight is due again; nil if nothing is waited for.
func DTLSv1_get_timeout(_ ssl: OpaquePointer) -> Int64? {
    var left = timeval()
    guard SSL_ctrl(ssl, DTLS_CTRL_GET_TIMEOUT, 0, &left) > 0 else { return nil }
    return Int64(left.tv_sec) * 1_000_000 + Int64(left.tv_usec)
}

/// Datagrams are no longer than we say, whatever the socket is.
let SSL_OP_NO_QUERY_MTU: UInt64 = 1 << 12
/// Nobody resumes a session.
let SSL_OP_NO_TICKET: UInt64 = 1 << 14
/// Nobody changes keys in mid-stream.
let SSL_OP_NO_RENEGOTIATION: UInt64 = 1 << 30

/// The first of the errors that OpenSSL has queued for this thread, as number and words.
struct OpenSSLError {
    let code: UInt
    let words: String

    /// Takes the queue's first error and empties it.
    static func take() -> OpenSSLError {
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0 else { return OpenSSLError(code: 0, words: "no reason given") }
        let words = ERR_reason_error_string(code).map { String(cString: $0) }
        return OpenSSLError(code: code, words: words ?? "error \(code)")
    }

    /// The low bits: ERR_GET_REASON.
    var reason: Int { Int(code & 0x7f_ffff) }
}
