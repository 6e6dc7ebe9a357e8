#include "support/office_fixture.h"

#include "office/login.h"
#include "store/accounts.h"

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <latch>
#include <map>
#include <stdexcept>
#include <utility>

namespace postern::test {

namespace {

using namespace std::chrono_literals;

constexpr unsigned readers = 2; // of the store

constexpr core::WallTime start = std::chrono::sys_days{2026y / 1 / 5} + 10h;

std::unique_ptr<store::Store> open_store(std::filesystem::path const& directory,
                                         std::atomic<std::uint64_t> const& free_space) {
    auto opened = store::Store::open(directory, {.map_size = std::uint64_t{1} << 30,
                                                 .low_water = std::uint64_t{1} << 20,
                                                 .readers = readers,
                                                 .read_only = false,
                                                 .free_space = [&free_space] { return free_space.load(); }});
    if (!opened) throw std::runtime_error("no store to test with: " + opened.error().reason);
    return std::move(*opened);
}

// Hashed once for all tests: only the login is different from office to office.
store::ScramVerifier const& verifier_of(std::string const& login, std::uint32_t iterations) {
    static std::map<std::pair<std::string, std::uint32_t>, store::ScramVerifier> made;
    auto const at = made.find({login, iterations});
    if (at != made.end()) return at->second;
    auto verifier =
        office::make_verifier(core::Secret("secret-" + login), std::string(office::scram_salt_octets, 's'), iterations);
    return made.emplace(std::pair(login, iterations), std::move(verifier.value())).first->second;
}

store::AccountId add_account(store::Store& store, std::string const& login, std::uint32_t iterations,
                             core::WallTime now) {
    return store
        .write_here([&](store::WriteTransaction& transaction) {
            return store::create_account(transaction, login, verifier_of(login, iterations), login == "alice", now);
        })
        .value();
}

} // namespace

OfficeFixture::Directory::Directory() {
    std::filesystem::path const ram = "/dev/shm";
    auto const parent = std::filesystem::is_directory(ram) ? ram : std::filesystem::temp_directory_path();
    std::string made = (parent / "postern-office-XXXXXX").string();
    if (::mkdtemp(made.data()) == nullptr) throw std::runtime_error("cannot make a directory like " + made);
    path = made;
}

OfficeFixture::Directory::~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
}

OfficeFixture::OfficeFixture(std::uint32_t iterations)
    : store_(open_store(directory_.path, free_space_)),
      clock(start),
      office{.domain = "office.lan",
             .host_name = "mail.office.lan",
             .storage = office::Storage(*store_),
             .clock = clock,
             .random = random,
             .settings = std::make_shared<core::Settings const>(),
             .tls = nullptr,
             .throttle = {},
             .logins = office::LoginMemory(random),
             .decoy_key = core::Secret(random.bytes(32)),
             .stop = stop},
      alice(add_account(*store_, "alice", iterations, start)),
      bob(add_account(*store_, "bob", iterations, start)) {}

OfficeFixture::~OfficeFixture() {
    context_.reset();
    store_.reset(); // a reader may look at the clock still, for a session that is gone
}

void OfficeFixture::drain_readers() {
    // All of them meet here, after whatever came before.
    auto const all = std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(readers) + 1);
    for (unsigned i = 0; i < readers; ++i) store().run_on_pool([all] { all->arrive_and_wait(); });
    all->arrive_and_wait();
}

std::expected<void, std::string> OfficeFixture::set(std::string_view name, std::string_view value) {
    auto changed = std::make_shared<core::Settings>(*office.settings);
    if (auto done = changed->set(name, value); !done) return done;
    office.settings = std::move(changed);
    return {};
}

} // namespace postern::test
