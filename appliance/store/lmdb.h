// LMDB, as far as the store uses it: the environment and its tables, transactions, cursors; errors are thrown as
// Failure. For the store's own sources and tests; nothing above the store includes it.
#pragma once

#include "store/error.h"
#include "store/records.h"
#include "store/registry.h"
#include "store/schema.h"
#include "store/seal.h"
#include "store/transaction.h"

#include <lmdb.h>

#include <array>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>

namespace postern::store {

// Thrown where LMDB or a record fails; ends the transaction, is logged, and becomes a StoreError at its edge.
class Failure : public std::exception {
public:
    Failure(StoreError error, std::string what) : error_(error), what_(std::move(what)) {}
    [[nodiscard]] StoreError error() const { return error_; }
    [[nodiscard]] char const* what() const noexcept override { return what_.c_str(); }

private:
    StoreError error_;
    std::string what_;
};

// A record that does not decode, or that another record promised and that is not there.
[[noreturn]] void damaged(std::string what);

// Throws what an LMDB return code other than MDB_SUCCESS means; `doing` for the log.
void check_lmdb(int code, std::string_view doing);

// The open files. Every database is opened once, when the environment is.
class Environment {
public:
    // Makes what is not there, unless read_only. Throws Failure, for a newer schema too: then nothing was changed.
    struct Use {
        bool read_only = false;
        bool keep_schema = false; // StoreOptions
    };
    Environment(std::filesystem::path const& directory, std::uint64_t map_size, Use use);
    ~Environment();
    Environment(Environment const&) = delete;
    Environment& operator=(Environment const&) = delete;

    // After a change that failed, by the thread that made it. LMDB refuses everything once its meta page could not be
    // written, and what it puts back in the page's place has to be on flash before another change may use the same
    // pages; so the files are opened anew, once nobody reads. Throws Failure: nothing works until a later call does.
    void reopen();

    // Whether the disk takes another page. LMDB reports a write that was cut short as EIO, and so are most disks full.
    // Between transactions of the same thread.
    [[nodiscard]] bool can_grow() const;

    [[nodiscard]] std::filesystem::path data_file() const { return directory_ / "data.mdb"; }
    [[nodiscard]] MDB_env* handle() const { return handle_; }             // null: reopen() failed
    [[nodiscard]] Sealing& sealing() const { return *sealing_; }          // of who may write
    [[nodiscard]] std::shared_mutex& readers() const { return readers_; } // held shared by each of them
    [[nodiscard]] UsageSums& sums() const { return sums_; }
    [[nodiscard]] MDB_dbi database(Table table) const { return databases_[static_cast<std::size_t>(table)]; }

    // Of the data file, in octets: up to its last page that was ever used, as it lies there, as far as the map goes.
    struct Extent {
        std::uint64_t used, size, limit;
    };
    [[nodiscard]] Extent extent() const;
    [[nodiscard]] int file() const; // the data file's descriptor, still LMDB's
    [[nodiscard]] std::uint64_t page_size() const { return page_size_; }

    // Octets that can still be put: unused pages, and what map and file system leave for the file to grow. Counts
    // unused pages only as far as `enough`, since all of them can be many. Only without an open write transaction of
    // the same thread.
    [[nodiscard]] std::uint64_t room(std::uint64_t free_space, std::uint64_t enough) const;

private:
    void open();
    void open_databases();
    void close();

    std::filesystem::path const directory_;
    std::uint64_t const map_size_;
    Use const use_;
    mutable std::shared_mutex readers_;
    mutable UsageSums sums_;
    MDB_env* handle_ = nullptr;
    std::uint64_t page_size_ = 0;
    std::unique_ptr<Sealing> sealing_; // none where it is only read
    std::array<MDB_dbi, table_count> databases_{};
};

// One transaction of LMDB; ends with it, on the thread where it began if it writes.
struct Snapshot {
    Snapshot(Environment const& in, bool read_only);
    ~Snapshot();
    Snapshot(Snapshot const&) = delete;
    Snapshot& operator=(Snapshot const&) = delete;

