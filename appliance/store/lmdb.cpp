#include "store/lmdb.h"

#include "store/bodies.h"
#include "store/guard.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <format>
#include <mutex>
#include <utility>

namespace postern::store {

namespace {

// Reader slots: pool threads and callers of read_here hold one each, and only for as long as they read.
constexpr unsigned max_readers = 256;

// Numbers are reserved in meta this many at once, so that a delivery need not touch it; a restart skips the rest.
constexpr std::uint64_t numbers_at_once = 4096;

MDB_val to_val(std::string_view octets) { return {octets.size(), const_cast<char*>(octets.data())}; }

bool means_full(int code) { return code == MDB_MAP_FULL || code == ENOSPC || code == EDQUOT || code == EFBIG; }

// A value that is shorter lies beside its key.
constexpr std::size_t in_one_page = 2048;

// What LMDB finds lies in its map: it must be there when it is looked at, too. For longer values see readable().
template <typename Call> int find(MDB_val& key, MDB_val& value, Call&& call) {
    return guarded([&] {
        int const code = call();
        if (code != MDB_SUCCESS) return code;
        touch(key);
        if (value.mv_size < in_one_page) touch(value);
        return code;
    });
}

std::string_view to_view(MDB_val const& val) { return {static_cast<char const*>(val.mv_data), val.mv_size}; }

// Version and chunk size as this program knows them; written where the store is new, or of an older version whose
// records this one reads and which is not to stay one.
void check_schema(Snapshot const& snapshot, MDB_dbi meta, Environment::Use use) {
    for (auto const& [name, ours] : {std::pair{meta_schema, schema_version}, {meta_chunk_size, body_chunk_size}}) {
        MDB_val key = to_val(name);
        MDB_val value{};
        int const code = find(key, value, [&] { return mdb_get(snapshot.transaction, meta, &key, &value); });
        auto const keep_ours = [&] {
            std::string const octets = u64_key(ours);
            value = to_val(octets);
            check_lmdb(guarded([&] { return mdb_put(snapshot.transaction, meta, &key, &value, 0); }), name);
        };
        if (code == MDB_NOTFOUND && !use.read_only) {
            keep_ours();
            continue;
        }
        check_lmdb(code, name);
        auto const theirs = u64_at(to_view(value), 0).value_or(0);
        if (theirs > ours && name == meta_schema)
            throw Failure(StoreError::failed, std::format("it was written by a newer Postern (schema {}, this one "
                                                          "knows {}): install that version again",
                                                          theirs, ours));
        if (theirs < oldest_schema && theirs > 0 && name == meta_schema)
            throw Failure(StoreError::failed, std::format("it was written by an older Postern (schema {}, this one "
                                                          "knows {}), whose stores this one cannot read",
                                                          theirs, ours));
        if (theirs < ours && name == meta_schema) {
            if (use.read_only)
                throw Failure(StoreError::failed, "it was written by an older Postern: start the daemon once, which "
                                                  "brings it up to date");
            if (!use.keep_schema) keep_ours();
            continue;
        }
        if (theirs != ours) throw Failure(StoreError::damaged, std::format("its {} is {}, not {}", name, theirs, ours));
    }
}

} // namespace

void damaged(std::string what) { throw Failure(StoreError::damaged, std::move(what)); }

void check_lmdb(int code, std::string_view doing) {
    if (code == MDB_SUCCESS) return;
    auto error = StoreError::failed;
    if (means_full(code)) error = StoreError::full;
    if (code == faulted || code == MDB_PAGE_NOTFOUND || code == MDB_INVALID) error = StoreError::damaged;
    throw Failure(error, std::format("{}: {}", doing, code == faulted ? "cannot be read" : mdb_strerror(code)));
}

// A long value, once it is there to be looked at.
static std::string_view readable(std::string_view value) {
    if (value.size() >= in_one_page) check_lmdb(guarded([&] { return touch(to_val(value)), MDB_SUCCESS; }), "a value");
    return value;
}

// Who reads is of interest only while the store is open, yet each read would be written to flash. systemd says where
// there is memory for such things (RUNTIME_DIRECTORY, systemd.exec(5)); without it, and where that memory is no more,
// it is a file.
static void keep_readers_in_memory(std::filesystem::path const& directory) {
    namespace fs = std::filesystem;
    auto const lock = directory / "lock.mdb"; // as LMDB calls it
    std::error_code error;
    auto const there = fs::read_symlink(lock, error);
    bool const leads_nowhere = !error && !fs::exists(there.parent_path(), error);
    char const* const memory = std::getenv("RUNTIME_DIRECTORY"); // NOLINT(concurrency-mt-unsafe): nobody sets it
    struct stat status{};
    if (memory == nullptr || ::stat(directory.c_str(), &status) != 0) {
        if (leads_nowhere) fs::remove(lock, error);
        return;
    }
    auto const wanted = fs::path(memory) / std::format("store-{:x}-{:x}.lock", status.st_dev, status.st_ino);
    if (there == wanted) return;
    fs::remove(lock, error);
    fs::create_symlink(wanted, lock, error);
}

Environment::Environment(std::filesystem::path const& directory, std::uint64_t map_size, Use use)
    : directory_(directory), map_size_(map_size), use_(use) {
    open();
}

Environment::~Environment() {
    if (handle_ && !use_.read_only) (void)mdb_env_sync(handle_, 1); // no need for the seal any more
    close();
}

void Environment::open() {
    check_lmdb(mdb_env_create(&handle_), "mdb_env_create");
    try {
        check_lmdb(mdb_env_set_mapsize(handle_, map_size_), "mdb_env_set_mapsize");
        check_lmdb(mdb_env_set_maxdbs(handle_, table_count), "mdb_env_set_maxdbs");
        check_lmdb(mdb_env_set_maxreaders(handle_, max_readers), "mdb_env_set_maxreaders");
        guard_assertions(handle_);
        keep_readers_in_memory(directory_);
        // No MDB_WRITEMAP: a stray pointer must not corrupt mail. MDB_NOTLS: a read is bound to no thread. MDB_NOSYNC:
        // whoever seals a commit flushes it.
        unsigned const flags = MDB_NOTLS | MDB_NOSYNC | (use_.read_only ? static_cast<unsigned>(MDB_RDONLY) : 0U);
        check_lmdb(guarded([&] { return mdb_env_open(handle_, directory_.c_str(), flags, 0600); }), "mdb_env_open");
        int dead = 0;
        check_lmdb(mdb_reader_check(handle_, &dead), "mdb_reader_check"); // slots of a process that was killed
        MDB_stat stat{};
        check_lmdb(mdb_env_stat(handle_, &stat), "mdb_env_stat");
        page_size_ = stat.ms_psize;
        if (!use_.read_only) sealing_ = std::make_unique<Sealing>(page_size_);
        open_databases();
        MDB_envinfo info{};
        check_lmdb(mdb_env_info(handle_, &info), "mdb_env_info");
        sums_.begin(info.me_last_txnid);
    } catch (...) {
        close();
        throw;
    }
}

void Environment::close() {
    if (handle_) mdb_env_close(std::exchange(handle_, nullptr));
}

void Environment::reopen() {
    std::unique_lock const alone(readers_);
    close();
    open();
    check_lmdb(mdb_env_sync(handle_, 1), "mdb_env_sync");
}

bool Environment::can_grow() const {
    struct stat status{};
    if (!handle_ || ::fstat(file(), &status) != 0) return true;
    std::string const page(page_size_, '\0');
    auto const written = ::pwrite(file(), page.data(), page.size(), status.st_size);
    return written < 0 ? !means_full(errno) : std::cmp_equal(written, page.size());
}

void Environment::open_databases() {
    Snapshot snapshot(*this, use_.read_only);
    auto const open_table = [&](Table table) {
        std::string const name(table_name(table));
        auto const flags = use_.read_only ? 0U : static_cast<unsigned>(MDB_CREATE);
        MDB_dbi& opened = databases_[static_cast<std::size_t>(table)];
        check_lmdb(guarded([&] { return mdb_dbi_open(snapshot.transaction, name.c_str(), flags, &opened); }), name);
    };
    open_table(Table::meta);
    check_schema(snapshot, database(Table::meta), use_);
    for (std::size_t i = 0; i < table_count; ++i) open_table(static_cast<Table>(i));
    snapshot.commit();
}

int Environment::file() const {
    int file = -1;
    check_lmdb(mdb_env_get_fd(handle_, &file), "mdb_env_get_fd");
    return file;
}

Environment::Extent Environment::extent() const {
    MDB_envinfo info{};
    check_lmdb(mdb_env_info(handle_, &info), "mdb_env_info");
    struct stat status{};
    if (::fstat(file(), &status) != 0) check_lmdb(errno, "fstat");
    return {(info.me_last_pgno + 1) * page_size_, static_cast<std::uint64_t>(status.st_size), info.me_mapsize};
}

std::uint64_t Environment::room(std::uint64_t free_space, std::uint64_t enough) const {
    auto const [used, size, limit] = extent();
    std::uint64_t const ahead = size - std::min(size, used); // of the file, and used by nobody yet
    std::uint64_t room = std::min(free_space + ahead, limit - std::min(limit, used));
    if (room >= enough) return room;

    // LMDB keeps unused pages in its database 0: each value is a list of page numbers, led by its length.
    Snapshot snapshot(*this, true);
    MDB_cursor* cursor = nullptr;
    check_lmdb(guarded([&] { return mdb_cursor_open(snapshot.transaction, 0, &cursor); }), "mdb_cursor_open");
    MDB_val key{};
    MDB_val value{};
    auto const next = [&] { return mdb_cursor_get(cursor, &key, &value, MDB_NEXT); };
    while (room < enough && find(key, value, next) == MDB_SUCCESS) {
        std::size_t pages = 0;
        if (value.mv_size >= sizeof pages) std::memcpy(&pages, value.mv_data, sizeof pages);
        room += pages * page_size_;
    }
    mdb_cursor_close(cursor);
    return room;
}

Snapshot::Snapshot(Environment const& in, bool read_only)
    : environment(in), lock(read_only ? std::shared_lock(in.readers()) : std::shared_lock<std::shared_mutex>()) {
    if (!in.handle()) throw Failure(StoreError::failed, "the store's files could not be opened again");
    unsigned const flags = read_only ? static_cast<unsigned>(MDB_RDONLY) : 0U;
    check_lmdb(guarded([&] { return mdb_txn_begin(in.handle(), nullptr, flags, &transaction); }), "mdb_txn_begin");
    if (read_only) return;
    sealing = &environment.sealing();
    sealing->begin();
}

Snapshot::~Snapshot() { abort(); }

void Snapshot::commit() {
    if (sealing) sealing->begin_commit();
    auto const number = mdb_txn_id(transaction);
    int const code = guarded([&] { return mdb_txn_commit(transaction); });
    if (code != faulted) transaction = nullptr; // LMDB's own failures end it
    abort();
    check_lmdb(code, "mdb_txn_commit");
    environment.sums().commit(number, usage);
}

std::optional<Usage>& Snapshot::usage_of(AccountId account) {
    auto const [at, is_first] = usage.try_emplace(account);
    if (is_first) at->second = environment.sums().of(account);
    return at->second;
}

void Snapshot::abort() {
    if (transaction) mdb_txn_abort(std::exchange(transaction, nullptr));
    if (sealing) std::exchange(sealing, nullptr)->end();
}

std::optional<std::string_view> get(ReadTransaction const& transaction, Table table, std::string_view key) {
    Snapshot const& snapshot = transaction.snapshot();
    MDB_val at = to_val(key);
    MDB_val value{};
    int const code = find(
        at, value, [&] { return mdb_get(snapshot.transaction, snapshot.environment.database(table), &at, &value); });
    if (code == MDB_NOTFOUND) return std::nullopt;
    check_lmdb(code, table_name(table));
    return readable(to_view(value));
}

void put(WriteTransaction& transaction, Table table, std::string_view key, std::string_view value) {
    Snapshot const& snapshot = transaction.snapshot();
    // Of a store that an earlier version may get back (version.h).
    if (came_with(table) > oldest_schema && came_with(table) > get_number(transaction, meta_schema))
        throw Failure(StoreError::failed, std::format("nothing is put into the table {}, which the version before does "
                                                      "not know, until this one is kept (postern box keep)",
                                                      table_name(table)));
    ++transaction.pending().puts;
    MDB_val at = to_val(key);
    MDB_val what = to_val(value);
    check_lmdb(
        guarded([&] { return mdb_put(snapshot.transaction, snapshot.environment.database(table), &at, &what, 0); }),
        table_name(table));
}

bool erase(WriteTransaction& transaction, Table table, std::string_view key) {
    Snapshot const& snapshot = transaction.snapshot();
    MDB_val at = to_val(key);
    int const code =
        guarded([&] { return mdb_del(snapshot.transaction, snapshot.environment.database(table), &at, nullptr); });
    if (code == MDB_NOTFOUND) return false;
    check_lmdb(code, table_name(table));
    ++transaction.pending().puts;
    return true;
}

std::uint64_t count_rows(ReadTransaction const& transaction, Table table) {
    Snapshot const& snapshot = transaction.snapshot();
    MDB_stat stat{};
    check_lmdb(guarded([&] { return mdb_stat(snapshot.transaction, snapshot.environment.database(table), &stat); }),
               table_name(table));
    return stat.ms_entries;
}

std::uint64_t get_number(ReadTransaction const& transaction, std::string_view name) {
    auto const value = get(transaction, Table::meta, name);
    if (!value) return 0;
    auto const number = u64_at(*value, 0);
    if (!number) damaged(std::format("meta: {}", name));
    return *number;
}

void put_number(WriteTransaction& transaction, std::string_view name, std::uint64_t number) {
    put(transaction, Table::meta, name, u64_key(number));
}

std::uint64_t take_number(WriteTransaction& transaction) {
    std::uint64_t& next = transaction.pending().next_number;
    std::uint64_t const limit = get_number(transaction, meta_number_limit);
    if (next == 0) next = std::max<std::uint64_t>(limit, 1); // the first since the store was opened
    if (next >= limit) put_number(transaction, meta_number_limit, next + numbers_at_once);
    return next++;
}

bool take_room(WriteTransaction& transaction, std::uint64_t octets) {
    std::uint64_t& room = transaction.pending().room;
    if (octets > room || room == 0) {
        transaction.pending().refused = true;
        return false;
    }
    room -= octets;
    return true;
}

Cursor::Cursor(ReadTransaction const& transaction, Table table) {
    Snapshot const& snapshot = transaction.snapshot();
    MDB_dbi const database = snapshot.environment.database(table);
    check_lmdb(guarded([&] { return mdb_cursor_open(snapshot.transaction, database, &handle_); }), table_name(table));
}

bool Cursor::seek(std::string_view key) {
    return key.empty() ? move(MDB_FIRST) : move(MDB_SET_RANGE, key); // LMDB knows no empty key
}

bool Cursor::move(MDB_cursor_op operation, std::string_view from) {
    MDB_val at = to_val(from);
    MDB_val value{};
    int const code = find(at, value, [&] { return mdb_cursor_get(handle_, &at, &value, operation); });
    if (code == MDB_NOTFOUND) return false;
    check_lmdb(code, "a row");
    key_ = to_view(at);
    value_ = to_view(value);
    return true;
}

bool Cursor::next_key() {
    MDB_val at{};
    MDB_val nothing{};
    int const code = find(at, nothing, [&] { return mdb_cursor_get(handle_, &at, nullptr, MDB_NEXT); });
    if (code == MDB_NOTFOUND) return false;
    check_lmdb(code, "a row");
    key_ = to_view(at);
    value_ = {};
    return true;
}

std::string_view Cursor::value() const { return readable(value_); }

void erase_rows(WriteTransaction& transaction, Table table, std::string_view prefix) {
    Cursor cursor(transaction, table);
    while (cursor.seek(prefix) && cursor.key().starts_with(prefix)) {
        std::string const key(cursor.key());
        erase(transaction, table, key);
    }
}

} // namespace postern::store
