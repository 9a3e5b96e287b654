/// A file in the folder of HLS.
struct HLSFile: Sendable, Equatable {
    var name: String
    var kind: HLSFileName
    var size: Int64
    var modified: UnixMilliseconds
}

/// What the folder holds now.
struct HLSListing: Sendable, Equatable {
    var files: [HLSFile] = []
    /// The renditions' playlists that could be read.
    var playlists: [Rendition: MediaPlaylist] = [:]
}

/// What is to be done to the folder, and what was seen in it.
struct DeliveryPlan: Sendable, Equatable {
    /// File names and their new texts.
    var writes: [Write] = []
    /// File names, in this order: what names comes before what is named.
    var removals: [String] = []
    /// Segments that are to be looked into.
    var probes: [Probe] = []
    /// The streams that are delivered.
    var streams: [StreamName: DeliveredStream] = [:]
    /// The last segment of each rendition that is delivered.
    var lastSegments: [Rendition: LastSegment] = [:]
    /// Segments that weren't there the last time, by quality.
    var newSegments: [String: Int] = [:]

    struct Write: Sendable, Equatable {
        var name: String
        var text: String
    }

    struct Probe: Sendable, Equatable {
        var rendition: Rendition
        var segment: String
        var seconds: Double
        var bytes: Int64
    }

    struct LastSegment: Sendable, Equatable {
        var seconds: Double
        var bytes: Int64
        var modified: UnixMilliseconds
    }
}
