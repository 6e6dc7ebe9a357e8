#include "imap/search_contexts.h"

#include "imap/long_work.h"
#include "imap/search_run.h"
#include "imap/sort_order.h"

#include <algorithm>
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

void SearchContexts::remove(std::string& out, core::UidSet const& gone, SequenceNumbers const& numbers) {
    if (gone.empty()) return;
    for (auto& [context, share] : kept_) context.update(out, gone, {}, numbers);
    noted_.remove(gone);
}

asio::awaitable<void> announce_results(Session& session) {
    Selected& selected = session.selected();
    SearchContexts& contexts = selected.contexts;
    core::UidSet left = common(std::exchange(contexts.noted_, {}), selected.view.numbers().uids());
    if (contexts.kept_.empty()) co_return;
    LongWork work(session);
    while (!left.empty()) {
        core::UidSet const some = first_of(left);
        for (auto& [context, share] : contexts.kept_) {
            auto found = co_await look_at(session, work, context, some);
            if (!found) {
                contexts.note(left); // for the next time
                co_return;
            }
            std::string lines;
            context.update(lines, some, std::move(*found), selected.view.numbers());
            share.account(context.held_octets()); // it is what a client holds of a mailbox that grows
            session.queue(lines);
        }
        left.remove(some);
        if (!co_await session.connection().flush_if_full()) co_return session.hang_up();
    }
}

asio::awaitable<Answer> cancel_update(Session& session, wire::imap::CancelUpdate& command) {
    bool all = true;
    for (std::string const& tag : command.tags) all = session.selected().contexts.cancel(tag) && all;
    co_return all ? ok("No further updates") : no("There are no updates to one of them");
}

} // namespace postern::imap
