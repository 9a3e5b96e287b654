import COpenSSL

/// What OpenSSL reads from and writes to: a datagram that has just come, and datagrams to send. A memory BIO would lose
/// where one ends and the next begins, and with it OpenSSL's packing of records up to the MTU.
final class DatagramBIO {
    /// Written and not yet taken.
    private(set) var outgoing: [[UInt8]] = []
    /// Being read; valid for the length of one call.
    private var incoming: UnsafeRawBufferPointer?
    /// Enough for two transmissions of the longest flight.
    private static let mostOutgoing = 64

    /// For `SSL_set_bio`, which takes over the reference; this object must outlive it.
    func makeBIO() -> OpaquePointer? {
        guard let method = Self.method?.pointer, let bio = BIO_new(method) else { return nil }
        BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        return bio
    }

    /// Lets OpenSSL read a datagram while `body` runs.
    func reading(_ datagram: UnsafeRawBufferPointer, _ body: () -> Void) {
        incoming = datagram
        body()
        incoming = nil
    }

    func takeOutgoing() -> [[UInt8]] {
        defer { outgoing.removeAll() }
        return outgoing
    }

    private func write(_ datagram: UnsafeRawBufferPointer) {
        // Who doesn't take them loses them, as the network might.
        if outgoing.count < Self.mostOutgoing { outgoing.append(Array(datagram)) }
    }

    /// Nil when nothing is there.
    private func read(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        guard let datagram = incoming else { return nil }
        incoming = nil
        let count = min(buffer.count, datagram.count)
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: datagram[..<count]))
        return count
    }

    /// Made once, read only from then on, and never freed: so any thread may use it, hence @unchecked Sendable.
    private struct Method: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    private static let method: Method? = {
        let type = BIO_get_new_index() | Int32(BIO_TYPE_SOURCE_SINK)
        guard let method = BIO_meth_new(type, "datagrams") else { return nil }
        BIO_meth_set_create(method) { bio in
            BIO_set_init(bio, 1)
            return 1
        }
        BIO_meth_set_write(method) { bio, bytes, count in
            guard let owner = DatagramBIO.owner(of: bio), let bytes, count > 0 else { return -1 }
            owner.write(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
            return count
        }
        BIO_meth_set_read(method) { bio, bytes, count in
            guard let owner = DatagramBIO.owner(of: bio), let bytes, count > 0 else { return -1 }
            BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_IO_SPECIAL | BIO_FLAGS_SHOULD_RETRY)
            if let taken = owner.read(into: UnsafeMutableRawBufferPointer(start: bytes, count: Int(count))) {
                return Int32(taken)
            }
            BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
            return -1
        }
        BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
        return Method(pointer: method)
    }()

    private static func owner(of bio: OpaquePointer?) -> DatagramBIO? {
        BIO_get_data(bio).map { Unmanaged<DatagramBIO>.fromOpaque($0).takeUnretainedValue() }
    }
}
