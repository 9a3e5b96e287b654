import PutLiveLive
import PutLiveStore

/// A stream key in the place of a login's token, not checked yet: `<signed>`, or what people have copied for OBS's RTMP
/// and paste as it is, `<name>?key=<signed>`.
struct BearerKey: Sendable, Equatable {
    /// The signed text.
    let signed: String
    /// The stream that is named before it, if one is.
    let stream: StreamName?

    /// Nil for what hasn't the form of a stream key: no JSON Web Token has.
    init?(_ text: some StringProtocol) {
        let name = text.prefix { $0 != "?" }
        guard name.endIndex < text.endIndex else {
            signed = String(text)
            stream = nil
            guard StreamKeySigner.Signed(signed) != nil else { return nil }
            return
        }
        guard let key = PublishToken(query: text[name.endIndex...])?.key, StreamKeySigner.Signed(key) != nil,
            name.isEmpty || StreamName(name) != nil
        else { return nil }
        signed = key
        stream = StreamName(name)
    }

    /// Whether it may be meant for a stream: it names no other one.
    func mayBe(for stream: StreamName) -> Bool { self.stream == nil || self.stream == stream }
}
