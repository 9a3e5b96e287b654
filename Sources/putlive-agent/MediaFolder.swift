#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A folder that media is written to: a laptop's is made here; on a host its units have made it.
struct MediaFolder {
    let path: String
    /// What is in it, for people.
    let content: String
    /// The key of the config that names it.
    let key: String

    /// Of playlists and segments; `hlsFolder` holds `live/`.
    static func live(in hlsFolder: String) -> MediaFolder {
        MediaFolder(path: hlsFolder + "/live", content: "HLS", key: "streaming.hls.tmpfs_path")
    }

    /// Of browsers' recordings.
    static func recordings(_ path: String) -> MediaFolder {
        MediaFolder(path: path, content: "recordings", key: "streaming.recording_path")
    }

    func make() throws {
        guard !FileManager.default.fileExists(atPath: path) else { return }
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw CommandFailure(
                "the folder of \(content), \(path), can't be made: \(error)",
                remedy: "make it so that this user can write to it, or choose another \(key)")
        }
    }
}
