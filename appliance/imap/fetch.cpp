#include "imap/fetch.h"

#include "imap/flags.h"
#include "imap/long_response.h"
#include "imap/messages.h"
#include "office/mail_events.h"
#include "store/changes.h"

#include <algorithm>
#include <format>
#include <limits>
#include <utility>

namespace postern::imap {

using wire::imap::FetchAttribute;
using wire::imap::FetchBinary;
using wire::imap::FetchBody;

namespace {

constexpr std::size_t least_batch = 16, most_batch = 4096; // messages looked at in one transaction
constexpr std::ptrdiff_t section_limit = 100; // BODY[...] in one FETCH: bounds what is held of one response
constexpr std::size_t room = 256 * 1024;      // what a FETCH takes: a batch or a slice, and what of it was not sent yet
// A batch that is read ahead takes as much again; one of messages that were made for it takes up to ahead_most.
constexpr std::size_t ahead_room = 256 * 1024, ahead_most = 4 * 1024 * 1024;

// The next of `uids` from `from` on, as the view numbers them; `most` of them.
std::vector<FetchTarget> next_targets(Session& session, core::UidSet const& uids, std::uint64_t from,
                                      std::size_t most) {
    MailboxView const& view = session.selected().view;
    bool const tells_recent = !session.has(Extension::imap4rev2);
    std::vector<FetchTarget> targets;
    targets.reserve(most);
    auto const ranges = uids.ranges();
    auto range = std::ranges::lower_bound(ranges, from, {}, &core::UidSet::Range::last);
    for (; range != ranges.end(); ++range)
        for (std::uint64_t value = std::max<std::uint64_t>(from, range->first); value <= range->last; ++value) {
            if (targets.size() == most) return targets;
            auto const uid = static_cast<core::Uid>(value);
            if (auto const number = view.numbers().number(uid))
                targets.push_back({*number, uid, tells_recent && view.is_recent(uid)});
        }
    return targets;
}

// Reads batch after batch, in the order of `uids`.
class FetchReader {
public:
    FetchReader(Session& session, core::UidSet uids, FetchPlan plan)
        : session_(session), uids_(std::move(uids)), plan_(std::make_shared<FetchPlan const>(std::move(plan))) {}

    // Begins to read the next batch; false: there is none.
    bool begin() {
        auto targets = next_targets(session_, uids_, from_, most_);
        if (targets.empty()) return false;
        order_.clear();
        for (FetchTarget const& target : targets) order_.push_back(target.uid);
        Look look{.mailbox = session_.selected().mailbox, .targets = std::move(targets), .plan = plan_};
        if (plan_->just_written && uids_.size() <= least_batch)
            here_ = session_.storage().read_here(look);
        else
            call_.emplace(session_.storage().begin_read(session_.connection().executor(), std::move(look)));
        return true;
    }

    // What was begun, once it is read.
    asio::awaitable<store::Result<FetchBatch>> result() {
        auto batch = here_ ? *std::exchange(here_, std::nullopt) : co_await call_->result();
        call_.reset();
        if (batch) {
            from_ = std::uint64_t{core::number(order_[batch->looked_at - 1])} + 1;
            // As many as this one had room for, and some more.
            most_ = std::clamp(2 * batch->looked_at, least_batch, most_batch);
        }
        co_return batch;
    }

private:
    struct Look {
        store::MailboxId mailbox;
        std::vector<FetchTarget> targets;
        std::shared_ptr<FetchPlan const> plan;
        store::Result<FetchBatch> operator()(store::ReadTransaction const& transaction) const {
            return fetch_batch(transaction, mailbox, targets, *plan);
        }
    };

