import PutLiveArtifacts

/// Which build of a program a file holds, by the build ID that the linker wrote into it (a note of the type
/// NT_GNU_BUILD_ID): the same on every start of the host and in every copy of its disk.
enum ProgramIdentity {
    /// The notes are at the start of a program.
    private static let length = 8 << 10
    /// The header of the note: the length of its name, of its content (20, as SHA-1 has), its type 3, and `GNU`.
    private static let header: [UInt8] = [4, 0, 0, 0, 20, 0, 0, 0, 3, 0, 0, 0, 0x47, 0x4E, 0x55, 0]

    /// In hexadecimal; the size for a program without a build ID, empty without a program.
    static func of(_ path: String, on system: any System) throws(SystemError) -> String {
        guard let entry = try system.entry(at: path), entry.kind == .file else { return "" }
        let start = try system.head(of: path, count: length)
        guard let id = buildID(in: start) else { return "\(entry.size)" }
        return id.map(hexadecimal).joined()
    }

    private static func buildID(in bytes: [UInt8]) -> ArraySlice<UInt8>? {
        var index = 0
        while index + header.count + 20 <= bytes.count {
            if bytes[index..<(index + header.count)].elementsEqual(header) {
                return bytes[(index + header.count)..<(index + header.count + 20)]
            }
            // Notes are aligned.
            index += 4
        }
        return nil
    }
}
