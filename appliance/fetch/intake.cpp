#include "fetch/intake.h"

#include "core/crypto.h"
#include "core/log.h"
#include "fetch/stub.h"
#include "store/fetches.h"
#include "store/stubs.h"

#include <algorithm>
#include <format>

namespace postern::fetch {

Intake::Intake(office::Office& office, net::MemoryBudget const& budget, asio::any_io_executor executor,
               store::FetchSource its_source)
    : source(std::move(its_source)), gone(std::move(executor)), office_(office), budget_(budget) {}

Failure Intake::failure_of(store::StoreError error) {
    return {Trouble::store, std::format("the store takes nothing: {}", store::describe(error))};
}

asio::awaitable<std::optional<Failure>> Intake::load() {
    if (loaded_) co_return std::nullopt;
    struct Loaded {
        std::vector<store::Fetched> taken;
        std::optional<store::FetchedMailbox> mailbox;
        std::vector<store::Stub> stubs;
    };
    outdated_ = false;
    auto loaded = co_await office_.storage.read(
        [name = source.name](store::ReadTransaction const& transaction) -> store::Result<Loaded> {
            return Loaded{store::list_fetched(transaction, name), store::get_fetched_mailbox(transaction, name),
                          store::list_stubs(transaction, name)};
        });
    if (!loaded) co_return failure_of(loaded.error());
    taken_.clear();
    for (store::Fetched& fetched : loaded->taken) {
        std::string id = fetched.id;
        taken_.emplace(std::move(id), std::move(fetched));
    }
    mailbox_ = std::move(loaded->mailbox);
    stubs_ = std::move(loaded->stubs);
    loaded_ = true;
    co_return std::nullopt;
}

std::string Intake::place() const {
    constexpr std::size_t place_octets = 8;
    auto const& mailbox = source.protocol == store::FetchProtocol::imap ? source.mailbox : std::string();
    return core::sha256(std::format("{}\n{}\n{}", source.host, source.login, mailbox)).substr(0, place_octets);
}

std::vector<std::string> Intake::due() const {
    std::vector<std::string> ids;
    if (!source.keep_days) return ids;
    auto const before = office_.clock.wall() - std::chrono::days(*source.keep_days);
    for (auto const& [id, fetched] : taken_)
        if (fetched.stub == store::MessageId{} && fetched.taken <= before) ids.push_back(id);
    return ids;
}

asio::awaitable<std::optional<Failure>> Intake::enter(store::UidValidity uid_validity, store::Uid uid_next) {
    if (mailbox_ && mailbox_->uid_validity == uid_validity && mailbox_->place == place()) co_return std::nullopt;
    bool const before = mailbox_.has_value();
    if (before) core::log(core::Event::mailbox_renumbered, {{"source", source.name}, {"mailbox", source.mailbox}});
    arrivals_.clear();
    refused_.clear();
    mailbox_ = {place(), uid_validity, store::Uid{1}, before ? uid_next : store::Uid{}};
    auto const saved =
        co_await office_.storage.write([name = source.name, mailbox = *mailbox_](store::WriteTransaction& transaction) {
            return store::set_fetched_mailbox(transaction, name, mailbox);
        });
    if (!saved) co_return failure_of(saved.error());
    co_return std::nullopt;
}

asio::awaitable<std::optional<Failure>> Intake::settle(store::Uid below) {
    if (below <= mailbox_->settled) co_return std::nullopt;
    mailbox_->settled = below;
    auto const saved =
        co_await office_.storage.write([name = source.name, mailbox = *mailbox_](store::WriteTransaction& transaction) {
            return store::set_fetched_mailbox(transaction, name, mailbox);
        });
    if (!saved) co_return failure_of(saved.error());
    co_return std::nullopt;
}

bool Intake::wants(std::string_view id, std::uint64_t size) {
    if (is_taken(id)) return false;
    if (auto const refused = refused_.find(id); refused != refused_.end())
        if (refused->second.until > office_.clock.steady()) return false;
    auto const comes = comes_as_stub(id, size) ? std::min<std::uint64_t>(size, stub_header_octets) : size;
    if (comes > office_.link.leave(office_.settings, office_.clock).largest) {
        refuse(id, {.reason = "it is too large for a metered link, or for what is left of its budget"});
        return false;
    }
    if (size <= office_.settings->bytes("fetch.message_size_limit")) return true;
    refuse(id, {.reason = "it is larger than the setting fetch.message_size_limit allows", .lasting = true});
    return false;
}

bool Intake::is_stub(std::string_view id) const {
    auto const known = taken_.find(id);
    return known != taken_.end() && known->second.stub != store::MessageId{};
}

bool Intake::comes_as_stub(std::string_view id, std::uint64_t size) const {
    return source.thin && size > *source.thin && !whole_.contains(id);
}

asio::awaitable<bool> Intake::refresh() {
    if (!loaded_ || !outdated_) co_return false;
    struct Now {
        std::vector<store::Stub> stubs;
        std::vector<store::Fetched> ended; // that are none any more
    };
    std::vector<std::string> ids;
    for (auto const& [id, fetched] : taken_)
        if (fetched.stub != store::MessageId{}) ids.push_back(id);
    outdated_ = false;
    auto now = co_await office_.storage.read(
        [name = source.name, ids = std::move(ids)](store::ReadTransaction const& transaction) -> store::Result<Now> {
            Now found{store::list_stubs(transaction, name), {}};
            for (std::string const& id : ids)
                if (auto fetched = store::find_fetched(transaction, name, id);
                    fetched && fetched->stub == store::MessageId{})
                    found.ended.push_back(std::move(*fetched));
            return found;
        });
    if (!now) {
        outdated_ = true;
        co_return false;
    }
    bool const more = std::ranges::any_of(now->stubs, [&](store::Stub const& one) {
        if (!one.asked()) return false;
        auto const before = std::ranges::find(stubs_, one.message, &store::Stub::message);
        return before == stubs_.end() || !before->asked();
    });
    stubs_ = std::move(now->stubs);
    for (store::Fetched& fetched : now->ended) {
        drop(fetched.id);
        refused_.erase(fetched.id);
        std::string const id = fetched.id;
        taken_.insert_or_assign(id, std::move(fetched));
    }
    co_return more;
}

std::vector<store::Stub> Intake::originals() {
    bool const all = !source.thin || !office_.link.metered(*office_.settings, office_.clock);
    auto const leave = office_.link.leave(office_.settings, office_.clock);
    std::vector<store::Stub> wanted;
    if (!leave.open()) return wanted;
    for (store::Stub const& one : stubs_) {
        auto const refused = refused_.find(one.id);
        bool const rests = refused != refused_.end() && refused->second.until > office_.clock.steady();
        if (!one.id.empty() && (all || one.asked()) && !rests && one.size <= leave.largest) wanted.push_back(one);
    }
    std::ranges::stable_partition(wanted, &store::Stub::asked);
    return wanted;
}

asio::awaitable<std::optional<Failure>> Intake::lose(std::string_view id) {
    auto const known = taken_.find(id);
    if (known == taken_.end()) co_return std::nullopt;
    auto const lost = co_await office_.storage.write(
        [stub = known->second.stub](store::WriteTransaction& transaction) -> store::Result<void> {
            store::lose_stub(transaction, stub);
            return {};
        });
    if (!lost) co_return failure_of(lost.error());
    outdate();
    (void)co_await refresh();
    co_return std::nullopt;
}

Arrival* Intake::find(std::string_view id) {
    auto const at = arrivals_.find(id);
    return at == arrivals_.end() ? nullptr : at->second.get();
}

Arrival& Intake::arrival(Announced announced, Bringer const& bringer) {
    if (Arrival* const known = find(announced.id)) return *known;
    // What waits longest may be gone at the provider; if not, it begins anew.
    if (arrivals_.size() >= most_arrivals) arrivals_.erase(arrivals_.begin());
    std::string const id = announced.id;
    auto made = std::make_unique<Arrival>(office_, source, std::move(announced), bringer, share());
    return *arrivals_.emplace(id, std::move(made)).first->second;
}

std::optional<std::string> Intake::find_stale(std::string_view mark) const {
    auto const at = stale_.find(std::string(mark));
    return at == stale_.end() ? std::nullopt : std::optional(at->second);
}

void Intake::renamed(std::string const& before) {
    taken_.erase(before);
    std::erase_if(stale_, [&](auto const& one) { return one.second == before; });
}

asio::awaitable<std::optional<Failure>> Intake::recognise(std::string_view id, std::string_view mark) {
    auto const before = find_stale(mark);
    if (!before) co_return std::nullopt;
    auto renamed_row = co_await office_.storage.write(
        [name = source.name, before = *before, id = std::string(id)](store::WriteTransaction& transaction) {
            return store::rename_fetched(transaction, name, before, id);
        });
    if (!renamed_row) co_return failure_of(renamed_row.error());
    renamed(*before);
    if (*renamed_row) taken_.insert_or_assign(std::string(id), std::move(**renamed_row));
    outdate();
    drop(id);
    co_return std::nullopt;
}

asio::awaitable<std::optional<Failure>> Intake::forget_stale() {
    std::vector<std::string> ids;
    for (auto const& [mark, id] : stale_) ids.push_back(id);
    stale_.clear();
    co_return co_await forget(std::move(ids));
}

asio::awaitable<std::optional<Failure>> Intake::finish(std::string_view id) {
    std::string const key(id);
    Arrival& arrival = *arrivals_.find(key)->second;
    auto const before = is_stub(key) ? std::nullopt : find_stale(arrival.mark().value_or(""));
    auto taken = co_await arrival.finish(before);
    if (!taken && taken.error().everything) {
        drop(key);
        co_return Failure{Trouble::store, std::format("the store takes nothing: {}", taken.error().reason)};
    }
    if (taken) {
        if (before) renamed(*before);
        bool const is_stub = taken->stub != store::MessageId{};
        bool const was_here = std::exchange(taken_[key], std::move(*taken)).stub != store::MessageId{};
        refused_.erase(key);
        if (is_stub || was_here) outdate();
        if (!before && !was_here) ++fetched_;
    } else if (taken.error().no_stub) {
        whole_.insert(key);
    } else {
        refuse(key, taken.error());
    }
    drop(key);
    co_return std::nullopt;
}

void Intake::refuse(std::string_view id, Refusal const& refusal) {
    auto& refused = refused_[std::string(id)];
    if (refused.reason != refusal.reason)
        core::log(core::Event::message_left, {{"source", source.name}, {"reason", refusal.reason}});
    refused.reason = refusal.reason;
    refused.pause = refusal.lasting ? std::chrono::seconds(longest_pause)
                                    : std::clamp<std::chrono::seconds>(refused.pause * 2, first_pause, longest_pause);
    refused.until = office_.clock.steady() + refused.pause;
    drop(id);
}

asio::awaitable<std::optional<Failure>> Intake::forget(std::vector<std::string> ids) {
    if (ids.empty()) co_return std::nullopt;
    for (std::string const& id : ids) taken_.erase(id);
    auto const forgotten = co_await office_.storage.write(
        [name = source.name, ids = std::move(ids)](store::WriteTransaction& transaction) -> store::Result<void> {
            for (std::string const& id : ids) store::forget_fetched(transaction, name, id);
            return {};
        });
    if (!forgotten) co_return failure_of(forgotten.error());
    co_return std::nullopt;
}

std::vector<std::pair<std::string, std::size_t>> Intake::refused() const {
    std::map<std::string, std::size_t> reasons;
    for (auto const& [id, refused] : refused_) ++reasons[refused.reason];
    return {reasons.begin(), reasons.end()};
}

} // namespace postern::fetch
