import Testing
import YAML

@Suite("Bytes that are no text")
struct EncodingTests {
    @Test(
        "Invalid UTF-8 is found at its first byte",
        arguments: [
            ([0xFF], 0), ([0x80], 0), ([0xC0, 0x80], 0), ([0xC1, 0xBF], 0), ([0xC3], 0), ([0xC3, 0x28], 0),
            ([0xE0, 0x80, 0x80], 0), ([0xE2, 0x82], 0), ([0xE2, 0x28, 0xA1], 0), ([0xED, 0xA0, 0x80], 0),
            ([0xF0, 0x80, 0x80, 0x80], 0), ([0xF0, 0x9F, 0x98], 0), ([0xF4, 0x90, 0x80, 0x80], 0),
            ([0xF5, 0x80, 0x80, 0x80], 0), ([0xFE], 0), ([0xC3, 0xA9, 0xE9], 1), ([0xF0, 0x9F, 0x98, 0x80, 0xE9], 1),
        ] as [([UInt8], Int)])
    func invalid(bytes: [UInt8], columns: Int) {
        let document = YAML.parse(Array("a: 1\nb: é".utf8) + bytes + Array("\n".utf8))
        #expect(document.root == nil)
        let offset = columns == 0 ? 11 : 11 + bytes.count - 1
        #expect(
            summary(document) == [
                "2:\(5 + columns)-2:\(6 + columns) : byte \(offset) of the file is not valid UTF-8"
            ])
    }

    @Test("Characters of every length", arguments: ["é", "߿", "ࠀ", "€", "퟿", "\u{E000}", "�", "😀", "\u{10FFFF}"])
    func valid(text: String) {
        let document = parse("a: \(text) # \(text)\n\(text): \"\(text)\"\n")
        #expect(document.problems.isEmpty)
        #expect(document.root?.at("a")?.outline == text)
        #expect(document.root?.at(text).map { place($0.range) } == "2:4-2:7")
    }

    @Test(
        "UTF-16 and UTF-32",
        arguments: [
            [0xFF, 0xFE, 0x61, 0x00], [0xFE, 0xFF, 0x00, 0x61], [0x61, 0x00, 0x3A, 0x00], [0x00, 0x61, 0x00, 0x3A],
            [0xFF, 0xFE, 0x00, 0x00, 0x61, 0x00, 0x00, 0x00], [0x00, 0x00, 0xFE, 0xFF], [0x61, 0x00, 0x00, 0x00],
        ] as [[UInt8]])
    func wide(bytes: [UInt8]) {
        #expect(
            summary(YAML.parse(bytes)) == [
                "1:1-1:1 : the file is not in UTF-8 but seems to be in UTF-16 or UTF-32"
            ])
    }

    @Test(
        "Control characters",
        arguments: [
            ("\u{0}", "the control character NUL (U+0000) is not allowed"),
            ("\u{1}", "the control character U+0001 is not allowed"),
            ("\u{B}", "the control character U+000B is not allowed"),
            ("\u{1B}", "the control character U+001B is not allowed"),
            ("\u{7F}", "the control character U+007F is not allowed"),
            ("\u{9B}", "the control character U+009B is not allowed"),
            ("\u{FFFE}", "the control character U+FFFE is not allowed"),
            ("\u{FFFF}", "the control character U+FFFF is not allowed"),
            ("\r", "there is a carriage return that does not end a line"),
            ("\u{85}", "there is an invisible line separator (U+0085) in the file"),
            ("\u{2028}", "there is an invisible line separator (U+2028) in the file"),
            ("\u{2029}", "there is an invisible line separator (U+2029) in the file"),
            ("\u{FEFF}", "there is a byte order mark (U+FEFF) inside the file"),
        ])
    func controls(character: String, message: String) {
        for text in ["a: é\r\nb: 'x\(character)y'\r\n", "a: 1\n# 34\(character)5\nb: 1\n"] {
            let document = parse(text)
            #expect(document.root == nil)
            let column = text.hasPrefix("a: é") ? 6 : 5
            #expect(summary(document) == ["2:\(column)-2:\(column + 1) : \(message)"])
        }
    }

    @Test("A byte order mark takes no column")
    func byteOrderMark() {
        let document = parse("\u{FEFF}a: 1\na: 2\n")
        #expect(document.root?.at("a").map { place($0.range) } == "1:4-1:5")
        #expect(summary(document) == ["2:1-2:2 a: is already set on line 1"])
        #expect(summary(parse("\u{FEFF}a: 'x\n")) == ["1:4-1:5 a: the quote that opens here is never closed"])
    }

    @Test("Directives", arguments: ["%YAML 1.2\n---\na: 1\n", "%", "%TAG ! tag:x,2000:\n---\na: 1\n"])
    func directives(text: String) {
        #expect(
            summary(parse(text)) == [
                "1:1-1:2 : a line must not start with '%': YAML directives are not supported"
            ])
    }
}
