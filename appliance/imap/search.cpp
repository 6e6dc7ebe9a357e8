#include "imap/search.h"

#include "imap/fetch.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace postern::imap {

namespace {

// RFC 5182 §2.1 and RFC 9394 §3.2: of what is found, that which RETURN singles out, unless it asks about all of it.
Found singled_out(Found const& found, wire::imap::SearchReturn const& returns) {
    if (returns.all || returns.count || !returns.asks()) return found;
    Found some;
    if (returns.partial) {
        auto const [begin, end] = returns.partial->of(found.size());
        some.assign(found.begin() + static_cast<std::ptrdiff_t>(begin),
                    found.begin() + static_cast<std::ptrdiff_t>(end));
    }
    if (found.empty()) return some;
    if (returns.min) some.push_back(found.front());
    if (returns.max) some.push_back(found.back());
    return some;
}

// RFC 7162 §3.1.5: the highest mod-sequence of what is found; RFC 4731 §3.2: of what is returned.
std::optional<core::ModSeq> highest_modseq(Found const& found) {
    if (found.empty()) return std::nullopt;
    return std::ranges::max(found, {}, &SearchRun::Found::modseq).modseq;
}

// False if there is no room to remember them.
bool save(Selected& selected, Found const& found) {
    core::UidSet uids;
    for (SearchRun::Found const& message : found) uids.add(message.uid);
    selected.view.save(std::move(uids));
    if (selected.memory.resize(selected.view.held_octets())) return true;
    selected.view.save({});
    return false;
}

// RFC 5267 §4.3
void keep_up_to_date(Session& session, wire::imap::Search const& command, SearchOutcome const& outcome,
                     wire::imap::SearchCorrelator const& correlator, Sorted sorted) {
    std::vector<SearchContext::Result> results;
    for (std::size_t at = 0; at < outcome.found.size(); ++at) {
        results.push_back({outcome.found[at].uid});
        if (!sorted.keys.empty()) results.back().key = std::move(sorted.keys[at]);
    }
    auto const& items = command.returns->update_items;
    if (asks_too_much(items)) return refuse_updates(session, "That is too much to tell of each message");
    if (std::ranges::contains(items, wire::imap::FetchItem(wire::imap::FetchAttribute::modseq)))
        session.enable(Extension::condstore); // RFC 7162 §3.1
    SearchContext context(correlator, command.uid, outcome.program, std::move(sorted.criteria), std::move(results),
                          items);
    if (!session.selected().contexts.add(std::move(context), session.connection().share()))
        refuse_updates(session, "Too many searches are kept up to date");
}

} // namespace

std::optional<SearchProgram> compile(wire::imap::Search const& command, MailboxView const& view, core::WallTime now) {
    return compile(command.key, command.charset.value_or("US-ASCII"), view, now);
}

Answer unknown_charset() { return no("[BADCHARSET (US-ASCII UTF-8)] That charset is not known here"); }

std::optional<Answer> conflicting_charset(Session const& session, wire::imap::Search const& command) {
    if (!command.charset || !session.has(Extension::utf8_accept)) return std::nullopt;
    return bad("With UTF8=ACCEPT all strings are UTF-8");
}

asio::awaitable<std::expected<SearchOutcome, Answer>> look_for(Session& session, LongWork& work,
                                                               wire::imap::Search const& command,
                                                               std::size_t octets_each, SearchRun::Visit visit) {
    Selected& selected = session.selected();
    core::Clock const& clock = session.office().clock;
    if (command.returns && command.returns->update && selected.contexts.has(session.tag()))
        co_return std::unexpected(bad("Tag reuse")); // RFC 5267 §4.3
    auto compiled = compile(command, selected.view, clock.wall());
    // RFC 5182 §2.1: what was saved is gone if this ends in NO.
    if (command.returns && command.returns->save) selected.view.save({});
    if (!compiled) co_return std::unexpected(unknown_charset());
    auto const program = std::make_shared<SearchProgram const>(std::move(*compiled));
    if (program->asks_modseq) session.enable(Extension::condstore);

    core::UidSet uids = selected.view.numbers().uids();
    uids.remove(selected.view.gone());
    auto const run = std::make_shared<SearchRun>(
        program, selected.mailbox, std::move(uids), selected.view.recent(),
        [&clock](core::WallTime at) { return clock.offset(at); }, std::move(visit));
    std::uint64_t const goal = run->left();
    std::size_t found = 0;
    for (bool done = false; !done;) {
        auto const step =
            co_await work.read([run](store::ReadTransaction const& transaction) { return run->step(transaction); });
        if (!step) co_return std::unexpected(answered());
        if (!*step) co_return std::unexpected(no(step->error()));
        if (!session.make_room((run->found().size() - found) * octets_each)) co_return std::unexpected(no_room());
        found = run->found().size();
        done = **step;
        if (!done) work.note(goal - run->left(), goal);
    }
    co_return SearchOutcome{run->found(), program};
}

std::vector<std::uint32_t> uids_of(Found const& found) {
    std::vector<std::uint32_t> uids(found.size());
    std::ranges::transform(found, uids.begin(), [](SearchRun::Found const& one) { return core::number(one.uid); });
    return uids;
}

void put_found(std::string& out, wire::imap::SearchCorrelator const& correlator, wire::imap::Search const& command,
               Found const& found, std::span<std::uint32_t const> numbers, bool asks_modseq) {
    if (!command.returns->tells()) return;
    auto const modseq = asks_modseq ? highest_modseq(singled_out(found, *command.returns)) : std::nullopt;
    wire::imap::put_esearch(out, correlator, command.uid, *command.returns, numbers, modseq);
}

Answer tell(Session& session, wire::imap::Search const& command, SearchOutcome const& outcome,
            wire::imap::SearchCorrelator const& correlator, PutFound put, Sorted sorted) {
    auto const& [found, program] = outcome;
    if (command.returns && command.returns->save && !save(session.selected(), singled_out(found, *command.returns)))
        return no("[NOTSAVED] There is no room to remember that"); // RFC 5182 §2.1
    std::vector<std::uint32_t> numbers = uids_of(found);
    if (!command.uid)
        for (std::uint32_t& number : numbers) number = *session.selected().view.numbers().number(core::Uid{number});
    std::string line;
    if (!command.returns)
        put(line, numbers, program->asks_modseq ? highest_modseq(found) : std::nullopt);
    else if (!correlator.mailbox || !found.empty()) // RFC 7377 §2.1
        put_found(line, correlator, command, found, numbers, program->asks_modseq);
    session.queue(line);
    if (command.returns && command.returns->update)
        keep_up_to_date(session, command, outcome, correlator, std::move(sorted));
    return ok("Searched");
}

void refuse_updates(Session& session, std::string_view reason) {
    std::string line;
    wire::imap::put_untagged(line, wire::imap::Condition::no,
                             wire::imap::no_update_code(session.tag()) + ' ' + std::string(reason));
    session.queue(line);
}

asio::awaitable<Answer> search(Session& session, wire::imap::Search& command) {
    if (auto wrong = conflicting_charset(session, command)) co_return std::move(*wrong);
    // RFC 9051 §6.4.4
    if (session.has(Extension::imap4rev2) && !command.returns) command.returns.emplace().all = true;
    LongWork work(session);
    auto const outcome = co_await look_for(session, work, command, found_octets);
    if (!outcome) co_return outcome.error();
    co_return tell(session, command, *outcome, {.tag = session.tag()}, wire::imap::put_search);
}

} // namespace postern::imap
