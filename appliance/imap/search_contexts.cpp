#include "imap/search_contexts.h"

#include "imap/fetch.h"
#include "imap/long_work.h"
#include "imap/search_run.h"
#include "imap/sort_order.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

namespace postern::imap {

namespace {

// Messages that are looked at before what they change is told: bounds what is held of them, and the line.
constexpr std::uint32_t most_at_a_time = 4096;

core::UidSet first_of(core::UidSet const& uids) {
    core::UidSet places;
    places.add_range(1, most_at_a_time);
    return SequenceNumbers(uids).uids_of(places);
}

// What of `uids` the context's command finds now. Nothing: the conversation is over, or the store cannot be read.
asio::awaitable<std::optional<std::vector<SearchContext::Result>>>
look_at(Session& session, LongWork& work, SearchContext const& context, core::UidSet const& uids) {
    Selected const& selected = session.selected();
    auto const order = std::make_shared<SortOrder>(context.criteria());
    SearchRun::Visit visit;
    if (!context.criteria().empty())
        visit = [order](store::Uid, store::MessageView const& message) { order->add(message); };
    auto const run = std::make_shared<SearchRun>(
        context.program(), selected.mailbox, uids, selected.view.recent(),
        [&clock = session.office().clock](core::WallTime at) { return clock.offset(at); }, std::move(visit));
    for (bool done = false; !done;) {
        auto const step =
            co_await work.read([run](store::ReadTransaction const& transaction) { return run->step(transaction); });
        if (!step || !*step) co_return std::nullopt;
        done = **step;
        if (!done) work.note(uids.size() - run->left(), uids.size());
    }
    std::vector<SearchContext::Result> results;
    for (SearchRun::Found const& found : run->found()) {
        results.push_back({found.uid});
        if (!context.criteria().empty())
            results.back().key = order->key(static_cast<std::uint32_t>(results.size() - 1));
    }
    co_return results;
}

using FetchItems = std::vector<wire::imap::FetchItem>;

// For what one response would be too long, several.
void add_items(std::vector<FetchItems>& responses, FetchItems const& items) {
    FetchItems all = responses.empty() ? FetchItems() : responses.back();
    for (wire::imap::FetchItem const& item : items)
        if (!std::ranges::contains(all, item)) all.push_back(item);
    if (responses.empty() || asks_too_much(all))
        responses.push_back(items);
    else
        responses.back() = std::move(all);
}

// RFC 5465 §7: what is to be told of new messages before the results that they come into.
struct TellingArrivals {
    std::vector<FetchItems> items;                 // of the searches
    std::map<core::Uid, std::uint32_t> results_of; // a bit for each search that found the message

    // For each message all that any search and NOTIFY want to know of it, together (§5.2). Of `arrived` NOTIFY tells
    // something; gives those that are left.
    asio::awaitable<core::UidSet> operator()(Session& session, core::UidSet arrived) const {
        std::map<std::pair<std::uint32_t, bool>, core::UidSet> alike;
        for (auto const& [uid, searches] : results_of) alike[{searches, arrived.contains(uid)}].add(uid);
        for (auto const& [wanted, uids] : alike) {
            auto const [searches, by_notify] = wanted;
            std::vector<FetchItems> responses;
            for (std::size_t place = 0; place < items.size(); ++place)
                if ((searches >> place & 1) != 0) add_items(responses, items[place]);
            if (by_notify) add_items(responses, session.notifications()->items);
            for (FetchItems& each : responses) co_await send_fetch(session, uids, {.items = std::move(each)});
            arrived.remove(uids);
        }
        co_return arrived;
    }
};

} // namespace

bool SearchContexts::has(std::string_view tag) const {
    return std::ranges::any_of(kept_, [&](Kept const& kept) { return kept.context.tag() == tag; });
}

bool SearchContexts::add(SearchContext context, net::MemoryShare share) {
    if (kept_.size() == most || !share.resize(context.held_octets())) return false;
    kept_.push_back({std::move(context), std::move(share)});
    return true;
}

bool SearchContexts::cancel(std::string_view tag) {
    return std::erase_if(kept_, [&](Kept const& kept) { return kept.context.tag() == tag; }) > 0;
}

void SearchContexts::note(core::UidSet const& uids) {
    if (!kept_.empty()) noted_.add(uids);
}

void SearchContexts::note_arrivals(core::UidSet const& uids) { arrivals_.add(common(uids, noted_)); }

void SearchContexts::remove(std::string& out, core::UidSet const& gone, SequenceNumbers const& numbers) {
    if (gone.empty()) return;
    for (auto& [context, share] : kept_) context.update(out, gone, {}, numbers);
    noted_.remove(gone);
    arrivals_.remove(gone);
}

asio::awaitable<core::UidSet> announce_results(Session& session, core::UidSet arrived) {
    Selected& selected = session.selected();
    SearchContexts& contexts = selected.contexts;
    core::UidSet left = common(std::exchange(contexts.noted_, {}), selected.view.numbers().uids());
    core::UidSet const fresh = std::exchange(contexts.arrivals_, {});
    if (contexts.kept_.empty()) co_return arrived;
    LongWork work(session);
    net::MemoryShare held = session.connection().share(); // for results that wait
    TellingArrivals arrivals;
    for (auto const& [context, share] : contexts.kept_) arrivals.items.push_back(context.items());
    while (!left.empty()) {
        core::UidSet const some = first_of(left);
        std::string results;
        bool stopped = false;
        for (std::size_t place = 0; place < contexts.kept_.size(); ++place) {
            auto& [context, share] = contexts.kept_[place];
            auto found = co_await look_at(session, work, context, some);
            if (!found) {
                stopped = true;
                break;
            }
            if (!context.items().empty()) // not of a message that other flags bring in
                for (SearchContext::Result const& result : *found)
                    if (fresh.contains(result.uid)) arrivals.results_of[result.uid] |= std::uint32_t{1} << place;
            context.update(results, some, std::move(*found), selected.view.numbers());
            held.account(results.size());
            share.account(context.held_octets()); // it is what a client holds of a mailbox that grows
        }
        if (session.state() != State::selected) co_return arrived;
        arrived = co_await arrivals(session, std::move(arrived));
        arrivals.results_of.clear();
        session.queue(results);
        if (stopped) {
            contexts.note(left); // for the next time
            contexts.note_arrivals(fresh);
            co_return arrived;
        }
        left.remove(some);
        if (!co_await session.connection().flush_if_full()) {
            session.hang_up();
            co_return arrived;
        }
    }
    co_return arrived;
}

asio::awaitable<Answer> cancel_update(Session& session, wire::imap::CancelUpdate& command) {
    bool all = true;
    for (std::string const& tag : command.tags) all = session.selected().contexts.cancel(tag) && all;
    co_return all ? ok("No further updates") : no("There are no updates to one of them");
}

} // namespace postern::imap
