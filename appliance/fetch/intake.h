// What is known of one source, whatever connection there is to it: which messages were taken, which are on their way,
// and which stay there and why. A message whose octets came in part waits for the rest while the daemon runs, so that a
// link that is cut every minute brings it in the end; IMAP can go on where it was cut, POP3 cannot.
//
// Invariant: a message is gone or marked at its provider only after the change is on flash that delivered it and noted
// it as taken.
#pragma once

#include "core/clock.h"
#include "fetch/arrival.h"
#include "fetch/failure.h"
#include "fetch/survey.h"
#include "net/event.h"
#include "net/memory_budget.h"
#include "office/office.h"
#include "store/records.h"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::fetch {

class Intake {
public:
    // Before a message is tried again that could not be taken: first, and at most; each time twice as long.
    static constexpr std::chrono::minutes first_pause{15};
    static constexpr std::chrono::hours longest_pause{24};
    // A message that is on its way, and that the provider does not have any more, is let go after so many others.
    static constexpr std::size_t most_arrivals = 64;

    // `office` and `budget` outlive it.
    Intake(office::Office& office, net::MemoryBudget const& budget, asio::any_io_executor executor,
           store::FetchSource its_source);

    store::FetchSource const source;
    net::Event gone; // the administrator took it away, or changed it

    // From the store, once: whatever changes it later comes through here.
    asio::awaitable<std::optional<Failure>> load();
    [[nodiscard]] std::map<std::string, store::Fetched, std::less<>> const& taken() const { return taken_; }
    [[nodiscard]] bool is_taken(std::string_view id) const { return taken_.contains(id); }
    // Those that were here for as long as the source wants them to stay at the provider.
    [[nodiscard]] std::vector<std::string> due() const;

    // Which mailbox it is, wherever the source led before: part of all ids, so that those of another are not taken for
    // its own.
    [[nodiscard]] std::string place() const;
    // IMAP's mailbox, after load(). Another one than before, or another UIDVALIDITY: all that is there now is doubtful.
    asio::awaitable<std::optional<Failure>> enter(store::UidValidity uid_validity, store::Uid uid_next);
    [[nodiscard]] store::FetchedMailbox const& mailbox() const { return *mailbox_; }
    // By IMAP: what was seen there, if anything was.
    std::optional<Survey> survey;
    // Nothing is left of what is below.
    asio::awaitable<std::optional<Failure>> settle(store::Uid below);

    // Whether it is to be fetched now: it was not taken, and not refused lately. `size`: as far as it is known; 0: not.
    [[nodiscard]] bool wants(std::string_view id, std::uint64_t size);
    // Whether a stub of it is here; and whether it was taken otherwise.
    [[nodiscard]] bool is_stub(std::string_view id) const;
    [[nodiscard]] bool is_whole(std::string_view id) const { return is_taken(id) && !is_stub(id); }
    // Whether a stub is to come of it first (store/stubs.h).
    [[nodiscard]] bool comes_as_stub(std::string_view id, std::uint64_t size) const;
    [[nodiscard]] Arrival* find(std::string_view id);
    // Begins, or goes on with what came of it before.
    Arrival& arrival(Announced announced, Bringer const& bringer);
    void drop(std::string_view id) { arrivals_.erase(std::string(id)); }

    // Those of what was taken that their provider calls otherwise now: `stale`(id). What comes is looked for among
    // them.
    template <typename Predicate> void disown(Predicate&& stale) {
        stale_.clear();
        for (auto const& [id, fetched] : taken_)
            if (stale(std::string_view(id))) stale_.emplace(fetched.mark, id);
    }
    [[nodiscard]] bool doubts() const { return !stale_.empty(); }
    [[nodiscard]] bool is_stale(std::string_view mark) const { return stale_.contains(std::string(mark)); }
    // Whatever was not found among what came is forgotten.
    asio::awaitable<std::optional<Failure>> forget_stale();
    // One of which the mark is among them: it is known by this id from now on, and needs not come.
    asio::awaitable<std::optional<Failure>> recognise(std::string_view id, std::string_view mark);
    // All of it came. What stays at the provider is no failure.
    asio::awaitable<std::optional<Failure>> finish(std::string_view id);
    // It stays at the provider.
    void refuse(std::string_view id, Refusal const& refusal);
    // Stubs changed in the store: what is known of them is looked at again at the next refresh().
    void outdate() { outdated_ = true; }
    [[nodiscard]] bool outdated() const { return outdated_; }
    // Whether originals are asked for now that were not before. After load(); what cannot be read stays outdated.
    asio::awaitable<bool> refresh();
    // The originals that are to come now, in their order: those that were asked for, then, where the link costs
    // nothing, all others.
    [[nodiscard]] std::vector<store::Stub> originals();
    // The provider does not have the original any more.
    asio::awaitable<std::optional<Failure>> lose(std::string_view id);

    // Of what could not be taken, that is not at the provider any more: `is_there`(id).
    template <typename Predicate> void keep_refused(Predicate&& is_there) {
        std::erase_if(refused_, [&](auto const& one) { return !is_there(std::string_view(one.first)); });
    }
    // They are gone at the provider, and will not be there again.
    asio::awaitable<std::optional<Failure>> forget(std::vector<std::string> ids);

    // For what a connection holds, and of messages that are not on their way yet.
    [[nodiscard]] net::MemoryShare share() const { return {budget_, source.host}; }
    void count(std::uint64_t messages) { fetched_ += messages; }     // that came by themselves
    [[nodiscard]] std::uint64_t fetched() const { return fetched_; } // messages, since the daemon runs
    // What stays at the provider, and why: each reason, and of how many.
    [[nodiscard]] std::vector<std::pair<std::string, std::size_t>> refused() const;

private:
    struct Refused {
        std::string reason;
        std::chrono::seconds pause{};
        core::SteadyTime until;
    };

    [[nodiscard]] static Failure failure_of(store::StoreError error);
    [[nodiscard]] std::optional<std::string> find_stale(std::string_view mark) const;
    void renamed(std::string const& before);

    office::Office& office_;
    net::MemoryBudget const& budget_;
    std::map<std::string, store::Fetched, std::less<>> taken_;
    std::optional<store::FetchedMailbox> mailbox_;
    std::map<std::string, std::unique_ptr<Arrival>, std::less<>> arrivals_;
    std::map<std::string, Refused, std::less<>> refused_;
    std::multimap<std::string, std::string> stale_; // ids, by mark
    std::vector<store::Stub> stubs_;
    std::set<std::string, std::less<>> whole_; // ids of which no stub will do
    std::uint64_t fetched_ = 0;
    bool loaded_ = false;
    bool outdated_ = false;
};

} // namespace postern::fetch
