/// The verdicts on an offer so far.
struct SectionVerdicts {
    var list: [SectionVerdict] = []
    var extensions = HeaderExtensionIDs()
    /// The offer has a bundle.
    let isBundled: Bool
    /// The names in the bundle, in its order; the first is the tagged one.
    let bundledMids: [String]
    /// The sections of the bundle, in its order.
    let bundle: [MediaDescription]

    /// Of several bundles the first that media is in: each of them would be a transport of its own.
    init(_ offer: SessionDescription) {
        let groups = offer.attributes.values("group").map(SDPText.words).filter { $0.first == "BUNDLE" }
        var named: [String: MediaDescription] = [:]
        for section in offer.media {
            if let mid = section.mid { named[mid] = section }
        }
        let bundles = groups.map { words in
            // A name that stands there twice counts once.
            var rest = named
            return words.dropFirst().compactMap { rest.removeValue(forKey: $0) }
        }
        let bundle = bundles.first { $0.contains { MediaKind(rawValue: $0.media) != nil } } ?? []
        isBundled = !groups.isEmpty
        self.bundle = bundle
        bundledMids = bundle.compactMap(\.mid)
    }

    /// Those that were accepted, in the order of the offer.
    var media: [MediaAnswer] {
        list.compactMap { if case .accepted(let answer) = $0 { answer } else { nil } }
    }

    /// The same in the order of the bundle: the first one's section is the tagged one, whose transport is used.
    var bundledMedia: [MediaAnswer] {
        let media = media
        return isBundled ? bundledMids.compactMap { mid in media.first { $0.track.mid == mid } } : media
    }

    /// Why the others weren't.
    var refusals: [String] {
        list.compactMap { if case .refused(let words) = $0 { words } else { nil } }
    }

    /// The payload types that are taken.
    var payloadTypes: Set<UInt8> {
        Set(media.flatMap { $0.payloads.flatMap { [$0.offered.type] + ($0.retransmission.map { [$0.type] } ?? []) } })
    }
}
