import Testing

@testable import PutLiveLive

@Suite struct PublishTokenTests {
    @Test func whatABroadcasterCopies() throws {
        let parsed = try #require(PublishToken.parse(streamKey: "stream?key=k1.sig"))
        #expect(parsed.stream.text == "stream")
        #expect(parsed.token == PublishToken(key: "k1.sig"))
        #expect(try #require(PublishToken.parse(streamKey: "my-stream")).token == PublishToken())
    }

    @Test(arguments: ["Stream?key=a", "", "?key=a", "a_b?key=a", "stream?key=%zz", "stream?key=a&key=b"])
    func notAStreamKey(_ text: String) {
        #expect(PublishToken.parse(streamKey: text) == nil)
    }

    @Test func queriesOfSRS() {
        #expect(PublishToken(query: "?key=k1.a%2Bb&secret=5e") == PublishToken(key: "k1.a+b", secret: "5e"))
        #expect(PublishToken(query: "?vhost=ladder.local") == PublishToken())
        #expect(PublishToken(query: "") == PublishToken())
        #expect(PublishToken(query: "&key=a=b") == PublishToken(key: "a=b"))
        #expect(PublishToken(query: "key=a+b") == PublishToken(key: "a+b"))
    }

    @Test(arguments: [
        "?key=", "?key", "?key=a&key=a", "?secret=a&secret=b", "?key=%", "?key=%4", "?key=%00", "?key=a%20b", "?key=ä",
        "?key=%C3%A4", "?key=a b",
    ])
    func refused(_ query: String) {
        #expect(PublishToken(query: query) == nil)
    }

    @Test func bounds() {
        #expect(PublishToken(query: "key=" + String(repeating: "a", count: 512)) != nil)
        #expect(PublishToken(query: "key=" + String(repeating: "a", count: 513)) == nil)
        #expect(PublishToken(query: "key=" + String(repeating: "%61", count: 512)) != nil)
        #expect(PublishToken(query: "x=" + String(repeating: "a", count: 2047)) == nil)
        #expect(PublishToken.parse(streamKey: String(repeating: "a", count: 3000)) == nil)
    }

    @Test func secretsOfAProcess() {
        let one = InternalSecret()
        #expect(one.text.utf8.count == 64)
        #expect(one.matches(one.text))
        #expect(!one.matches(InternalSecret().text))
        #expect(!one.matches(""))
        #expect(!one.matches(String(one.text.dropLast())))
    }
}

@Suite struct NameTests {
    @Test func streamNames() {
        #expect(StreamName("stream")?.text == "stream")
        #expect(StreamName(String(repeating: "a", count: 64)) != nil)
        for bad in ["", "A", "a_b", "a.b", "a/b", "ä", "a b", "a\u{0}", "..", String(repeating: "a", count: 65)] {
            #expect(StreamName(bad) == nil, "\(bad)")
        }
        #expect(name("a") < name("b"))
    }

    @Test func fileNames() throws {
        let source = Rendition(stream: name("stream"), quality: "src")
        #expect(HLSFileName("stream.m3u8") == .master(name("stream")))
        #expect(HLSFileName("stream_src.m3u8") == .playlist(source))
        #expect(HLSFileName("stream_src-1795356342364-0.ts") == .segment(source))
        #expect(HLSFileName("stream_src-7.ts") == .segment(source))
        // A quality may end in a number.
        #expect(HLSFileName("a_480-30-1795356342364-12.ts") == .segment(.init(stream: name("a"), quality: "480-30")))
        for temporary in ["stream.m3u8.tmp", "stream_src-1-2.ts.tmp", "stream_src.m3u8.tmp"] {
            #expect(HLSFileName(temporary) == .temporary, "\(temporary)")
        }
        #expect(source.playlistName == "stream_src.m3u8")
    }

    @Test(arguments: [
        "", ".", "..", "stream", "stream.ts", "stream-1-2.ts", "Stream.m3u8", "stream_src.ts", "stream_src-.ts",
        "stream_src-a.ts", "stream_.m3u8", "_src.m3u8", "a_b_c.m3u8", "../stream.m3u8", "stream.m3u8.tmp.tmp", ".tmp",
        "notes.txt.tmp", "stream.mp4", "stream.m3u8~", "stream_src-1-2.ts.bak", "a.b.tmp",
    ])
    func notOurs(_ text: String) {
        #expect(HLSFileName(text) == nil)
    }
}
