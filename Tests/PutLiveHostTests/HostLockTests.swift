import Testing

@testable import PutLiveHost

@Suite struct HostLockTests {
    let scratch = RealSystemScratch()
    var path: String { scratch.path + "/lock" }

    @Test func oneWaitsForTheOther() throws {
        var first: HostLock? = try HostLock(path: path, limit: .zero, sleep: { _ in })
        #expect(first != nil)
        var naps = 0
        var messages = 0
        let second = try HostLock(
            path: path, limit: .seconds(60),
            sleep: { _ in
                naps += 1
                if naps == 3 { first = nil }
            }, isWaiting: { messages += 1 })
        #expect(naps == 3 && messages == 1)
        withExtendedLifetime(second) {
            _ = #expect(throws: SystemError.self) { try HostLock(path: path, limit: .zero, sleep: { _ in }) }
        }
    }

    @Test func itDoesntWaitForEver() throws {
        let first = try HostLock(path: path, limit: .zero, sleep: { _ in })
        var slept = Duration.zero
        let error = #expect(throws: SystemError.self) {
            try HostLock(path: path, limit: .milliseconds(250), sleep: { slept += $0 })
        }
        #expect(slept == .milliseconds(250))
        #expect(error?.description.contains("wait for its end, then try again") == true)
        withExtendedLifetime(first) {}
        // The failed one holds nothing.
        scratch.put("other")
    }

    @Test func aPlaceThatCantBeMadeIsNamed() {
        let error = #expect(throws: SystemError.self) {
            try HostLock(path: scratch.path + "/none/lock", limit: .zero, sleep: { _ in })
        }
        #expect(error?.description == "the lock \(scratch.path)/none/lock can't be opened: No such file or directory")
        scratch.put("target")
        scratch.link("lock", to: "target")
        #expect(throws: SystemError.self) { try HostLock(path: path, limit: .zero, sleep: { _ in }) }
    }
}
