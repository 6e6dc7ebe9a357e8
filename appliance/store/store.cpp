#include "store/store.h"

#include "core/log.h"
#include "store/file.h"
#include "store/lmdb.h"
#include "store/pages.h"
#include "store/pool.h"
#include "store/registry.h"
#include "store/seal.h"
#include "store/writer.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <format>
#include <limits>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace postern::store {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds slow_reader{1};

// The names in a directory are on flash only once the directory itself is.
void sync_directory(fs::path const& directory) {
    File const file = open_or_throw(directory, O_RDONLY | O_DIRECTORY);
    if (::fsync(file.handle()) != 0) throw std::system_error(errno, std::generic_category(), directory);
}

void make_directory(fs::path const& directory) {
    if (fs::is_directory(directory)) return;
    fs::path const parent = fs::absolute(directory).parent_path();
    make_directory(parent);
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
        throw std::system_error(errno, std::generic_category(), directory);
    sync_directory(parent);
}

// Under another name until it is whole on flash: a power cut leaves a store or none.
void make_store(fs::path const& directory, std::uint64_t map_size) {
    fs::path const unfinished = directory / "store.new";
    fs::remove_all(unfinished);
    make_directory(unfinished);
    {
        Environment const environment(unfinished, map_size, {});
    }
    sync_directory(unfinished);
    fs::rename(unfinished, directory / "store");
}

// Whether the pages hold on which LMDB would build; what does not is logged. Not the headers of bodies' pages, for
// which the disk would have to seek through all of the mail.
bool pages_hold(fs::path const& data_file) {
    constexpr int most_told = 10;
    int complaints = 0;
    PageFile file(data_file);
    file.check(file.metas().front(), false, [&](std::string const& what) {
        if (++complaints <= most_told) core::log(core::Event::store_damaged, {{"what", what}});
    });
    return complaints == 0;
}

std::uint64_t free_space_of(fs::path const& directory) {
    struct statvfs info{};
    if (::statvfs(directory.c_str(), &info) != 0) throw std::system_error(errno, std::generic_category(), directory);
    return std::uint64_t{info.f_bavail} * info.f_frsize;
}

} // namespace

struct Store::Inner {
    Inner(fs::path const& directory, StoreOptions const& options)
        : lock(open_or_throw(directory, O_RDONLY | O_DIRECTORY)) {
        if (::flock(lock.handle(), LOCK_EX | LOCK_NB) != 0)
            throw std::runtime_error("another process has it open: is posternd running?");
        fs::path const inside = directory / "store";
        if (!fs::is_directory(inside)) {
            if (options.read_only) throw std::runtime_error("there is no store");
            make_store(directory, options.map_size);
        }
        // Also where it was there: who renamed it may have been killed before its name was safe.
        if (!options.read_only) sync_directory(directory);
        finish_commit(inside / "data.mdb");
        damaged = !options.read_only && !pages_hold(inside / "data.mdb");
        environment.emplace(
            inside, options.map_size,
            Environment::Use{.read_only = options.read_only || damaged, .keep_schema = options.keep_schema});
        if (!options.read_only && !damaged) {
            auto free_space = options.free_space ? options.free_space : [inside] { return free_space_of(inside); };
            writer.emplace(*environment, pins, watchers, claims, options.low_water, std::move(free_space));
        }
        pool.emplace(options.readers);
    }

    File lock;            // the data directory itself, for as long as the store is open
    bool damaged = false; // and only read
    std::optional<Environment> environment;
    BodyPins pins;
    Watchers watchers;
    RecentClaims claims;
    std::optional<Writer> writer; // none when it is only read
    std::optional<Pool> pool;
};

std::expected<std::unique_ptr<Store>, OpenError> Store::open(std::filesystem::path const& directory,
                                                             StoreOptions options) {
    try {
        if (!options.read_only) make_directory(directory);
        std::unique_ptr<Store> store(new Store(std::make_unique<Inner>(directory, options)));
        core::log(core::Event::store_opened, {{"directory", directory.string()}});
        return store;
    } catch (std::exception const& error) {
        return std::unexpected(
            OpenError{std::format("the store in {} cannot be opened: {}", directory.string(), error.what())});
    }
}

Store::Store(std::unique_ptr<Inner> inner) : inner_(std::move(inner)) {}

Store::~Store() { close(); }

// The last read may still write; what the last write reads then runs on the writer's thread.
void Store::close() {
    inner_->pool->close();
    if (inner_->writer) inner_->writer->close();
}

void Store::submit_write(std::move_only_function<bool(WriteTransaction&)> change,
                         std::move_only_function<void(std::optional<StoreError>)> done) {
    if (!inner_->writer) return done(inner_->damaged ? StoreError::damaged : StoreError::closed);
    inner_->writer->submit({std::move(change), std::move(done)});
}

std::optional<StoreError> Store::with_read_transaction(std::function<void(ReadTransaction const&)> const& look) {
    auto const began = std::chrono::steady_clock::now();
    try {
        Snapshot snapshot(*inner_->environment, true);
        look(ReadTransaction(snapshot));
    } catch (std::exception const& error) {
        auto const* failure = dynamic_cast<Failure const*>(&error);
        auto const reason = failure ? failure->error() : StoreError::failed;
        core::log(reason == StoreError::damaged ? core::Event::store_damaged : core::Event::store_failed,
                  {{"what", error.what()}});
        return reason;
    }
    auto const took = std::chrono::steady_clock::now() - began;
    if (took > slow_reader)
        core::log(core::Event::reader_slow,
                  {{"milliseconds", std::chrono::duration_cast<std::chrono::milliseconds>(took).count()}});
    return std::nullopt;
}

void Store::run_on_pool(std::move_only_function<void()> work) { inner_->pool->submit(std::move(work)); }

BodyPin Store::pin(BodyId body) { return BodyPin(inner_->pins.pin(body)); }

BodyHold Store::hold_bodies() {
    constexpr auto all = std::numeric_limits<std::underlying_type_t<BodyId>>::max();
    auto range = inner_->pins.hold({BodyId{}, BodyId{all}});
    return {range, [pins = &inner_->pins, held = range.get()](BodyId first, BodyId end) {
                return pins->change(*held, first, end);
            }};
}

bool BodyHold::narrow(BodyId first, BodyId end) { return change_(first, end); }

Watch Store::watch(MailboxId mailbox, std::function<void(MailboxMark)> on_change) {
    return Watch(inner_->watchers.mailboxes.add(mailbox, std::move(on_change)));
}

Watch Store::watch(AccountId account, std::function<void(AccountMark const&)> on_change) {
    return Watch(inner_->watchers.accounts.add(account, std::move(on_change)));
}

Watch Store::watch_queue(std::function<void(QueueMark)> on_change) {
    return Watch(inner_->watchers.queue.add({}, std::move(on_change)));
}

Watch Store::watch_stubs(std::function<void(StubsMark const&)> on_change) {
    return Watch(inner_->watchers.stubs.add({}, std::move(on_change)));
}

Uid Store::claim_recent(MailboxId mailbox, Uid recorded, Uid uid_next) {
    return inner_->claims.claim(mailbox, recorded, uid_next);
}

} // namespace postern::store
