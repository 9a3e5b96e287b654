/// The playlist that players open: the renditions of a stream (RFC 8216, section 4.3.4).
public struct MasterPlaylist: Sendable, Equatable {
    /// One rendition.
    public struct Variant: Sendable, Equatable {
        /// Which.
        public var rendition: Rendition
        /// Peak, in bits a second.
        public var bandwidth: Int
        /// Mean, in bits a second; nil if it isn't known.
        public var averageBandwidth: Int?
        /// Of the picture, in pixels; 0 if it isn't known, or if there is none.
        public var width: Int
        /// Of the picture, in pixels.
        public var height: Int
        /// Frames a second; 0 if it isn't known.
        public var frameRate: Double
        /// As RFC 6381 names them; empty if they aren't known.
        public var codecs: [String]

        /// All fields.
        public init(
            rendition: Rendition, bandwidth: Int, averageBandwidth: Int? = nil, width: Int = 0, height: Int = 0,
            frameRate: Double = 0, codecs: [String] = []
        ) {
            self.rendition = rendition
            self.bandwidth = bandwidth
            self.averageBandwidth = averageBandwidth
            self.width = width
            self.height = height
            self.frameRate = frameRate
            self.codecs = codecs
        }
    }

    /// In the order of the file.
    public var variants: [Variant]
    /// Every segment of all of them begins with a keyframe.
    public var hasIndependentSegments: Bool

    /// Players start with the first (section 6.3.1 lets them choose, and most take it), so the default quality leads; the
    /// others follow from the best down.
    public init(_ variants: [Variant], defaultQuality: String, hasIndependentSegments: Bool = true) {
        self.hasIndependentSegments = hasIndependentSegments
        self.variants = variants.sorted { one, other in
            let ranks = [one, other].map { $0.rendition.quality == defaultQuality ? 0 : 1 }
            if ranks[0] != ranks[1] { return ranks[0] < ranks[1] }
            if one.bandwidth != other.bandwidth { return one.bandwidth > other.bandwidth }
            return one.rendition.quality < other.rendition.quality
        }
    }

    /// The file.
    public var text: String {
        var text = "#EXTM3U\n#EXT-X-VERSION:3\n"
        if hasIndependentSegments { text += "#EXT-X-INDEPENDENT-SEGMENTS\n" }
        for variant in variants {
            var attributes = ["BANDWIDTH=\(variant.bandwidth)"]
            if let average = variant.averageBandwidth { attributes.append("AVERAGE-BANDWIDTH=\(average)") }
            if variant.width > 0, variant.height > 0 {
                attributes.append("RESOLUTION=\(variant.width)x\(variant.height)")
            }
            if variant.frameRate > 0 { attributes.append("FRAME-RATE=\(Self.threePlaces(variant.frameRate))") }
            if !variant.codecs.isEmpty { attributes.append("CODECS=\"\(variant.codecs.joined(separator: ","))\"") }
            text += "#EXT-X-STREAM-INF:\(attributes.joined(separator: ","))\n\(variant.rendition.playlistName)\n"
        }
        return text
    }

    private static func threePlaces(_ value: Double) -> String {
        let thousandths = Int((min(value, 1000) * 1000).rounded())
        return "\(thousandths / 1000)." + String(thousandths % 1000 + 1000).dropFirst()
    }
}
