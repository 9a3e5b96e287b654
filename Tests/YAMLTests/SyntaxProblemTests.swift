import Testing
import YAML

@Suite("Faults in syntax, in plain words at the place to look at")
struct SyntaxProblemTests {
    @Test(
        "Quotes",
        arguments: [
            Fault("name: \"abc\nx: 1\n", "1:7-1:8", "the quote that opens here is never closed", key: "name"),
            Fault("a:\n- 'abc\n- b\n", "2:3-2:4", "the quote that opens here is never closed"),
            Fault("a: 'x\n---\n", "1:4-1:5", "the quote that opens here is never closed", key: "a"),
            Fault(
                "a: 'x\nb: 'y'\nc: 1\n", "1:4-1:5",
                "the quoted text that starts here ends only on line 2, and more follows it", key: "a"),
            Fault(
                "a: \"x\n\nb: \"y\"\n", "1:4-1:5",
                "the quoted text that starts here ends only on line 3, and more follows it", key: "a"),
            Fault("a: 'it's'\n", "1:8-1:10", "there is text after the closing quote", key: "a"),
            Fault("a: \"é\" y # z\n", "1:8-1:13", "there is text after the closing quote", key: "a"),
            Fault("\"a\" b\n", "1:5-1:6", "there is text after the closing quote"),
            Fault(
                #"a: "C:\data""#, "1:7-1:9",
                "the backslash in this double-quoted text does not start a known escape", key: "a"),
            Fault(
                #"a: "\x4""#, "1:5-1:7",
                "the backslash in this double-quoted text does not start a known escape", key: "a"),
            Fault(
                #"a: "\ud800""#, "1:5-1:7",
                "the backslash in this double-quoted text does not start a known escape", key: "a"),
        ])
    func quotes(fault: Fault) { check(fault) }

    @Test(
        "Colons and keys",
        arguments: [
            Fault("t: Live: x\n", "1:8-1:9", "': ' may stand only after a key or inside quotes", key: "t"),
            Fault("a: b: c\n", "1:5-1:6", "': ' may stand only after a key or inside quotes", key: "a"),
            Fault("- a: b\n  c: d: e\n", "2:7-2:8", "': ' may stand only after a key or inside quotes", key: "[0].c"),
            Fault("foo:bar\nbaz: 1\n", "1:1-1:8", "there is no space after the colon"),
            Fault("a: 1\nfoo:bar # x\nb: 2\n", "2:1-2:12", "there is no space after the colon"),
            Fault("a:\n  foo:bar\n\n  # x\n  baz: 1\n", "2:3-2:10", "there is no space after the colon"),
            Fault("a: 1\nfoo\nb: 2\n", "2:1-2:4", "a key and a colon are expected here"),
            Fault("a:\n  foo\n  baz: 1\n", "2:3-2:6", "a key and a colon are expected here"),
            Fault("a:\n  'x'\n  b: 1\n", "2:3-2:6", "a key and a colon are expected here"),
            Fault("a: 1\n: 2\n", "2:1-2:2", "the key before the colon is missing"),
            Fault("a: [1] 2\n", "1:8-1:9", "nothing may follow the value on this line", key: "a"),
        ])
    func colons(fault: Fault) { check(fault) }

    @Test(
        "Indentation",
        arguments: [
            Fault("a: 1\n  b: 2\n", "2:3-2:4", "this line is indented as if it belonged to the value above it"),
            Fault("a:\n    b: 1\n  c: 2\n", "3:3-3:7", "this line does not line up with the lines above it"),
            Fault("  a: 1\nb: 2\n", "2:1-2:5", "this line does not line up with the lines above it"),
            Fault("a: 'x'\n b: 1\n", "2:2-2:6", "this line does not line up with the lines above it"),
            Fault("  - a\n - b\n", "2:2-2:5", "this line does not line up with the lines above it"),
            Fault("- a\nb: 1\n", "2:1-2:5", "a list item is expected here, as on line 1"),
            Fault("a: 1\n- b\n", "2:1-2:4", "a key is expected here, not a list item"),
            Fault("a: - b\n", "1:4-1:7", "a list item ('- ') cannot start here", key: "a"),
            Fault("a: > b\n", "1:6-1:7", "only a line end may follow the '|' or '>' of a text block", key: "a"),
        ])
    func indentation(fault: Fault) { check(fault) }

