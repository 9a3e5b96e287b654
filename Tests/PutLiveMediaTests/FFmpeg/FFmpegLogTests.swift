import CFFmpeg
import Synchronization
import Testing

@testable import PutLiveMedia

@Suite struct FFmpegLogTests {
    @Test(arguments: [
        ("[rtmp @ 0x55] Cannot open connection\n", "[rtmp @ 0x55] Cannot open connection"),
        (
            "rtmp://127.0.0.1:1935/live/show?secret=abc&x=1 failed: refused\r\n",
            "rtmp://127.0.0.1:1935/live/show?*** failed: refused"
        ),
        ("'rtmp://h/live/a?key=b' and \"c?d=e\"", "'rtmp://h/live/a?***' and \"c?***\""),
        ("is it? yes?", "is it? yes?"), ("a??b", "a?***"), ("", ""), ("\n", ""),
    ])
    func noQueryIsShown(_ said: String, _ shown: String) {
        #expect(FFmpegLog.cleaned(said) == shown)
    }

    @Test func tenAMinute() {
        var limit = LineLimit()
        for _ in 0..<10 { #expect(limit.admit(at: 5) == 0) }
        for _ in 0..<7 { #expect(limit.admit(at: 59_000_000) == nil) }
        #expect(limit.admit(at: 60_000_005) == 7)
        #expect(limit.admit(at: 60_000_006) == 0)
    }

    /// The one test that takes the process's lines; others may cause some meanwhile.
    @Test func errorsComeThrough() {
        let lines = Mutex<[FFmpegLog.Line]>([])
        FFmpegLog.route { line in lines.withLock { $0.append(line) } }
        defer { FFmpegLog.route { _ in } }
        // Nobody listens at port 1.
        var context: UnsafeMutablePointer<AVFormatContext>?
        #expect(avformat_open_input(&context, "rtmp://127.0.0.1:1/live/show?secret=hidden-from-all", nil, nil) < 0)
        let texts = lines.withLock { $0.map(\.text) }
        #expect(texts.contains { $0.contains("127.0.0.1:1?***") && $0.contains("refused") })
        #expect(!texts.contains { $0.contains("hidden") || $0.contains("\n") })
    }
}
