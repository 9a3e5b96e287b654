import Testing

@testable import PutLiveConfig

/// What each type takes, and what it refuses.
@Suite struct ValueTypeTests {
    private func check<Value>(_ type: ValueType<Value>, takes good: [String], refuses bad: [String]) {
        for text in good { #expect(problem(type, text) == nil, "\(type.name) takes \(text)") }
        for text in bad { #expect(problem(type, text) != nil, "\(type.name) refuses \(text)") }
    }

    /// A digit with an accent, an Arabic one, a Kelvin sign, and a letter with an accent that has no precomposed form.
    private let lookalikes = ["5\u{301}", "٣", "\u{212A}", "q\u{301}", "５"]

    @Test func numbers() {
        check(.bool, takes: ["true", "False", "TRUE"], refuses: ["yes", "no", "on", "1", "", "tRUE"])
        check(
            .int(0...30), takes: ["0", "30"],
            refuses: [
                "31", "-1", "-0", "007", "00", "+5", " 5", "5 ", "1e1", "5.0", "", "0x5", "1_0", "99999999999999999999",
            ]
                + lookalikes)
        check(.port, takes: ["1", "65535"], refuses: ["0", "65536", "080", "-1", "http", ""] + lookalikes)
        #expect(problem(.port, "70000") == "70000 is not a port")
        #expect(problem(.port, "080") == "080 begins with a zero")
        #expect(problem(.int(1...9), "-5") == "-5 is out of range")
        #expect(problem(.int(1...9), "x") == "\"x\" is not a whole number")
    }

    @Test func words() {
        check(ValueType<Deployment.Role>.oneOf, takes: ["single", "edge"], refuses: ["Single", "", "edg"])
        check(
            .userName, takes: ["admin", "a.b_c-9", String(repeating: "a", count: 64)],
            refuses: ["", "a b", "ä", String(repeating: "a", count: 65)] + lookalikes)
        check(.qualityName, takes: ["480p", "a-b"], refuses: ["480P", "a_b", "", "p\u{301}"] + lookalikes)
        check(.metricNamespace, takes: ["PutLive/Production", "a#b"], refuses: ["AWS/EC2", "a b", ""])
        check(
            .region, takes: ["us-east-1", "us-gov-west-1", "ap-southeast-2", "eusc-de-east-1"],
            refuses: ["us-east", "useast1", "-east-1", "us--1", "US-EAST-1", "us-east-100", "1-2-3", ""])
        check(
            .instanceType, takes: ["t3.micro", "u-6tb1.metal"],
            refuses: ["t3", ".micro", "t3.", "t3.a.b", "T3.micro", ""])
        check(.turnUserName, takes: ["putlive", "a:b@c"], refuses: ["a b", "", "\u{7F}", "é"])
        check(.optional(.host), takes: ["", "a.example"], refuses: [" ", "a b"])
    }

    @Test func hosts() {
        check(
            .host,
            takes: [
                "localhost", "stream.example.com", "A-1.example", "192.0.2.1", "2001:db8::1", "xn--bcher-kva.example",
                "::",
            ],
            refuses: [
                "", "https://a.example", "a.example:80", "a..b", ".a", "a.", "-a.example", "a-.example", "a_b.example",
                "bücher.example", "256.0.0.1", "1.2.3", "01.2.3.4", "a b", "a.example;", "a.example\n", "%h", "a.1",
                String(repeating: "a", count: 64), String(repeating: "a.", count: 127) + "bc", "1:2:3:4:5:6:7", ":::",
                "1::2::3", "12345::", "::1%eth0", "1.2.3.4::1", "g::", "1:2:3:4:5:6:7:8:9", "::1.2.3",
            ] + lookalikes)
        for address in ["::1", "1::", "1:2:3:4:5:6:7:8", "::ffff:192.0.2.1", "1:2:3:4:5:6:192.0.2.1", "fe80::A"] {
            #expect(isIPv6(address), "\(address)")
        }
        check(.publicAddress, takes: ["auto", "192.0.2.1", "2001:db8::1"], refuses: ["Auto", "a.example", ""])
    }

    @Test func paths() {
        check(
            .path, takes: ["/a", "/a/b.c", "/a b/ä", "/...", "/..a"],
            refuses: [
                "", "/", "a", "./a", "/a/", "//a", "/a//b", "/..", "/a/../b", "/a/.", "/./a", "/a\nb", "/a\u{7F}",
                "/a\u{202E}b",
                "/a\u{2028}b", "~/a", "/" + String(repeating: "a", count: 1024),
                // A slash that `String` takes for a part of the character before it.
                "/a/\u{600}/../../etc",
            ])
        check(.optionalPath, takes: ["", "/a"], refuses: [" ", "a"])
        #expect(problem(.path, "/a/../b") == "\"/a/../b\" escapes with ..")
    }

    @Test func urls() {
        check(
            .origin,
            takes: [
                "https://a.example", "http://a.example:8080", "https://192.0.2.1", "https://[2001:db8::1]:8443",
                "http://localhost", "https://[::1]",
            ],
            refuses: [
                "*", "null", "", "a.example", "https://", "https://a.example/", "https://a.example/x",
                "https://a.example?x",
                "https://a.example#x", "ftp://a.example", "https://A.example", "HTTPS://a.example",
                "https://a.example:443",
                "http://a.example:80", "https://u@a.example", "https://*.example", "https://a.example:",
                "https://a.example:0",
                "https://a.example:99999", "https://a.example:+80", "https://[::1", "https://[::1]x", "https://[x]",
                "https://a b",
            ])
        check(
            .iceURL,
            takes: [
                "stun:stun.example.com", "stun:192.0.2.1:3478", "stuns:a.example:5349", "turn:a.example?transport=udp",
                "turns:[::1]:443?transport=tcp",
            ],
            refuses: [
                "", "stun", "stun:", "stun://a.example", "http:a.example", "stun:a.example?transport=udp",
                "turn:a.example?transport=sctp", "turn:a.example:x", "STUN:a.example",
            ])
        check(
            .cidr, takes: ["0.0.0.0/0", "203.0.113.0/24", "2001:db8::/32", "::/0", "192.0.2.1/32"],
            refuses: [
                "192.0.2.1", "192.0.2.1/33", "::/129", "a/8", "/8", "1.2.3.4/", "1.2.3.4/+8", "1.2.3.4/08",
                "1.2.3.4/-0", "1.2.3.4/8/8", "",
            ])
    }

    @Test func packages() {
        check(
            .packageURL,
            takes: [
                "https://a.example/srs.tar.gz", "https://192.0.2.1:8443/a/b.zip", "https://[2001:db8::1]/srs",
                "https://a.example/srs.tar?X-Amz-Signature=0a%2F1&b=(c)", "file:///srv/srs-6.0.tar", "file:///a",
                "https://a.example/" + String(repeating: "a", count: 2030),
            ],
            refuses: [
                "", "srs.tar", "/srv/srs.tar", "http://a.example/srs.tar", "ftp://a.example/srs.tar",
                "HTTPS://a.example/srs.tar", "https://", "https:///srs.tar", "https://a.example", "https://a.example/",
                "https://a b/srs", "https://a.example:0/srs", "https://u:p@a.example/srs", "https://a.example/a b",
                "https://a.example/it's", "https://a.example/{a,b}", "https://a.example/[1-9]", "https://a.example/$x",
                "https://a.example/a#b", "https://a.example/é", "https://a.example/a\u{301}", "https://a.example\\b/c",
                "file://srv/srs.tar", "file:///", "file:///a/../b", "file:///a%2e", "file:///a?b", "file:///a b",
                "file:/a",
                "https://a.example/" + String(repeating: "a", count: 2031),
            ])
        #expect(
            problem(.packageURL, "http://a.example/srs")
                == "\"http://a.example/srs\" is neither an https nor a file URL")
        #expect(problem(.packageURL, "https://user:pass@a.example/x") == "has a user name or password before an @")
        #expect(problem(.packageURL, "https://a.example/") == "\"https://a.example/\" names no file")

        let digits = String(repeating: "0123456789abcdef", count: 4)
        check(
            .sha256, takes: [digits, digits.uppercased(), String(repeating: "1", count: 64)],
            refuses: ["", String(digits.dropLast()), digits + "0", digits.replacing("f", with: "g"), " " + digits]
                + lookalikes.map { digits.dropLast() + $0 })
        #expect(try! ValueType<String>.sha256.parse(digits.uppercased()) == digits)
    }

    @Test func contacts() {
        check(
            .email, takes: ["", "admin@example.com", "a.b+c@mail.example.org"],
            refuses: [
                "admin", "@example.com", "a@", "a@localhost", "a@b@example.com", "a b@example.com", "ä@example.com",
                "a@ex_ample.com", "a@192.0.2.1", String(repeating: "a", count: 65) + "@example.com",
            ])
        check(
            .phoneNumber, takes: ["", "+15551234567", "+4930123456"],
            refuses: [
                "15551234567", "+0555123456", "+1555", "+1 555 1234567", "+1555123456789012", "+155512345٣7",
                "+155512345\u{301}67",
            ])
        check(
            .bucket, takes: ["", "abc", "putlive-backups-ACCOUNT_ID", "a.b.c", String(repeating: "a", count: 63)],
            refuses: [
                "ab", "Abc", "a_b_c", "-abc", "abc-", "a..b", "192.0.2.1", "abc\u{301}d",
                String(repeating: "a", count: 64),
            ])
    }

    @Test func quantities() {
        check(
            .duration(.seconds(1) ... .days(7)), takes: ["1", "1s", "90s", "1500ms", "1h30m", "7d", "1w", "604800"],
            refuses: [
                "0", "999ms", "8d", "-1", "1.5h", "1 h", "h", "", "1H", "1x", "5\u{301}s", "٣s", "1h30",
                "1s1s1s1s1s1s1s1s1s", "999999999999w", "9999999999w",
            ])
        check(
            .byteSize(.mebibytes(1) ... .gibibytes(4)),
            takes: ["1M", "1m", "4G", "1024K", "1048576", "2GiB", "2gb", "1MB"],
            refuses: [
                "0", "1K", "5G", "1.5G", "G", "", "1X", "1 M", "-1M", "1B", "99999T", "9999999999999999", "2G\u{131}B",
                "5000\u{212A}", "١M", "1MiBB",
            ])
        check(
            .bitRate(.kilobits(50) ... .kilobits(50_000)),
            takes: ["50", "1200k", "1200K", "2.5M", "2.125m", "1200.5k"],
            refuses: [
                "49", "50001", "51M", "2.5", "2.5678M", "M", "", ".5M", "1.M", "1..2M", "-1M", "1200\u{212A}",
                "9999999999k", "1e3k",
            ])
        check(
            .resolution, takes: ["854x480", "7680x4320", "16x16", "0854x480"],
            refuses: [
                "853x480", "854x481", "0x480", "854x0", "14x16", "7682x16", "854", "854x", "x480", "854X480",
                "854x480x2", "854 x 480", "999999x480", "8\u{301}54x480", "",
            ])
        #expect(problem(.resolution, "853x481") == "853x481 has an odd side, which 4:2:0 video can't have")
    }

    /// No text at all may stop the program, and what is taken must read back to itself.
    @Test func quantitiesOfRandomTexts() {
        var random = SplitMix(seed: 7)
        let alphabet = Array("0123456789999kKmMgGtTiIbBsdhwx.:-+ e\u{212A}٣\u{301}")
        for _ in 0..<20_000 {
            let text = String(
                (0..<Int.random(in: 0...16, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "x" })
            if let value = parseDuration(text) {
                #expect(parseDuration(value.configText) == value, "\(text)")
            }
            if let value = parseByteSize(text) {
                #expect(parseByteSize(value.description) == value, "\(text)")
            }
            if let value = parseBitRate(text) {
                #expect(parseBitRate(value.description) == value, "\(text)")
            }
            _ = problem(.resolution, text)
            _ = problem(.port, text)
            _ = problem(.cidr, text)
            _ = problem(.host, text)
            _ = problem(.origin, "https://" + text)
        }
    }

    @Test func unitsPrintShortAndExact() {
        #expect(ByteSize.gibibytes(2).description == "2G")
        #expect(ByteSize.mebibytes(1536).description == "1536M")
        #expect(ByteSize(bytes: 10 << 10).description == "10K")
        #expect(ByteSize(bytes: 1 << 40).description == "1T")
        #expect(ByteSize(bytes: 100).description == "100")
        #expect(ByteSize(bytes: 0).description == "0")
        #expect(ByteSize(bytes: (3 << 20) - 1).mebibytes == 2)
        #expect(ByteSize.mebibytes(1) < .gibibytes(1))
        #expect(BitRate.kilobits(1200).description == "1200k")
        #expect(BitRate(bitsPerSecond: 1_200_500).description == "1200.5k")
        #expect(BitRate(bitsPerSecond: 1_200_050).description == "1200.05k")
        #expect(Resolution(width: 854, height: 480).description == "854x480")
        #expect(Duration.milliseconds(1500).configText == "1500ms")
        #expect(Duration.seconds(90).configText == "90s")
        #expect(Duration.seconds(7200).configText == "2h")
        #expect(Duration.zero.configText == "0s")
        #expect(Duration.days(2).configText == "2d")
        #expect(Duration.seconds(120).configText == "2m")
        #expect(Duration.seconds(3600).wholeDays == 1)
        #expect(Duration.days(3).wholeDays == 3)
        #expect(Duration.zero.wholeDays == 0)
        #expect(Duration.milliseconds(2900).wholeSeconds == 2)
    }

    @Test func textsAreQuotedSafely() {
        #expect(quoted("a b") == "\"a b\"")
        #expect(quoted("70000") == "70000")
        #expect(quoted("") == "\"\"")
        #expect(quoted("\u{1B}[31m\n\u{202E}\u{2028}") == #""\u{1b}[31m\u{a}\u{202e}\u{2028}""#)
        #expect(quoted(String(repeating: "x", count: 61)).hasSuffix("x…\""))
        #expect(inert("a\tb") == "a\u{FFFD}b")
        #expect(counted(1, "stream") == "1 stream")
        #expect(counted(2, "stream") == "2 streams")
        #expect(article("origin") == "an origin" && article("port") == "a port" && article("") == "a ")
    }
}
