import Testing

@testable import PutLiveWebRTC

@Suite struct ICELiteTests {
    private let local = ICECredentials(usernameFragment: "ours", password: "a password of ours, long")
    private let remote = ICECredentials(usernameFragment: "them", password: "a password of theirs, long")
    private let here = ICELiteTests.address([192, 0, 2, 1], 5000)
    private let there = ICELiteTests.address([198, 51, 100, 7], 6000)
    private let start = MonotonicTime(microseconds: 7_000_000)

    private static func address(_ ip: [UInt8], _ port: UInt16) -> TransportAddress {
        ip.withUnsafeBytes { TransportAddress(ip: $0, port: port) }
    }

    private func agent() -> ICELite { ICELite(local: local, remote: remote, now: start) }

    private func check(
        _ credentials: ICECredentials? = nil, nominates: Bool = false, password: String? = nil,
        with extra: (inout STUNWriter) -> Void = { _ in }
    ) -> [UInt8] {
        let credentials = credentials ?? local
        var writer = STUNWriter(.request, transactionID: [UInt8](1...12))
        writer.append(STUNAttribute.username, Array("\(credentials.usernameFragment):them".utf8))
        writer.append(STUNAttribute.priority, [0x6e, 0, 1, 0xff])
        writer.append(STUNAttribute.iceControlling, [1, 2, 3, 4, 5, 6, 7, 8])
        if nominates { writer.append(STUNAttribute.useCandidate, []) }
        extra(&writer)
        writer.appendIntegrity(key: password ?? credentials.password)
        writer.appendFingerprint()
        return writer.bytes
    }

    private func receive(
        _ agent: inout ICELite, _ packet: [UInt8], from source: TransportAddress, at now: MonotonicTime? = nil
    ) -> [ICEEvent] {
        packet.withUnsafeBytes { agent.receive($0, from: source, at: now ?? start) }
    }

    /// The answer among the events, and where it goes to.
    private func answer(in events: [ICEEvent]) throws -> (bytes: [UInt8], destination: TransportAddress) {
        guard case .send(let bytes, let destination) = try #require(events.first) else { throw NoAnswer() }
        return (bytes, destination)
    }

    private struct NoAnswer: Error {}

    /// The code in an error response.
    private func errorCode(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 28, bytes[0] == 1, bytes[1] == 0x11, bytes[20] == 0, bytes[21] == 9 else { return nil }
        return Int(bytes[26]) * 100 + Int(bytes[27])
    }

    private func isSigned(_ bytes: [UInt8], by password: String) throws -> Bool {
        try bytes.withUnsafeBytes { try STUNMessage($0).isAuthentic(key: password, in: $0) }
    }

    // MARK: Answers

    @Test func aCheckIsAnswered() throws {
        var agent = agent()
        let events = receive(&agent, check(), from: here)
        let (bytes, destination) = try answer(in: events)
        #expect(destination == here)
        let message = try bytes.withUnsafeBytes { try STUNMessage($0) }
        #expect(message.messageClass == .success && message.hasFingerprint)
        #expect(message.transactionID == [UInt8](1...12))
        #expect(try isSigned(bytes, by: local.password))
        // Port 5000 and 192.0.2.1, each XOR the cookie.
        #expect(Array(bytes[20..<32]) == [0, 0x20, 0, 8, 0, 1, 0x32, 0x9a, 0xe1, 0x12, 0xa6, 0x43])
        #expect(events.dropFirst() == [.authenticated, .selected(here)])
        #expect(agent.lastConsent == start)
    }

    @Test func garbageIsIgnoredInSilence() {
        var agent = agent()
        #expect(receive(&agent, [], from: here) == [.ignored(.malformed)])
        #expect(receive(&agent, [0, 1, 0, 0], from: here) == [.ignored(.malformed)])
        #expect(receive(&agent, STUNMessageTests.request.reversed(), from: here) == [.ignored(.malformed)])
        #expect(agent.selected == nil && agent.lastConsent == nil)
    }

    @Test(arguments: [STUNMessage.Class.indication, .success, .failure])
    func onlyRequestsAreAnswered(_ messageClass: STUNMessage.Class) {
        var agent = agent()
        let writer = STUNWriter(messageClass, transactionID: [UInt8](1...12))
        #expect(receive(&agent, writer.bytes, from: here) == [.ignored(.notRequest)])
    }

    @Test func anotherMethodIsIgnored() {
        var agent = agent()
        var bytes = STUNWriter(.request, transactionID: [UInt8](1...12)).bytes
        // Allocate, of TURN.
        bytes[1] = 3
        #expect(receive(&agent, bytes, from: here) == [.ignored(.notRequest)])
    }