    Session& session_;
    core::UidSet uids_;
    std::shared_ptr<FetchPlan const> plan_;
    std::uint64_t from_ = 0; // the first UID that was not looked at
    std::size_t most_ = least_batch;
    std::vector<core::Uid> order_; // of the batch under way
    std::optional<net::StartedCall<store::Result<FetchBatch>>> call_;
    std::optional<store::Result<FetchBatch>> here_; // the batch, where no call was needed
};

// RFC 7162 §3.1.4.1, §3.2.6: of `uids`, those that changed since then; and with VANISHED, tells which of the messages
// asked for were expunged since. Those that still have a number here are told as any other expunge.
asio::awaitable<store::Result<core::UidSet>> changed_since(Session& session, wire::imap::Fetch const& command,
                                                           core::UidSet const& uids) {
    auto const history = co_await session.storage().read(
        [mailbox = session.selected().mailbox, since = *command.changed_since](
            store::ReadTransaction const& transaction) { return store::history_since(transaction, mailbox, since); });
    if (!history) co_return std::unexpected(history.error());
    if (command.vanished) {
        constexpr auto any = std::numeric_limits<std::uint32_t>::max(); // "*" is beyond what was expunged, too
        core::UidSet vanished = common(command.messages.resolve(any), history->expunged);
        vanished.remove(session.selected().view.numbers().uids());
        std::string lines;
        wire::imap::put_vanished(lines, vanished, true);
        session.queue(lines);
    }
    co_return common(uids, history->touched);
}

bool sets_seen(std::vector<wire::imap::FetchItem> const& items) {
    return std::ranges::any_of(items, [](wire::imap::FetchItem const& item) {
        if (auto const* body = std::get_if<FetchBody>(&item)) return !body->peek;
        auto const* binary = std::get_if<FetchBinary>(&item);
        return binary != nullptr && !binary->peek && !binary->size_alone;
    });
}

} // namespace

bool asks_too_much(std::vector<wire::imap::FetchItem> const& items) {
    return std::ranges::count_if(
               items, [](auto const& item) { return !std::holds_alternative<FetchAttribute>(item); }) > section_limit;
}

asio::awaitable<store::Result<FetchCount>> send_fetch(Session& session, core::UidSet uids, FetchPlan plan) {
    plan.uid_only = session.has(Extension::uidonly);
    plan.offset = [&clock = session.office().clock](core::WallTime at) { return clock.offset(at); };
    FetchReader reader(session, std::move(uids), std::move(plan));
    FetchCount count;
    net::MemoryShare share = session.connection().share();
    bool const ahead = share.resize(ahead_most) && share.resize(ahead_room); // only where there is plenty
    for (bool more = reader.begin(); more && session.state() == State::selected;) {
        auto batch = co_await reader.result();
        if (!batch) co_return std::unexpected(batch.error());
        // Of a message that was made for it, a response may be long.
        if (batch->text.size() > room && !session.make_room(2 * batch->text.size())) {
            count.cut_short = true;
            break;
        }
        if (ahead) more = reader.begin(); // the next one is read while this one is sent
        session.announce_keywords(batch->keywords);
        session.queue_whole(std::move(batch->text));
        count.answered += batch->answered;
        count.gone += batch->gone;
        count.damaged += batch->damaged;
        count.encoded += batch->encoded;
        if (batch->last) {
            auto const sent = co_await send_long(session, std::move(*batch->last));
            if (sent)
                ++count.answered;
            else if (sent.error() == store::StoreError::no_such_message)
                ++count.gone;
            else
                ++count.damaged;
        }
        office::log_read(batch->read, session.selected().mailbox, session.client());
        if (!co_await session.connection().flush_if_full()) session.hang_up();
        if (!ahead) more = session.state() == State::selected && reader.begin();
    }
    co_return count;
}

asio::awaitable<void> announce_flags(Session& session, core::UidSet uids, bool just_written) {
    if (uids.empty()) co_return;
    FetchPlan plan{.just_written = just_written};
    if (session.tells_uid()) plan.items.emplace_back(FetchAttribute::uid);
    if (session.has(Extension::condstore)) plan.items.emplace_back(FetchAttribute::modseq);
    plan.items.emplace_back(FetchAttribute::flags);
    co_await send_fetch(session, std::move(uids), std::move(plan));
}

asio::awaitable<Answer> fetch(Session& session, wire::imap::Fetch& command) {
    if (command.vanished && !session.has(Extension::qresync)) co_return bad("ENABLE QRESYNC first");
    auto meant = find_messages(session.selected().view, command.messages, command.uid);
    if (!meant) co_return meant.error();
    if (command.partial) {
        auto const [begin, end] = command.partial->of(meant->uids.size());
        core::UidSet places;
        if (begin < end) places.add_range(static_cast<std::uint32_t>(begin) + 1, static_cast<std::uint32_t>(end));
        meant->uids = SequenceNumbers(std::move(meant->uids)).uids_of(places);
    }
    if (asks_too_much(command.items)) co_return no("[LIMIT] That is too much at once");
    if (!session.make_room(room)) co_return no_room();
    if (command.changed_since || std::ranges::contains(command.items, wire::imap::FetchItem(FetchAttribute::modseq)))
        session.enable(Extension::condstore);
    if (session.has(Extension::uidonly) && !command.names_uid)
        std::erase(command.items, wire::imap::FetchItem(FetchAttribute::uid));
    if (command.changed_since) {
        auto changed = co_await changed_since(session, command, meant->uids);
        if (!changed) co_return no(changed.error());
        meant->uids = std::move(*changed);
    }

    FetchPlan plan{.items = std::move(command.items), .changed_since = command.changed_since};
    plan.modseq_with_flags = session.has(Extension::condstore);
    plan.uid_with_flags = session.tells_uid();
    if (session.selected().may(core::Right::seen) && sets_seen(plan.items)) { // RFC 4314 §4
        store::FlagChange seen;
        seen.flags = core::SystemFlag::seen;
        auto changed = co_await change_flags(session, meant->uids, std::move(seen));
        if (!changed) co_return no(changed.error());
        plan.newly_seen = std::move(changed->stored.changed);
    }
    auto const count = co_await send_fetch(session, std::move(meant->uids), std::move(plan));
    Answer answer = ok("Fetched");
    // RFC 2180 §4.1, RFC 5530 §3: what could be answered was.
    bool const missing = !command.uid && (meant->missing || (count && count->gone > 0));
    if (!count)
        answer = no(count.error());
    else if (count->cut_short)
        answer = no_room();
    else if (count->damaged > 0)
        answer = no(store::StoreError::damaged);
    else if (count->encoded > 0)
        answer = no("[UNKNOWN-CTE] A part is encoded in a way that is not known here");
    else if (missing && count->answered == 0)
        answer = no("[EXPUNGEISSUED] Those messages were expunged");
    else if (missing)
        answer = ok("[EXPUNGEISSUED] Some of the messages were expunged");
    co_return answer;
}

} // namespace postern::imap
