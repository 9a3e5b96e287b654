#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The folder of playlists and segments: a laptop's is made here; a host's is a memory file system that its units mount.
struct HLSFolder {
    /// The folder that holds `live/`.
    let path: String

    func make() throws {
        let live = path + "/live"
        guard !FileManager.default.fileExists(atPath: live) else { return }
        do {
            try FileManager.default.createDirectory(atPath: live, withIntermediateDirectories: true)
        } catch {
            throw CommandFailure(
                "the folder of HLS, \(live), can't be made: \(error)",
                remedy: "make it so that this user can write to it, or choose another streaming.hls.tmpfs_path")
        }
    }
}