    @Test(
        "Tabs",
        arguments: [
            ("a:\n\tb: 1\n", "2:1-2:2"), ("a: b\n\tc: d\n", "2:1-2:2"), ("a:\n  b: 1\n \tc: 2\n", "3:2-3:3"),
            ("- \ta: 1\n", "1:3-1:4"), ("a: |\n\tx\n", "2:1-2:2"), ("a:\n  - b\n\t- c\n", "3:1-3:2"),
            ("\ta: 1\n", "1:1-1:2"), ("a:\r\n\t\tb: 1\r\n", "2:1-2:2"),
        ])
    func tabs(text: String, at: String) {
        let document = parse(text)
        #expect(document.root == nil)
        #expect(summary(document) == ["\(at) : a tab is used for indentation; YAML allows only spaces"])
    }

    @Test(
        "Brackets",
        arguments: [
            Fault("a: [1, 2\nb: 3\nc: 4\n", "1:4-1:5", "the '[' that opens here is not closed", key: "a"),
            Fault("a: [1, 2", "1:4-1:5", "the '[' that opens here is not closed", key: "a"),
            Fault("a: {x: 1\nb: 2\n", "1:4-1:5", "the '{' that opens here is not closed", key: "a"),
            Fault("a:\n  b: {x: 1, y: ", "2:6-2:7", "the '{' that opens here is not closed", key: "a.b"),
            Fault("a: [1,\n  # x\n", "1:4-1:5", "the '[' that opens here is not closed", key: "a"),
            Fault("a: [1, 2}\n", "1:9-1:10", "'}' does not match the '[' on line 1", key: "a"),
            Fault("a: ['x' 'y']\n", "1:9-1:10", "a comma or ']' is missing here", key: "a"),
            Fault("a: {x: 'x' y: 'y'}\n", "1:12-1:13", "a comma or '}' is missing here", key: "a"),
            Fault("a: [1,,2]\n", "1:7-1:8", "a value is expected before ','", key: "a"),
            Fault("a: [fe80::]\n", "1:10-1:11", "a text in brackets needs quotes if it holds ':' here", key: "a"),
            Fault("a: 1\n]\n", "2:1-2:2", "']' closes or separates nothing that is open here"),
        ])
    func brackets(fault: Fault) { check(fault) }

    @Test(
        "Characters that no text may start with",
        arguments: ["@", "`", "%", "]", "}", ",", "& ", "? ", "*.", "&é"])
    func starts(text: String) {
        let message = "a text without quotes cannot start with '\(text.prefix(1))'"
        check(Fault("a:\n  b: \(text)x\n", "2:6-2:7", message, key: "a.b"))
    }

    @Test("Tags that libyaml itself refuses", arguments: ["!x!y 1", "!foo,^ 1", "!<x", "!!", "!a!"])
    func tags(text: String) {
        let document = parse("a: \(text)\n")
        #expect(document.problems.first?.message == "tags (!) are not supported")
        #expect(document.problems.first?.range.start == YAMLMark(line: 1, column: 4))
    }

    @Test("A fault comes after the problems that were found above it")
    func order() {
        let document = parse("s:\n  q:\n  - n: 1\n    n: 2\n  - {f: 1, f: 2}\n  x: \"y\n")
        #expect(document.root == nil)
        #expect(
            summary(document) == [
                "4:5-4:6 s.q[0].n: is already set on line 3",
                "5:12-5:13 s.q[1].f: is already set on line 5",
                "6:6-6:7 s.x: the quote that opens here is never closed",
            ])
    }

    private func check(_ fault: Fault) {
        let document = parse(fault.text)
        #expect(document.root == nil)
        #expect(summary(document) == ["\(fault.place) \(fault.key): \(fault.message)"])
        #expect(document.problems.allSatisfy { !$0.remedy.isEmpty })
    }
}
