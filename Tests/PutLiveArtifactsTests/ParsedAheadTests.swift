import Foundation
import Testing

@testable import PutLiveArtifacts

/// What is parsed ahead serves one render, and only the one that it was parsed for.
@Suite struct ParsedAheadTests {
    private let folder: TemporaryFolder
    private let share: ShareFolder
    private let artifact: Artifact

    init() throws {
        folder = try TemporaryFolder()
        share = ShareFolder(path: folder.path)
        artifact = try #require(Catalog.artifacts.first { TemplateRenderer.isParsed($0.template) })
        let file = "\(folder.path)/\(artifact.template)"
        try FileManager.default.createDirectory(
            atPath: String(file[..<#require(file.lastIndex(of: "/"))]), withIntermediateDirectories: true)
        try "{{%CONTENT_TYPE: \(artifact.format.rawValue)}}\ntext\n"
            .write(toFile: file, atomically: true, encoding: .utf8)
    }

    private func take(_ ahead: ParsedAhead, format: Format? = nil, from share: ShareFolder? = nil) -> ParsedTemplate? {
        ahead.take(artifact.template, format: format ?? artifact.format, of: share ?? self.share)
    }

    @Test func isTakenOnce() {
        let ahead = ParsedAhead()
        ahead.parse([artifact], of: share)
        #expect(take(ahead) != nil)
        #expect(take(ahead) == nil)
    }

    @Test func isForItsFolderAndFormatAlone() throws {
        let ahead = ParsedAhead()
        ahead.parse([artifact], of: share)
        let other = try #require(Format.allCases.first { $0 != artifact.format })
        #expect(take(ahead, format: other) == nil)
        #expect(take(ahead, from: ShareFolder(path: "/nonexistent")) == nil)
        #expect(take(ahead) != nil)
    }

    @Test func whatCannotBeParsedIsLeftToItsRender() throws {
        let ahead = ParsedAhead()
        try "{{#open}}\n".write(toFile: "\(folder.path)/\(artifact.template)", atomically: true, encoding: .utf8)
        ahead.parse(Catalog.artifacts, of: share)
        #expect(take(ahead) == nil)
    }

    @Test func nothingIsParsedOnceRenderingBegan() {
        let ahead = ParsedAhead()
        ahead.end()
        ahead.parse([artifact], of: share)
        #expect(take(ahead) == nil)
    }
}
