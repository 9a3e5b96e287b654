/// The first bytes of a program (ELF-64 Object File Format, section 3).
enum ELFHeader {
    /// Whether the bytes begin as a program or library of Linux does.
    static func isELF(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]) }

    /// Why the bytes are no program for this machine, to be read after its name; nil when they are one.
    static func problem(of bytes: [UInt8], machine: UInt16 = thisMachine) -> String? {
        // e_ident, e_type and e_machine are at the same places in all; ELF-64 has 64 bytes.
        guard isELF(bytes), bytes.count >= 64 else { return "is no program of Linux" }
        let is64Bit = bytes[4] == 2
        let isLittleEndian = bytes[5] == 1
        guard is64Bit, isLittleEndian, number(at: 18, in: bytes) == machine else {
            return "is a program for another kind of processor"
        }
        // ET_EXEC, and ET_DYN for those that run at any address.
        let isProgram = [2, 3].contains(number(at: 16, in: bytes)) && bytes[24..<32].contains { $0 != 0 }
        return isProgram ? nil : "is no program, but a part of one"
    }

    /// EM_X86_64 or EM_AARCH64.
    static var thisMachine: UInt16 {
        #if arch(arm64)
            183
        #else
            62
        #endif
    }

    private static func number(at offset: Int, in bytes: [UInt8]) -> UInt16 {
        UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8
    }
}
