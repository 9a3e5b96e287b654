/// The product's version, the same as of the config format's newest.
enum PutLiveVersion {
    static let text = "3.1.0"
}
