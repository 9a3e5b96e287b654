extension String {
    /// Equal? In a time that tells nothing of where they differ; the lengths may be known.
    public func equalsInConstantTime(_ other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        return zip(utf8, other.utf8).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
