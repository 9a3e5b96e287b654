import Crypto
import PutLiveArtifacts

/// SHA-256 over named texts: the same for the same names and texts in the same order, and for nothing else.
struct FieldDigest {
    private var hash = SHA256()
    private var isEmpty = true

    /// Each with its length before it, so that no text runs on into the next.
    mutating func add(_ name: String, _ text: String) {
        isEmpty = false
        for part in [name, text] {
            let bytes = Array(part.utf8)
            withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { hash.update(bufferPointer: $0) }
            hash.update(data: bytes)
        }
    }

    /// In lower-case hexadecimal; empty where nothing was added.
    var text: String {
        isEmpty ? "" : hash.finalize().map(hexadecimal).joined()
    }
}
