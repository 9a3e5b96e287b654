import HTTPTypes

/// The fields that protect who opens an answer. nginx sends the same and hides ours; without nginx these are what protects.
enum SecurityHeaders {
    /// Scripts and styles from this site alone. The hash is the empty text's: it lets a script make the style element
    /// that it fills by the object model. hls.js plays from, and works in, blobs.
    static let contentSecurityPolicy = [
        "default-src 'none'", "script-src 'self'",
        "style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='", "img-src 'self' data:",
        "font-src 'self' data:", "media-src 'self' blob:", "worker-src 'self' blob:", "connect-src 'self'",
        "manifest-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
    ].joined(separator: "; ")

    static let forPages: [HTTPField] = [
        HTTPField(name: .contentSecurityPolicy, value: contentSecurityPolicy),
        HTTPField(name: .xContentTypeOptions, value: "nosniff"),
        HTTPField(name: .referrerPolicy, value: "strict-origin-when-cross-origin"),
        HTTPField(
            name: .permissionsPolicy,
            value: "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=(), usb=()"),
        HTTPField(name: .crossOriginOpenerPolicy, value: "same-origin"),
    ]

    /// For answers that are data and no page: nothing in them may be run or framed, whatever a browser takes them for.
    static let forData: [HTTPField] = [
        HTTPField(name: .contentSecurityPolicy, value: "default-src 'none'; frame-ancestors 'none'"),
        HTTPField(name: .xContentTypeOptions, value: "nosniff"),
    ]

    /// A year, and only once the certificate is one that browsers trust: with a self-signed one it would lock people out.
    static let strictTransportSecurity = HTTPField(name: .strictTransportSecurity, value: "max-age=31536000")
}
