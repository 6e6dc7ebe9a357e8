#include "imap/esearch.h"

#include "imap/long_work.h"
#include "imap/mailbox_filter.h"
#include "imap/search.h"
#include "office/access.h"
#include "store/accounts.h"
#include "store/mailboxes.h"
#include "store/messages.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace postern::imap {

namespace {

using wire::imap::MailboxFilter;
using wire::imap::SearchCorrelator;

// Where to look.
struct Places {
    std::optional<std::string> selected; // the selected mailbox's name, if it is one of them
    std::vector<store::MailboxId> others;
    std::uint64_t messages = 0; // in the others
};

store::Result<Places> find_places(store::ReadTransaction const& transaction, store::AccountId account,
                                  std::span<MailboxFilter const> sources, std::optional<store::MailboxId> selected) {
    if (!store::get_account(transaction, account)) return std::unexpected(store::StoreError::no_such_account);
    Places places;
    if (sources.empty() || std::ranges::contains(sources, MailboxFilter::Kind::selected, &MailboxFilter::kind)) {
        auto const mailbox = store::get_mailbox(transaction, *selected);
        bool const may = mailbox && office::rights_on(transaction, account, *mailbox).has(core::Right::read);
        if (mailbox && !may) return std::unexpected(store::StoreError::no_such_mailbox);
        places.selected = mailbox ? office::name_of(transaction, account, *mailbox) : ""; // deleted: nothing is there
    }
    for (office::Reached const& reached : filter_mailboxes(sources, office::list_reachable(transaction, account),
                                                           store::list_subscriptions(transaction, account), selected)) {
        if (reached.mailbox.id == selected) {
            places.selected = reached.name;
        } else {
            places.others.push_back(reached.mailbox.id);
            places.messages += reached.mailbox.messages;
        }
    }
    return places;
}

// Searches mailboxes that are not selected, one after another, each as it is when its turn comes. Its steps are on any
// one thread at a time.
class Tour {
public:
    // The command's charset is known. `octets`: what its program takes.
    Tour(store::AccountId who, wire::imap::Search command, std::size_t octets, std::vector<store::MailboxId> mailboxes,
         SearchCorrelator correlator, core::Clock const& clock)
        : who_(who),
          command_(std::move(command)),
          octets_(octets),
          mailboxes_(std::move(mailboxes)),
          correlator_(std::move(correlator)),
          now_(clock.wall()),
          offset_([&clock](core::WallTime at) { return clock.offset(at); }) {}

    // Whether all is done.
    store::Result<bool> step(store::ReadTransaction const& transaction) {
        for (Slice slice; !slice.used_up();) {
            if (!run_ && !begin_next(transaction, slice)) return true;
            if (!run_) continue;
            std::uint64_t const before = run_->left();
            auto const done = run_->step(transaction, slice);
            if (!done) return done;
            looked_at_ += before - run_->left();
            if (*done) tell();
        }
        return !run_ && next_ == mailboxes_.size();
    }
    // Between steps.
    [[nodiscard]] std::uint64_t looked_at() const { return looked_at_; }
    [[nodiscard]] std::size_t held_octets() const { return run_ ? run_->found().size() * found_octets : 0; }
    // Whole responses.
    [[nodiscard]] std::string take_lines() { return std::exchange(lines_, {}); }

private:
    // False: there is none.
    bool begin_next(store::ReadTransaction const& transaction, Slice& slice) {
        if (next_ == mailboxes_.size()) return false;
        auto const mailbox = store::get_mailbox(transaction, mailboxes_[next_++]);
        if (!mailbox || !office::rights_on(transaction, who_, *mailbox).has(core::Right::read)) return true;
        // Sequence numbers are those that a client would be told which selected it now; nothing is recent, or saved.
        core::UidSet uids = store::list_uids(transaction, mailbox->id);
        auto program = compile(command_, MailboxView(uids, {}, mailbox->highest_modseq), now_);
        slice.octets -= std::min<std::uint64_t>(slice.octets, octets_);
        correlator_.mailbox =
            SearchCorrelator::Mailbox{office::name_of(transaction, who_, *mailbox), mailbox->uid_validity};
        asks_modseq_ = program->asks_modseq;
        run_.emplace(std::make_shared<SearchProgram const>(std::move(*program)), mailbox->id, std::move(uids),
                     core::UidSet(), offset_);
        return true;
    }