    void commit();
    void abort();

    // Of one that writes: what the account holds after all that was put so far; nothing where it was not summed yet.
    std::optional<Usage>& usage_of(AccountId account);

    Environment const& environment;
    std::shared_lock<std::shared_mutex> lock; // of one that reads: the environment stays open
    MDB_txn* transaction = nullptr;
    Sealing* sealing = nullptr;                        // of one that writes
    std::map<AccountId, std::optional<Usage>> usage{}; // of one that writes: of accounts that it changed or asked for
};

// What a change does besides its puts. The writer applies it after the commit and forgets it when there is none.
struct Pending {
    std::uint64_t& next_number; // of messages and queue items; never goes back, so an aborted change leaves a gap
    std::uint64_t room;         // octets that may be added before the low-water mark
    std::function<Uid(MailboxId)> const& claimed_recent; // Store::claim_recent's memory
    std::uint64_t puts = 0;                              // puts and erasures
    std::map<MailboxId, MailboxMark> touched{};          // whose watchers are to be called
    std::map<AccountId, AccountMark> touched_accounts{}; // likewise
    QueueMark queue{};                                   // whose watchers are to be called
    StubsMark stubs{};                                   // likewise
    bool garbage = false;                                // a body lost its message
    bool refused = false;                                // something was not added, for the low-water mark
};

// What lies there, valid until the next put of this transaction.
[[nodiscard]] std::optional<std::string_view> get(ReadTransaction const& transaction, Table table,
                                                  std::string_view key);
void put(WriteTransaction& transaction, Table table, std::string_view key, std::string_view value);
bool erase(WriteTransaction& transaction, Table table, std::string_view key); // whether it was there
[[nodiscard]] std::uint64_t count_rows(ReadTransaction const& transaction, Table table);

// Rows of `meta` that are numbers; 0 where there is none.
[[nodiscard]] std::uint64_t get_number(ReadTransaction const& transaction, std::string_view name);
void put_number(WriteTransaction& transaction, std::string_view name, std::uint64_t number);

// A number for a message or a queue item that no other ever had or will have.
[[nodiscard]] std::uint64_t take_number(WriteTransaction& transaction);

// Sets `octets` aside for what is about to be added; false when the low-water mark is reached.
[[nodiscard]] bool take_room(WriteTransaction& transaction, std::uint64_t octets);

// A place in a table. Key and value are valid until the next put of this transaction.
class Cursor {
public:
    Cursor(ReadTransaction const& transaction, Table table);
    ~Cursor() { mdb_cursor_close(handle_); }
    Cursor(Cursor const&) = delete;
    Cursor& operator=(Cursor const&) = delete;

    // To the first key at or after `key`. Each returns whether there is a row.
    bool seek(std::string_view key);
    bool next() { return move(MDB_NEXT); }
    bool previous() { return move(MDB_PREV); }
    bool last() { return move(MDB_LAST); }
    // The same as next() without a look at the value, which may lie elsewhere: until it is read, value() is empty.
    bool next_key();
    void read_value() { move(MDB_GET_CURRENT); }

    [[nodiscard]] std::string_view key() const { return key_; }
    [[nodiscard]] std::string_view value() const; // throws Failure where the disk does not give it; next() goes on

private:
    bool move(MDB_cursor_op operation, std::string_view from = "");

    MDB_cursor* handle_ = nullptr;
    std::string_view key_;
    std::string_view value_;
};

// Calls visit(key, value) for each row whose key begins with `prefix`, in order, while it returns true.
template <typename Visit>
void for_each_row(ReadTransaction const& transaction, Table table, std::string_view prefix, Visit&& visit) {
    Cursor cursor(transaction, table);
    for (bool there = cursor.seek(prefix); there && cursor.key().starts_with(prefix); there = cursor.next())
        if (!visit(cursor.key(), cursor.value())) return;
}

// Erases every row whose key begins with `prefix`.
void erase_rows(WriteTransaction& transaction, Table table, std::string_view prefix);

} // namespace postern::store
