// What an operation of the store works on: a snapshot to read, or the one open change.
// A transaction lives inside one call of Store::read or Store::write, on that thread, and is never kept.
#pragma once

namespace postern::store {

struct Snapshot; // store/lmdb.h: what LMDB calls a transaction; only the store's own sources look inside
struct Pending;  // store/lmdb.h: what a change does besides its puts, applied once it is committed

class ReadTransaction {
public:
    explicit ReadTransaction(Snapshot& snapshot) : snapshot_(snapshot) {}
    ReadTransaction(ReadTransaction const&) = delete;
    ReadTransaction& operator=(ReadTransaction const&) = delete;

    [[nodiscard]] Snapshot& snapshot() const { return snapshot_; }

private:
    Snapshot& snapshot_;
};

// Reads what was put in it before.
class WriteTransaction : public ReadTransaction {
public:
    WriteTransaction(Snapshot& snapshot, Pending& pending) : ReadTransaction(snapshot), pending_(pending) {}

    [[nodiscard]] Pending& pending() const { return pending_; }

private:
    Pending& pending_;
};

} // namespace postern::store
