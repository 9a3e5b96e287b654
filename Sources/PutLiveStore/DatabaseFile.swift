import GRDB

/// A database's file that nobody else has open.
enum DatabaseFile {
    /// Throws unless the file is a whole and healthy database of a version that this agent knows.
    static func verify(_ path: String) throws(StoreError) {
        do {
            let queue = try StoreConnection.queue(path: path, readonly: true)
            try queue.read { db in
                let version = try Schema.inspect(db, path: path)
                if version == 0 { throw StoreError.corrupt(path: path, detail: "it is empty") }
                try StoreConnection.checkAll(db, path: path)
            }
            try queue.close()
        } catch {
            throw StoreError(error, path: path)
        }
    }
}
