import Testing

@testable import PutLiveArtifacts

/// Each format's words, and what it has no word for.
@Suite struct EscapingTests {
    @Test(arguments: [
        (Format.nginx, "stream.example.com", "stream.example.com"),
        (.nginx, "a b", "\"a b\""),
        (.nginx, "a;b{c}#d", "\"a;b{c}#d\""),
        (.nginx, #"say "hi"\"#, #""say \"hi\"\\""#),
        (.nginx, "", "\"\""),
        (.srs, "/var/hls/[app]", "/var/hls/[app]"),
        (.srs, "a;b", "\"a;b\""),
        (.srs, "say \"hi\"", "'say \"hi\"'"),
        (.srs, #"a\b"#, #""a\b""#),
        (.systemd, "/srv/100%", "/srv/100%%"),
        (.systemd, #"a "b" \c"#, #""a \"b\" \\c""#),
        (.systemd, "it's", "\"it's\""),
        (.shell, "it's; rm -rf /", "'it'\\''s; rm -rf /'"),
        (.shell, "a\nb", "'a\nb'"),
        (.shell, "$HOME`x`", "'$HOME`x`'"),
        (.yaml, "no", "\"no\""),
        (.yaml, "a: \"b\" # c\n", #""a: \"b\" # c\n""#),
        (.json, "\u{1}\u{7f}\u{2028}é", #""\u0001\u007f\u2028é""#),
        (.ini, "a%b", "a%%b"),
        (.logrotate, "/var/log/a b", "\"/var/log/a b\""),
        (.tmpfiles, "/a b%", "\"/a b%%\""),
        (.tmpfiles, #"/a"b\"#, #""/a\"b\\""#),
        // A quote with a combining mark is one Character, and still a quote to the reader.
        (.nginx, "a\"\u{301}", "\"a\\\"\u{301}\""),
        (.srs, "a\"\u{301}", "'a\"\u{301}'"),
        (.systemd, "a\\\u{301}%\u{301}", "\"a\\\\\u{301}%%\u{301}\""),
        (.shell, "a'\u{301}", "'a'\\''\u{301}'"),
    ])
    func words(format: Format, text: String, word: String) throws {
        #expect(try format.word(text) == word)
    }

    @Test(arguments: [
        (Format.nginx, "a\nb"), (.nginx, "$host"), (.nginx, "a\u{0}b"), (.srs, "a\nb"), (.srs, "$HOME"),
        (.srs, ""), (.srs, #"both " and '"#), (.systemd, "a\nb"), (.systemd, "$MAINPID"), (.ini, "a;b"),
        (.ini, "a # b"), (.ini, "<HOST>"), (.ini, " a"), (.ini, "a\nb"), (.logrotate, "/var/log/*"),
        (.logrotate, "a\"b"), (.logrotate, "a\nb"), (.tmpfiles, "a\nb"), (.shell, "a\u{0}b"),
        (.yaml, "a\u{0}b"), (.nginx, "$\u{301}x"), (.nginx, String(repeating: "a", count: 4096)),
        (.systemd, "$\u{301}x"), (.ini, "a;\u{301}b"), (.ini, "a\u{3000}"), (.ini, " \u{301}a"),
        (.logrotate, "a\"\u{301}"), (.logrotate, "~root/a b"),
    ])
    func unholdable(format: Format, text: String) {
        #expect(throws: UnholdableValue.self) { try format.word(text) }
    }

    @Test func aReasonNamesTheCharacterAndNotTheValue() {
        let problem = #expect(throws: UnholdableValue.self) { try Format.nginx.word("secret-part$x") }
        #expect(problem?.reason.contains("$") == true)
        #expect(problem?.reason.contains("secret-part") == false)
    }
}
