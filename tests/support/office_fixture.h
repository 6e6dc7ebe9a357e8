// An office for tests: a real store in a directory of its own in memory, the accounts alice ("secret-alice", the
// administrator) and bob ("secret-bob") of office.lan, chance that is the same each time, and a clock that stands at
// Monday, 5 January 2026, 10:00 UTC. Sessions run on `io`, which the test runs by hand.
#pragma once

#include "core/clock.h"
#include "core/random.h"
#include "net/event.h"
#include "net/memory_budget.h"
#include "office/office.h"
#include "store/store.h"

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

namespace postern::test {

class OfficeFixture {
    // First made, last gone: what the office lives on.
    struct Directory {
        Directory();
        ~Directory();
        std::filesystem::path path;
    } directory_;
    std::atomic<std::uint64_t> free_space_{std::uint64_t{1} << 40};
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<boost::asio::io_context> context_ = std::make_unique<boost::asio::io_context>(1);

public:
    core::ManualClock clock;
    core::SeededRandom random{1};
    boost::asio::io_context& io{*context_};
    net::Event stop{io.get_executor()};
    net::MemoryBudget memory{std::numeric_limits<std::size_t>::max()}; // that all clients share
    office::Office office;
    store::AccountId alice{};
    store::AccountId bob{};

    // `iterations`: of each password's verifier (RFC 5802 §5.1). With few a login takes no time.
    explicit OfficeFixture(std::uint32_t iterations = 4096);
    ~OfficeFixture(); // sessions that still wait are destroyed

    [[nodiscard]] store::Store& store() { return *store_; }
    [[nodiscard]] std::filesystem::path const& directory() const { return directory_.path; }

    // Returns once the store's readers have done what they were given until now.
    void drain_readers();
    // Octets that the store finds free on the disk from now on.
    void set_free_space(std::uint64_t octets) { free_space_ = octets; }
    // For sessions that begin from now on.
    std::expected<void, std::string> set(std::string_view name, std::string_view value);
};

} // namespace postern::test
