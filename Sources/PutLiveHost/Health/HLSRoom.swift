/// Makes room in the memory file system of HLS once it is nearly full: what no playlist names any more goes, and what isn't
/// HLS at all. Nothing of a stream that is live is touched.
struct HLSRoom {
    /// Where it is mounted; its folder `live` holds playlists and segments.
    let mount: String

    /// From here on the next segments may not fit.
    private static let percentAllowed: Int64 = 90

    func make(on system: any System, _ report: inout StatusReport) {
        guard let space = system.space(at: mount), space.total > 0 else { return }
        let percent = (space.total - space.free) * 100 / space.total
        guard percent > Self.percentAllowed else { return }
        var removed = 0
        do throws(SystemError) {
            for path in try strays(on: system) {
                try system.remove(path)
                removed += 1
            }
        } catch {
            report.notes.append("no room can be made in \(mount): \(error)")
        }
        let words =
            removed == 0
            ? "what is live fills it; raise streaming.hls.tmpfs_max_size"
            : "files that belong to no stream go: \(removed)"
        report.differences.append(
            Difference(kind: .health, subject: mount, detail: "is \(percent) % full; \(words)", cause: .failed))
    }

    private func strays(on system: any System) throws(SystemError) -> [String] {
        var strays: [String] = []
        for name in try system.names(in: mount) where name != "live" {
            if let entry = try system.entry(at: "\(mount)/\(name)"), entry.kind != .folder {
                strays.append("\(mount)/\(name)")
            }
        }
        let folder = mount + "/live"
        // A link in its place leads to files of others.
        guard try system.entry(at: folder)?.kind == .folder else { return strays }
        let names = try system.names(in: folder)
        let playlists = Set(names.filter { $0.hasSuffix(".m3u8") }.map { String($0.dropLast(5)) })
        for name in names where name.hasSuffix(".ts") {
            // <name>_<quality>-<time>-<number>.ts: names of streams may hold dashes, so the last two are cut off.
            let parts = name.split(separator: "-")
            let playlist = parts.dropLast(2).joined(separator: "-")
            if parts.count > 2 && !playlists.contains(playlist) { strays.append("\(folder)/\(name)") }
        }
        return strays
    }
}
