/// The product's version, the same as of the config format's newest.
public enum PutLiveVersion {
    /// As `--version` prints it.
    public static let text = "3.1.0"
}
