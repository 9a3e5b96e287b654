import Testing

@testable import PutLiveWebRTC

struct SDPFragmentTests {
    /// After the example of RFC 9725 section 4.3.2.
    private static let trickle = """
        a=group:BUNDLE 0 1
        a=ice-options:trickle ice2
        m=audio 9 UDP/TLS/RTP/SAVPF 111
        a=mid:0
        a=ice-ufrag:EsAw
        a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1
        a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1
        a=candidate:3471623853 1 udp 2122194687 198.51.100.2 61765 typ host generation 0 ufrag EsAw network-id 2
        a=candidate:473322822 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active generation 0 ufrag EsAw network-id 1
        a=end-of-candidates

        """

    @Test func reading() throws {
        let fragment = try SDPFragment(parsing: Self.trickle)
        #expect(fragment.ufrag == "EsAw" && fragment.password == "P2uYro0UCOQ4zxjKXaWCBui1")
        #expect(fragment.bundle == ["0", "1"] && fragment.options == ["trickle", "ice2"] && !fragment.isLite)
        #expect(fragment.sections.map(\.mid) == ["0"] && fragment.sections[0].isEndOfCandidates)
        #expect(!fragment.isEndOfCandidates)
        #expect(fragment.candidates.map(\.mid) == ["0", "0", "0"])
        #expect(fragment.candidates.map(\.candidate.port) == [61764, 61765, 9])
    }

    @Test func credentialsAboveAndOtherLines() throws {
        let text = """
            v=0
            a=ice-ufrag:EsAw
            a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1
            a=end-of-candidates

            """
        let fragment = try SDPFragment(parsing: text)
        #expect(fragment.sections.isEmpty && fragment.isEndOfCandidates && fragment.bundle.isEmpty)
    }

    @Test func writing() throws {
        let ours = SDPFragment(
            ufrag: "ours", password: "a-password-of-ours-1234", mids: ["v", "a"],
            candidates: ["1 1 udp 1 ::1 9 typ host"])
        #expect(
            ours.text.lines("") == [
                "a=ice-lite", "a=ice-ufrag:ours", "a=ice-pwd:a-password-of-ours-1234", "a=ice-options:trickle ice2",
                "a=group:BUNDLE v a", "m=audio 9 RTP/AVP 0", "a=mid:v", "a=candidate:1 1 udp 1 ::1 9 typ host",
                "a=end-of-candidates",
            ])
        #expect(try SDPFragment(parsing: ours.text) == ours)
        let read = try SDPFragment(parsing: Self.trickle)
        #expect(try SDPFragment(parsing: read.text) == read)
        let bare = SDPFragment(
            ufrag: "EsAw", password: "P2uYro0UCOQ4zxjKXaWCBui1", sections: [], isEndOfCandidates: true)
        #expect(
            bare.text == "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\na=end-of-candidates\r\n")
    }

    @Test func onlySoManyCandidatesAreRead() throws {
        let many = [String](repeating: "1 1 udp 1 192.0.2.9 9 typ host", count: 100)
        #expect(SDPFragment(ufrag: "a", password: "b", mids: ["0"], candidates: many).candidates.count == 64)
    }

    @Test(
        "What is no fragment",
        arguments: [
            ("", "one ICE user fragment"), ("a=ice-ufrag:EsAw\n", "one ICE user fragment"),
            ("nonsense", "is no line"), ("a=\n", "good name"), ("m=audio\n", "isn't a media"),
            (trickle + "a=ice-ufrag:Other\n", "one ICE user fragment"),
            (trickle.replacingFirst("a=mid:0", with: "a=x"), "without a=mid"),
            (trickle.replacingFirst("a=mid:0", with: "a=mid:a b"), "without a=mid"),
            (trickle.replacingFirst("EsAw", with: "E"), "wrong length"),
            (String(repeating: "m=audio 9 RTP/AVP 0\n", count: 33), "one media section too many"),
        ])
    func malformed(text: String, words: String) {
        #expect {
            _ = try SDPFragment(parsing: text)
        } throws: { error in
            guard case SDPError.malformed(_, _, let problem) = error else { return false }
            return problem.contains(words)
        }
    }
}