    @Test func aCheckWithoutACodeIsNotAnswered() {
        var agent = agent()
        var writer = STUNWriter(.request, transactionID: [UInt8](1...12))
        writer.append(STUNAttribute.username, Array("ours:them".utf8))
        #expect(receive(&agent, writer.bytes, from: here) == [.ignored(.incomplete)])

        writer = STUNWriter(.request, transactionID: [UInt8](1...12))
        writer.appendIntegrity(key: local.password)
        #expect(receive(&agent, writer.bytes, from: here) == [.ignored(.incomplete)])
        #expect(agent.selected == nil)
    }

    /// Its address may be forged, so it gets no answer.
    @Test func aStrangerIsIgnored() {
        var agent = agent()
        let guess = check(nominates: true, password: "guessed")
        #expect(receive(&agent, guess, from: here) == [.ignored(.unauthentic)])

        let stranger = ICECredentials(usernameFragment: "else", password: local.password)
        #expect(receive(&agent, check(stranger), from: here) == [.ignored(.unknownUsername)])
        #expect(agent.selected == nil && agent.lastConsent == nil)
    }

    @Test func whatMustBeUnderstoodIsNamed() throws {
        var agent = agent()
        let packet = check { $0.append(0x7777, [1]) }
        let events = receive(&agent, packet, from: here)
        let bytes = try answer(in: events).bytes
        #expect(errorCode(bytes) == 420)
        #expect(try isSigned(bytes, by: local.password))
        #expect(bytes.indices.dropLast(5).contains { Array(bytes[$0..<$0 + 6]) == [0, 0x0a, 0, 2, 0x77, 0x77] })
        #expect(events.dropFirst() == [.ignored(.unknownAttributes)])
        #expect(agent.selected == nil)
    }

    @Test func controlIsNeverTaken() throws {
        var agent = agent()
        let packet = check { $0.append(STUNAttribute.iceControlled, [0, 0, 0, 0, 0, 0, 0, 0]) }
        let events = receive(&agent, packet, from: here)
        let bytes = try answer(in: events).bytes
        #expect(errorCode(bytes) == 487)
        #expect(try isSigned(bytes, by: local.password))
        #expect(events.dropFirst() == [.ignored(.roleConflict)])
    }

    // MARK: The selected pair

    @Test func theFirstPairServesUntilOneIsNominated() {
        var agent = agent()
        #expect(receive(&agent, check(), from: here).last == .selected(here))
        #expect(receive(&agent, check(), from: there).last == .authenticated)
        #expect(agent.selected == here)
        #expect(receive(&agent, check(nominates: true), from: there).last == .selected(there))
        #expect(receive(&agent, check(nominates: true), from: there).last == .authenticated)
        #expect(receive(&agent, check(), from: here).last == .authenticated)
        #expect(agent.selected == there)
    }

    @Test func theLastNominationCounts() {
        var agent = agent()
        #expect(receive(&agent, check(nominates: true), from: here).last == .selected(here))
        #expect(receive(&agent, check(nominates: true), from: there).last == .selected(there))
        #expect(agent.selected == there)
    }

    @Test func aClosedConnectionIsNoLongerUsed() {
        let tcp = TransportAddress(ip: "192.0.2.1", port: 9, isTCP: true, connection: 3)!
        var agent = agent()
        _ = receive(&agent, check(nominates: true), from: tcp)
        agent.forget(here)
        #expect(agent.selected == tcp)
        agent.forget(tcp)
        #expect(agent.selected == nil)
        #expect(receive(&agent, check(), from: there).last == .selected(there))
    }

    // MARK: Restart

    private let next = ICECredentials(usernameFragment: "next", password: "the next password of ours")

    @Test func theOldPathStaysUntilTheNewOneIsNominated() throws {
        var agent = agent()
        _ = receive(&agent, check(nominates: true), from: here)
        agent.restart(local: next, remote: remote)
        #expect(agent.selected == here)
        // The old generation is still answered, with its own password.
        let old = receive(&agent, check(nominates: true), from: here)
        #expect(try isSigned(answer(in: old).bytes, by: local.password))
        #expect(old.last == .authenticated)
        // The new one is, too, but changes nothing yet.
        let new = receive(&agent, check(next), from: there)
        #expect(try isSigned(answer(in: new).bytes, by: next.password))
        #expect(new.last == .authenticated && agent.selected == here)

        #expect(receive(&agent, check(next, nominates: true), from: there).last == .selected(there))
        #expect(receive(&agent, check(nominates: true), from: here).last == .ignored(.unknownUsername))
        #expect(agent.selected == there)
    }

