/// What a request's field `Range` asks of a file (RFC 9110, section 14).
enum ByteRange: Equatable {
    /// All of it; also for fields that aren't understood, which are ignored, and for several ranges at once.
    case whole
    /// These bytes.
    case part(Range<Int>)
    /// Beyond the file's end: status 416.
    case unsatisfiable

    init(field: String?, size: Int) {
        self = .whole
        guard let field, field.hasPrefix("bytes="), field.utf8.count <= 64, !field.contains(",") else { return }
        let parts = field.dropFirst(6).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else { return }
        switch (Int(parts[0]), Int(parts[1])) {
        case (let first?, let last?) where first <= last:
            self = first < size ? .part(first..<min(size, last == .max ? last : last + 1)) : .unsatisfiable
        case (let first?, nil) where parts[1].isEmpty:
            self = first < size ? .part(first..<size) : .unsatisfiable
        case (nil, let count?) where parts[0].isEmpty:
            self = count > 0 && size > 0 ? .part(max(0, size - count)..<size) : .unsatisfiable
        default:
            return
        }
    }
}