    // RFC 7377 §2.1: nothing of a mailbox where nothing was found.
    void tell() {
        Found const& found = run_->found();
        if (!found.empty()) put_found(lines_, correlator_, command_, found, uids_of(found), asks_modseq_);
        run_.reset();
    }

    store::AccountId who_;
    wire::imap::Search command_;
    std::size_t octets_;
    std::vector<store::MailboxId> mailboxes_;
    SearchCorrelator correlator_; // of the mailbox that is searched
    core::WallTime now_;
    std::function<std::chrono::minutes(core::WallTime)> offset_;
    std::size_t next_ = 0;
    std::optional<SearchRun> run_;
    bool asks_modseq_ = false;
    std::uint64_t looked_at_ = 0;
    std::string lines_;
};

// Nothing: all is told.
asio::awaitable<std::optional<Answer>> go_round(Session& session, LongWork& work, wire::imap::Search command,
                                                Places const& places, SearchCorrelator correlator) {
    core::Clock const& clock = session.office().clock;
    auto const program = compile(command, MailboxView({}, {}, {}), clock.wall());
    if (!program) co_return unknown_charset();
    if (program->asks_modseq) session.enable(Extension::condstore);
    auto const tour = std::make_shared<Tour>(session.account(), std::move(command), held_octets(*program),
                                             places.others, std::move(correlator), clock);
    net::MemoryShare share = session.connection().share();
    for (bool done = false; !done;) {
        auto const step =
            co_await work.read([tour](store::ReadTransaction const& transaction) { return tour->step(transaction); });
        if (!step) co_return answered();
        if (!*step) co_return no(step->error());
        if (!share.resize(tour->held_octets())) co_return no_room();
        done = **step;
        if (!done) work.note(tour->looked_at(), places.messages);
        session.queue_whole(tour->take_lines());
        if (!co_await session.connection().flush_if_full()) {
            session.hang_up();
            co_return answered();
        }
    }
    co_return std::nullopt;
}

// §2.2. Empty: nothing is wrong with it.
std::string_view what_is_wrong(wire::imap::Esearch const& command, bool is_selected) {
    auto const names_selected = [](MailboxFilter const& source) {
        return source.kind == MailboxFilter::Kind::selected;
    };
    auto const& [search, sources] = command;
    if (!is_selected && (sources.empty() || std::ranges::any_of(sources, names_selected)))
        return "Select a mailbox first";
    if (search.returns->update && !is_selected) return "Updates are of the selected mailbox";
    if (search.returns->save && !std::ranges::all_of(sources, names_selected))
        return "Only what is found in the selected mailbox can be saved";
    return {};
}

} // namespace

asio::awaitable<Answer> esearch(Session& session, wire::imap::Esearch& command) {
    bool const is_selected = session.state() == State::selected;
    if (auto const wrong = what_is_wrong(command, is_selected); !wrong.empty()) co_return bad(std::string(wrong));
    if (auto wrong = conflicting_charset(session, command.search)) co_return std::move(*wrong);

    LongWork work(session);
    auto const found =
        co_await work.read([account = session.account(), sources = std::move(command.sources),
                            selected = is_selected ? std::optional(session.selected().mailbox)
                                                   : std::nullopt](store::ReadTransaction const& transaction) {
            return find_places(transaction, account, sources, selected);
        });
    if (!found) co_return answered();
    auto const& places = *found;
    if (!places) co_return no(places.error());
    if (!session.make_room(places->others.size() * sizeof(store::MailboxId))) co_return no_room();

    SearchCorrelator correlator{.tag = session.tag(), .utf8 = session.utf8()};
    if (places->selected) {
        auto const outcome = co_await look_for(session, work, command.search, found_octets);
        if (!outcome) co_return outcome.error();
        correlator.mailbox = SearchCorrelator::Mailbox{*places->selected, session.selected().uid_validity};
        Answer told = tell(session, command.search, *outcome, correlator, wire::imap::put_search);
        if (told.condition != wire::imap::Condition::ok) co_return told;
    } else if (command.search.returns->update) {
        refuse_updates(session, "The selected mailbox is not searched");
    }
    if (!places->selected || !places->others.empty())
        if (auto stopped = co_await go_round(session, work, std::move(command.search), *places, std::move(correlator)))
            co_return std::move(*stopped);
    co_return ok("Searched");
}

} // namespace postern::imap