    @Test func aRestartOnTheSamePathIsTold() {
        var agent = agent()
        _ = receive(&agent, check(nominates: true), from: here)
        agent.restart(local: next, remote: remote)
        #expect(receive(&agent, check(next, nominates: true), from: here).last == .selected(here))
    }

    @Test func twoRestartsInARowKeepThePathThatWorks() {
        var agent = agent()
        _ = receive(&agent, check(nominates: true), from: here)
        agent.restart(local: next, remote: remote)
        let third = ICECredentials(usernameFragment: "third", password: "the third password of ours")
        agent.restart(local: third, remote: remote)
        #expect(receive(&agent, check(), from: here).last == .authenticated)
        #expect(receive(&agent, check(next), from: there).last == .ignored(.unknownUsername))
        #expect(receive(&agent, check(third, nominates: true), from: there).last == .selected(there))
    }

    @Test func anotherPortOfASilentPeerIsFollowed() {
        var agent = agent()
        _ = receive(&agent, check(nominates: true), from: here)
        // While the old one is heard, a check from elsewhere is only answered.
        agent.heard(from: here, at: start.adding(milliseconds: 3000))
        #expect(
            receive(&agent, check(), from: there, at: start.adding(milliseconds: 4000)).last == .authenticated)
        // Media from the new one is no sign of life of the old one.
        agent.heard(from: there, at: start.adding(milliseconds: 4900))
        let events = receive(&agent, check(), from: there, at: start.adding(milliseconds: 5000))
        #expect(events.last == .selected(there) && agent.selected == there)
    }

    // MARK: Time

    @Test func aPeerThatNeverComesIsGivenUp() {
        var agent = agent()
        _ = receive(&agent, check(password: "guessed"), from: here, at: start.adding(milliseconds: 13_000))
        #expect(!agent.isExpired(at: start.adding(milliseconds: 13_999)))
        #expect(agent.isExpired(at: start.adding(milliseconds: 14_000)))
    }

    @Test func aSilentPeerIsGone() {
        var agent = agent()
        let last = start.adding(milliseconds: 50_000)
        _ = receive(&agent, check(), from: here)
        _ = receive(&agent, check(), from: here, at: last)
        #expect(!agent.isExpired(at: last.adding(milliseconds: 9_999)))
        #expect(agent.isExpired(at: last.adding(milliseconds: 10_000)))
        // What a stranger sends is no sign of life.
        _ = receive(&agent, check(password: "guessed"), from: here, at: last.adding(milliseconds: 9_000))
        #expect(agent.isExpired(at: last.adding(milliseconds: 10_000)))
    }

    @Test func mediaFromWhereWeSendToIsConsent() {
        var agent = agent()
        _ = receive(&agent, check(), from: here)
        for second in 1...100 { agent.heard(from: here, at: start.adding(milliseconds: second * 1000)) }
        #expect(!agent.isExpired(at: start.adding(milliseconds: 109_999)))
        #expect(agent.isExpired(at: start.adding(milliseconds: 110_000)))
    }

    @Test func mediaFromElsewhereIsASignOfLifeButNoConsent() {
        var agent = agent()
        _ = receive(&agent, check(), from: here)
        for second in 1...29 { agent.heard(from: there, at: start.adding(milliseconds: second * 1000)) }
        #expect(!agent.isExpired(at: start.adding(milliseconds: 29_999)))
        #expect(agent.isExpired(at: start.adding(milliseconds: 30_000)))
    }
}

@Suite struct ICECredentialsTests {
    @Test func theyAreLongEnoughAndNew() {
        let (one, other) = (ICECredentials.random(), ICECredentials.random())
        #expect(one != other)
        // RFC 8839, section 5.4.
        #expect((4...256).contains(one.usernameFragment.utf8.count) && (22...256).contains(one.password.utf8.count))
        let text = one.usernameFragment + one.password + other.usernameFragment + other.password
        let isGood = text.utf8.allSatisfy { byte in
            let character = Character(Unicode.Scalar(byte))
            return character.isASCII && (character.isLetter || character.isNumber || "+/".contains(character))
        }
        #expect(isGood)
    }

    @Test func thePasswordIsNotPrinted() {
        #expect("\(ICECredentials(usernameFragment: "name", password: "secret"))" == "ICECredentials(name)")
    }
}
