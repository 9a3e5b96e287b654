import Testing

@testable import PutLiveHost

/// A build of a program is told by what the linker wrote into it.
@Suite struct ProgramIdentityTests {
    private func identity(of content: [UInt8]) throws -> String {
        let system = FakeSystem()
        system.nodes["/usr/bin/agent"] = FakeSystem.Node(kind: .file, content: content, mode: 0o755)
        return try ProgramIdentity.of("/usr/bin/agent", on: system)
    }

    @Test func theBuildIDIsTaken() throws {
        let note: [UInt8] = [4, 0, 0, 0, 20, 0, 0, 0, 3, 0, 0, 0] + Array("GNU\0".utf8) + (1...20).map { UInt8($0) }
        let id = "0102030405060708090a0b0c0d0e0f1011121314"
        #expect(try identity(of: [0x7F, 0x45, 0x4C, 0x46] + note + [9, 9]) == id)
        // Cut off, it is none.
        #expect(try identity(of: note.dropLast()) == "35")
        #expect(try identity(of: [0x7F] + note) == "37")
    }

    @Test func withoutAProgramThereIsNone() throws {
        #expect(try ProgramIdentity.of("/usr/bin/agent", on: FakeSystem()) == "")
    }

    @Test func aRealProgramHasOne() throws {
        let system = RealSystem()
        let id = try ProgramIdentity.of("/usr/bin/env", on: system)
        #expect(id.count == 40)
        #expect(try ProgramIdentity.of("/usr/bin/env", on: DryRunSystem(over: system)) == id)
    }
}
