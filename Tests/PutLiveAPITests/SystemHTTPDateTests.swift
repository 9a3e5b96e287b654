import Testing

@testable import PutLiveAPI

struct SystemHTTPDateTests {
    @Test(
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_827_696, "Tue, 29 Feb 2000 12:34:56 GMT"),
            (4_102_444_799, "Thu, 31 Dec 2099 23:59:59 GMT"),
        ] as [(Int64, String)])
    func datesAreWrittenAsHTTPHasThem(time: Int64, text: String) {
        #expect(HTTPDate.string(time) == text)
    }

    @Test func theDateGoesOn() {
        let clock = TestClock()
        let dates = HTTPDateCache(clock: { clock.now })
        #expect(dates.now == "Thu, 01 Jan 2026 00:00:00 GMT")
        clock.advance(by: 61)
        #expect(dates.now == "Thu, 01 Jan 2026 00:01:01 GMT")
    }
}
