import Testing
import YAML

@Suite("The tree of a valid file")
struct TreeTests {
    @Test(
        "Content and style",
        arguments: [
            ("a: 1\nb: text of it\n", "{a: 1, b: text of it}"),
            ("- a\n- 'b'\n- \"c\\n\"\n", #"[a, "b", "c\n"]"#),
            ("a: |\n  one\n  two\n", #"{a: |"one\ntwo\n"}"#),
            ("a: >-\n  one\n  two\n", #"{a: |"one two"}"#),
            ("a: one\n  two\n", "{a: one two}"),
            ("a: [1, {b: c}, \"d\"]\n", #"{a: [1, {b: c}, "d"]}"#),
            ("a:\n- b: 1\n  c: 2\n-\n", "{a: [{b: 1, c: 2}, ~]}"),
            ("? a\n: b\n", "{a: b}"),
            ("[a: 1, b]", "[{a: 1}, b]"),
            ("\"<<\": 1\n'null': 2\n\"\": 3\n", "{<<: 1, null: 2, : 3}"),
            ("a: http://x.y/z#t\n", "{a: http://x.y/z#t}"),
            ("a: b\tc\nd:\te\n", "{a: b\tc, d: e}"),
            ("a: [\n\tb,\n\tc\n]\n", "{a: [b, c]}"),
            ("text", "text"),
            ("---\na: 1\n", "{a: 1}"),
            ("---\na: 1\n...\n", "{a: 1}"),
            ("# x\n--- # y\na: 1\n# z\n", "{a: 1}"),
            ("a: 100%\nb: x @ y ! & * `\n", "{a: 100%, b: x @ y ! & * `}"),
        ])
    func content(text: String, outline: String) {
        let document = parse(text)
        #expect(summary(document) == [])
        #expect(document.root?.outline == outline)
    }

    @Test("Omitted values and plain nulls are null, quoted and other words are text")
    func nulls() {
        let text = "a:\nb: ~\nc: null\nd: Null\ne: NULL\nf: 'null'\ng: \"\"\nh: nULL\ni: |\n  null\n"
        let document = parse(text)
        #expect(document.problems.isEmpty)
        #expect(
            document.root?.outline == #"{a: ~, b: ~, c: ~, d: ~, e: ~, f: "null", g: "", h: nULL, i: |"null\n"}"#)
    }

    @Test("A file without content is null", arguments: ["", "\n", "# only this\n", "---\n", "\u{FEFF}", " \r\n# x"])
    func empty(text: String) {
        let document = parse(text)
        #expect(document.problems.isEmpty)
        #expect(document.root?.outline == "~")
    }

    private static let ranged = """
        server:
          port: 8080   # spaces before this
          name: "Live: 'é' x"
          none:
          text: |
            one
        list:
        - a
        - {x: [1, 'zwei'], y: z}
        - wörter über
          zeilen
        'q k': ~

        """

    @Test(
        "Ranges of values",
        arguments: [
            (["server"], "2:3-7:1"),
            (["server", "port"], "2:9-2:13"),
            (["server", "name"], "3:9-3:22"),
            (["server", "none"], "4:8-4:8"),
            (["server", "text"], "5:9-7:1"),
            (["list"], "8:1-11:9"),
            (["list", 0], "8:3-8:4"),
            (["list", 1], "9:3-9:25"),
            (["list", 1, "x"], "9:7-9:18"),
            (["list", 1, "x", 1], "9:11-9:17"),
            (["list", 1, "y"], "9:23-9:24"),
            (["list", 2], "10:3-11:9"),
            (["q k"], "12:8-12:9"),
            ([], "1:1-12:9"),
        ] as [([any Sendable], String)])
    func ranges(path: [any Sendable], expected: String) {
        var node = parse(Self.ranged).root
        for element in path { node = node?.at(element) }
        #expect(node.map { place($0.range) } == expected)
    }

    @Test("Ranges are the same with CR LF line ends and after a byte order mark")
    func lineEnds() throws {
        let lines = Self.ranged.split(separator: "\n", omittingEmptySubsequences: false)
        let windows = "\u{FEFF}" + lines.joined(separator: "\r\n")
        let document = parse(windows)
        #expect(document.problems.isEmpty)
        let (root, plain) = try (#require(document.root), #require(parse(Self.ranged).root))
        #expect(root.outline == plain.outline)
        #expect(Self.places(root) == Self.places(plain))
    }

    private static func places(_ node: YAMLNode) -> [String] {
        switch node.content {
        case .null, .scalar: [place(node.range)]
        case .sequence(let items): [place(node.range)] + items.flatMap(places)
        case .mapping(let entries):
            [place(node.range)] + entries.flatMap { [place($0.keyRange)] + places($0.value) }
        }
    }

    @Test("Ranges of keys")
    func keyRanges() {
        guard case .mapping(let entries) = parse(Self.ranged).root?.content else {
            Issue.record("no mapping")
            return
        }
        #expect(entries.map(\.key) == ["server", "list", "q k"])
        #expect(entries.map { place($0.keyRange) } == ["1:1-1:7", "7:1-7:5", "12:1-12:6"])
    }

    @Test("An alias repeats a value and has its own range")
    func alias() {
        let document = parse("a: &x {b: 1}\nc: *x\nd: [&y 5, *y]\ne: &x 6\nf: *x\n")
        #expect(document.problems.isEmpty)
        #expect(document.root?.outline == "{a: {b: 1}, c: {b: 1}, d: [5, 5], e: 6, f: 6}")
        #expect(document.root?.at("a").map { place($0.range) } == "1:4-1:13")
        #expect(document.root?.at("c").map { place($0.range) } == "2:4-2:6")
        #expect(document.root?.at("c", "b").map { place($0.range) } == "1:11-1:12")
        #expect(document.root?.at("d", 1).map { place($0.range) } == "3:11-3:13")
    }
}
