import Testing

@testable import PutLiveWebRTC

struct SDPParserTests {
    private static let small = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"

    @Test("What is read is written again", arguments: SDPOffers.names)
    func roundTrip(name: String) throws {
        let offer = try #require(SDPOffers.all[name])
        let once = try SessionDescription(parsing: offer)
        let again = try SessionDescription(parsing: once.text)
        #expect(once == again)
        #expect(once.text.lines("a=").count == offer.lines("a=").count)
    }

    @Test func bothLineEndsAndEmptyLinesAreTaken() throws {
        let lines = "v=0\no=- 1 2 IN IP4 127.0.0.1\ns=a title\nc=IN IP4 192.0.2.1\nb=AS:9\nt=0 0\na=x:y \na=flag\n\n"
        let one = try SessionDescription(parsing: lines)
        let other = try SessionDescription(parsing: lines.split(separator: "\n").joined(separator: "\r\n"))
        #expect(one == other)
        #expect(one.name == "a title")
        #expect(one.connection == "IN IP4 192.0.2.1")
        #expect(one.bandwidths == ["AS:9"])
        #expect(one.times == ["0 0"])
        #expect(one.attributes == [SDPAttribute("x", "y"), SDPAttribute("flag")])
    }

    @Test func linesOfASectionBelongToIt() throws {
        let section = "m=video 9/2 RTP/AVP 96 97\r\ni=title\r\nc=IN IP4 0.0.0.0\r\nb=TIAS:1\r\na=in\r\n"
        let text = Self.small + "a=above\r\n" + section
        let description = try SessionDescription(parsing: text)
        #expect(description.attributes == [SDPAttribute("above")])
        #expect(
            description.media == [
                MediaDescription(
                    media: "video", port: 9, transport: "RTP/AVP", formats: ["96", "97"], connection: "IN IP4 0.0.0.0",
                    bandwidths: ["TIAS:1"], attributes: [SDPAttribute("in")])
            ])
    }

    @Test func linesThatNobodyNeedsAreDropped() throws {
        let text = Self.small + "u=http://example.org\r\ne=a@example.org\r\np=+1\r\nr=1 2 3\r\nz=0 0\r\nk=prompt\r\n"
        #expect(try SessionDescription(parsing: text).text == Self.small)
    }

    @Test(
        "What is no SDP is told by its line",
        arguments: [
            ("", 0, "v=0"), ("hello", 1, "is no line"), ("v=1\r\n", 0, "v=0"), ("v=0\r\ns=-\r\n", 0, "no o= line"),
            (small + "o=three words only\r\n", 5, "six words"), (small + "x=1\r\n", 5, "where none of its letter"),
            (small + "m=audio 9 RTP/AVP 0\r\nt=0 0\r\n", 6, "where none of its letter"),
            (small + "M=audio\r\n", 5, "is no line"), (small + "a\r\n", 5, "is no line"),
            (small + "a=mid:0\ra=forged\r\n", 5, "is no line"), (small + "a=nul\u{0}\r\n", 5, "is no line"),
            (small + "a=\r\n", 5, "good name"), (small + "a=:value\r\n", 5, "good name"),
            (small + "m=audio\r\n", 5, "isn't a media"), (small + "m=audio x RTP/AVP 0\r\n", 5, "isn't a media"),
            (small + "m=audio +9 RTP/AVP 0\r\n", 5, "isn't a media"),
            (small + "m=audio 65536 RTP/AVP 0\r\n", 5, "isn't a media"),
            (small + "m=audio 9 RTP//AVP 0\r\n", 5, "isn't a media"),
            (small + "m=audio 9 RTP/AVP (0)\r\n", 5, "no token"),
            (small + "m=\(String(repeating: "a", count: 65)) 9 B 0\r\n", 5, "over 64 bytes"),
            (small + "m=a 9 B 0\r\na=mid:\(String(repeating: "a", count: 65))\r\n", 0, "too long"),
            (small + "m=a 9 B 0\r\na=mid:0\r\nm=a 9 B 0\r\na=mid:0\r\n", 0, "twice"),
            (small + "m=a 9 B 0\r\na=mid:a b\r\n", 0, "no token"),
        ])
    func malformed(text: String, line: Int, words: String) {
        #expect {
            _ = try SessionDescription(parsing: text)
        } throws: { error in
            guard case SDPError.malformed(line, _, let problem) = error else { return false }
            return problem.contains(words) && "\(error)".contains(words)
        }
    }

    @Test func errorsShortenTheLineAndHideThePassword() {
        let long = SDPLine(number: 3, type: "a", value: String(repeating: "x", count: 100))
        #expect(SDPError.malformed(long, "is long").description.contains("Line 3 of the session description (a=xxx"))
        #expect(SDPError.malformed(long, "is long").description.count < 120)
        let secret = SDPLine(number: 4, type: "a", value: "ICE-PWD:geheim")
        #expect(!SDPError.malformed(secret, "is bad").description.contains("geheim"))
        let whole = SDPError.malformed(line: 0, text: "", problem: "is bad")
        #expect(whole.description == "The session description is bad.")
    }

    @Test func onlySoMuchIsRead() throws {
        let section = "m=audio 9 RTP/AVP 0\r\n"
        let full = Self.small + String(repeating: section, count: 32)
        #expect(try SessionDescription(parsing: full).media.count == 32)
        #expect(throws: SDPError.self) { try SessionDescription(parsing: full + section) }

        let manyLines = Self.small + String(repeating: "a=x\r\n", count: 1995)
        #expect(try SessionDescription(parsing: manyLines).attributes.count == 1995)
        #expect(throws: SDPError.self) { try SessionDescription(parsing: manyLines + "a=x\r\n") }

        let bytes = Self.small + "a=x:" + String(repeating: "y", count: 65536 - Self.small.utf8.count - 6) + "\r\n"
        #expect(bytes.utf8.count == 65536)
        #expect(try SessionDescription(parsing: bytes).attributes.count == 1)
        #expect(throws: SDPError.self) { try SessionDescription(parsing: bytes + "\n") }

        let formats = Self.small + "m=audio 9 RTP/AVP" + String(repeating: " 0", count: 128)
        #expect(try SessionDescription(parsing: formats).media[0].formats.count == 128)
        #expect(throws: SDPError.self) { try SessionDescription(parsing: formats + " 0") }
    }

    @Test func candidates() throws {
        let udp = try #require(
            RemoteCandidate("842163049 1 udp 1677729535 198.51.100.9 52200 typ srflx raddr 0.0.0.0 rport 0"))
        #expect(udp.foundation == "842163049" && udp.component == 1 && udp.transport == .udp)
        #expect(udp.priority == 1_677_729_535 && udp.address == "198.51.100.9" && udp.port == 52200)
        #expect(udp.type == "srflx" && udp.tcpType == nil)
        let tcp = try #require(RemoteCandidate("4 1 TCP 2105524479 2001:db8::7 9 typ host generation 0 tcptype active"))
        #expect(tcp.transport == .tcp && tcp.tcpType == "active" && tcp.address == "2001:db8::7")
        #expect(RemoteCandidate("1 1 udp 1 2cf0b2c0-0842.local 9 typ host tcptype")?.tcpType == nil)
    }

    @Test(
        "What is no candidate is passed over",
        arguments: [
            "", "1 1 udp 1 192.0.2.1 9 typ", "1 0 udp 1 192.0.2.1 9 typ host", "1 257 udp 1 192.0.2.1 9 typ host",
            "1 1 sctp 1 192.0.2.1 9 typ host", "1 1 udp 4294967296 192.0.2.1 9 typ host",
            "1 1 udp 1 192.0.2.1 65536 typ host", "1 1 udp 1 192.0.2.1 9 kind host", "1! 1 udp 1 192.0.2.1 9 typ host",
            "1 1 udp -1 192.0.2.1 9 typ host", "123456789012345678901234567890123 1 udp 1 192.0.2.1 9 typ host",
        ])
    func noCandidate(text: String) { #expect(RemoteCandidate(text) == nil) }

    @Test func fingerprints() throws {
        let good = SDPOffers.fingerprint
        let read = try #require(DTLSFingerprint("SHA-256 \(good.lowercased())"))
        #expect(read.algorithm == "sha-256" && read.value == good)
        #expect(DTLSFingerprint("sha-512 \(good):\(good)")?.algorithm == "sha-512")
        let bad = [
            "", "sha-256", "sha-1 \(good.prefix(59))", "sha-256 \(good):00", "sha-256 \(good.dropLast())",
            "sha-256 \(good.dropLast())G", "sha-384 \(good)", "sha-256 \(good) x",
            "sha-256 \(good.dropLast(2))\u{FF11}\u{FF12}",
        ]
        for text in bad { #expect(DTLSFingerprint(text) == nil, "\(text)") }
    }
}
