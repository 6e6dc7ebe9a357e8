// Random changes by several threads in a new store, whose files the recorder watches; each thread has accounts of its
// own and marks in the log what it knows to be there after each of its commits (record.h).
//
//     crash_commits DIRECTORY LOG COMMITS [SEED]
#include "core/log.h"
#include "record.h"
#include "state.h"
#include "store/accounts.h"
#include "store/aliases.h"
#include "store/bodies.h"
#include "store/delivery.h"
#include "store/mailboxes.h"
#include "store/messages.h"
#include "store/queue.h"

#include <fcntl.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <format>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace postern;
using namespace postern::crash;
using namespace postern::store;

namespace {

constexpr WallTime now{std::chrono::seconds{1'700'000'000}};
constexpr int threads = 3;
constexpr int restarts = 3; // of the store, in between

class Changer {
public:
    Changer(Store& store, std::filesystem::path directory, int log, int number, unsigned seed)
        : store_(store),
          directory_(std::move(directory)),
          log_(log),
          owner_(std::format("t{}", number)),
          login_(owner_ + ".a"),
          random_(seed) {}

    // Makes its account where it is not there yet.
    void prepare() {
        mark();
        auto const known = store_.read_here(
            [&](ReadTransaction const& t) -> Result<std::optional<Account>> { return find_account(t, login_); });
        if (*known)
            account_ = (*known)->id;
        else
            make_account();
    }

    void run(std::atomic<int>& left) {
        while (--left >= 0) step();
    }

private:
    std::size_t pick(std::size_t below) { return random_() % below; }

    // What change made of it; the client knows of it from then on.
    template <typename Change> auto change(Change change) {
        auto result = store_.write_here(change);
        if (!result) throw std::runtime_error(std::string(describe(result.error())));
        mark();
        if constexpr (!std::is_void_v<typename decltype(result)::value_type>) return std::move(*result);
    }

    void mark() { append(log_, {Kind::mark, owner_, 0, read_state(store_, directory_)[owner_]}); }

    void make_account() {
        account_ = change([&](WriteTransaction& t) { return create_account(t, login_, {}, false, now); });
    }

    Mailbox pick_mailbox() {
        auto const mailboxes = store_.read_here(
            [&](ReadTransaction const& t) -> Result<std::vector<Mailbox>> { return list_mailboxes(t, account_); });
        return mailboxes->at(pick(mailboxes->size()));
    }

    UidSet pick_uids(Mailbox const& mailbox) {
        UidSet uids;
        for (std::uint32_t uid = 1; uid < core::number(mailbox.uid_next); ++uid)
            if (pick(3) == 0) uids.add(static_cast<Uid>(uid));
        return uids;
    }

    NewMessage message(std::variant<std::string, BodyId> body, std::size_t size) {
        return {.body = std::move(body),
                .size = size,
                .internal_date = now,
                .envelope = std::string(pick(400), 'e'),
                .structure = std::string(pick(400), 's'),
                .search_texts = std::string(pick(100), 't'),
                .thread_keys = std::string(pick(100), 'k'),
                .signature = std::string(pick(300), 's')};
    }

    std::string body(std::size_t octets) { return std::string(octets, static_cast<char>('a' + pick(26))); }

    SystemFlags flags() { return SystemFlags(static_cast<std::uint8_t>(pick(32))); }

    void step() {
        switch (pick(10)) {
        case 0:
        case 1: return append_whole();
        case 2: return append_in_pieces();
        case 3: return deliver_outside();
        case 4:
        case 5: return flag();
        case 6: return copy_or_move();
        case 7: return expunge_some();
        case 8: return name_mailboxes();
        case 9: return change_alias_or_queue();
        }
    }

    void append_whole() {
        auto const to = pick_mailbox();
        std::string const octets = body(pick(2) == 0 ? pick(300) : pick(40'000));
        auto const keyword = std::format("k{}", pick(8));
        auto const flagged = flags();
        auto const made = message(octets, octets.size());
        change([&](WriteTransaction& t) { return store::append(t, made, {to.id, flagged, {keyword}}, {}, now); });
    }

    // A large message is put down as it arrives; until a message takes it, it is garbage, which nobody sees.
    void append_in_pieces() {
        auto const to = pick_mailbox();
        auto const id = change([](WriteTransaction& t) { return begin_body(t); });
        std::size_t size = 0;
        for (std::size_t i = 0; i <= pick(3); ++i) {
            std::string const octets = body(body_chunk_size + pick(1000));
            change([&](WriteTransaction& t) { return append_body(t, id, octets); });
            size += octets.size();
        }
        if (pick(4) == 0) return change([&](WriteTransaction& t) { return discard_body(t, id); });
        auto const made = message(id, size);
        change([&](WriteTransaction& t) { return store::append(t, made, {to.id, {}, {}}, {}, now); });
    }

    void deliver_outside() {
        Delivery delivery;
        delivery.local = {account_};
        delivery.outside = {{std::format("d{}@far.example", pick(100)), {}}, {"e@far.example", {}}};
        delivery.owner = account_;
        delivery.reverse_path = login_ + "@office.lan";
        std::string const octets = body(pick(5000));
        auto const made = message(octets, octets.size());
        change([&](WriteTransaction& t) { return deliver(t, made, delivery, {}, now); });
    }

    void flag() {
        auto const in = pick_mailbox();
        auto const uids = pick_uids(in);
        FlagChange const wish{static_cast<FlagMode>(pick(3)), flags(), {std::format("k{}", pick(8))}, {}};
        change([&](WriteTransaction& t) { return store_flags(t, in.id, uids, wish); });
    }

    void copy_or_move() {
        auto const from = pick_mailbox();
        auto const to = pick_mailbox();
        auto const uids = pick_uids(from);
        bool const moving = pick(2) == 0;
        change([&](WriteTransaction& t) {
            return moving ? store::move(t, from.id, uids, to.id, {}, now) : copy(t, from.id, uids, to.id, {}, now);
        });
    }

    void expunge_some() {
        auto const in = pick_mailbox();
        auto const uids = pick_uids(in);
        change([&](WriteTransaction& t) {
            store_flags(t, in.id, uids, {FlagMode::add, core::SystemFlag::deleted, {}, {}});
            return expunge(t, in.id, nullptr);
        });
    }

    void name_mailboxes() {
        std::string const name = std::format("box{}", pick(4));
        auto const there = store_.read_here([&](ReadTransaction const& t) -> Result<std::optional<Mailbox>> {
            return find_mailbox(t, account_, name);
        });
        if (!*there)
            change([&](WriteTransaction& t) { return create_mailbox(t, account_, name, "", now); });
        else if (pick(2) == 0)
            change([&](WriteTransaction& t) { return delete_mailbox(t, account_, name); });
        else
            change([&, target = std::format("old{}", random_())](WriteTransaction& t) {
                return rename_mailbox(t, account_, name, target, now);
            });
    }

    void change_alias_or_queue() {
        Alias const alias{owner_ + ".alias@office.lan", {std::format("x{}@far.example", pick(100))}};
        change([&](WriteTransaction& t) -> Result<void> {
            for (QueueItem const& item : list_queue(t, 1'000'000))
                if (item.owner == account_) return remove_queue_item(t, item.id);
            return set_alias(t, alias);
        });
    }

    Store& store_;
    std::filesystem::path directory_;
    int log_;
    std::string owner_;
    std::string login_;
    std::mt19937 random_;
    AccountId account_{};
};

void run(std::filesystem::path const& directory, int log, int commits, unsigned seed) {
    StoreOptions options;
    options.map_size = std::uint64_t{256} << 20;
    options.free_space = [] { return std::uint64_t{1} << 40; };
    for (int round = 0; round < restarts; ++round) {
        auto const opened = Store::open(directory, options);
        if (!opened) throw std::runtime_error(opened.error().reason);
        std::vector<std::unique_ptr<Changer>> changers;
        for (int i = 0; i < threads; ++i) {
            changers.push_back(std::make_unique<Changer>(**opened, directory, log, i, seed++));
            changers.back()->prepare(); // one after the other, so that each can rely on its own commit's syncs alone
        }
        std::atomic<int> left = commits / restarts;
        std::vector<std::jthread> running;
        for (auto const& changer : changers) running.emplace_back([&] { changer->run(left); });
    }
}

} // namespace

int main(int count, char** words) {
    if (count < 4) {
        std::fputs("usage: crash_commits DIRECTORY LOG COMMITS [SEED]\n", stderr);
        return 2;
    }
    core::set_log_level(core::Level::error);
    int const log = ::open(words[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    try {
        run(words[1], log, std::atoi(words[3]), count > 4 ? static_cast<unsigned>(std::atoi(words[4])) : 1);
    } catch (std::exception const& error) {
        std::fprintf(stderr, "crash_commits: %s\n", error.what());
        return 1;
    }
    return 0;
}
