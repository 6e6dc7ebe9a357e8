#include "imap/search.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace postern::imap {

namespace {

// What a message that is found takes, here and in the answer.
constexpr std::size_t found_octets = 64;

// RFC 5182 §2.1 and RFC 9394 §3.2: of what is found, that which RETURN singles out, unless it asks about all of it.
Found singled_out(Found const& found, wire::imap::SearchReturn const& returns) {
    if (returns.all || returns.count || !returns.tells()) return found;
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

} // namespace

asio::awaitable<std::expected<SearchOutcome, Answer>> look_for(Session& session, wire::imap::Search const& command,
                                                               std::size_t octets_each, SearchRun::Visit visit) {
    Selected& selected = session.selected();
    core::Clock const& clock = session.office().clock;
    auto program = compile(command.key, command.charset, selected.view, clock.wall());
    // RFC 5182 §2.1: what was saved is gone if this ends in NO.
    if (command.returns && command.returns->save) selected.view.save({});
    if (!program) co_return std::unexpected(no("[BADCHARSET (US-ASCII UTF-8)] That charset is not known here"));
    bool const asks_modseq = program->asks_modseq;
    if (asks_modseq) session.enable(Extension::condstore);

    core::UidSet uids = selected.view.numbers().uids();
    uids.remove(selected.view.gone());
    auto const run = std::make_shared<SearchRun>(
        std::move(*program), selected.mailbox, std::move(uids), selected.view.recent(),
        [&clock](core::WallTime at) { return clock.offset(at); }, std::move(visit));
    std::size_t found = 0;
    for (bool done = false; !done;) {
        auto const step = co_await session.storage().read(
            [run](store::ReadTransaction const& transaction) { return run->step(transaction); });
        if (!step) co_return std::unexpected(no(step.error()));
        if (!session.make_room((run->found().size() - found) * octets_each)) co_return std::unexpected(no_room());
        found = run->found().size();
        done = *step;
    }
    co_return SearchOutcome{run->found(), asks_modseq};
}

std::vector<std::uint32_t> numbers_of(Session& session, Found const& found, bool uid) {
    SequenceNumbers const& numbers = session.selected().view.numbers();
    std::vector<std::uint32_t> called(found.size());
    std::ranges::transform(found, called.begin(), [&](SearchRun::Found const& message) {
        return uid ? core::number(message.uid) : *numbers.number(message.uid);
    });
    return called;
}

Answer tell(Session& session, wire::imap::Search const& command, SearchOutcome const& outcome, PutFound put) {
    Found const meant = command.returns ? singled_out(outcome.found, *command.returns) : outcome.found;
    if (command.returns && command.returns->save && !save(session.selected(), meant))
        return no("[NOTSAVED] There is no room to remember that"); // RFC 5182 §2.1
    auto const numbers = numbers_of(session, outcome.found, command.uid);
    auto const modseq = outcome.asks_modseq ? highest_modseq(meant) : std::nullopt;
    std::string line;
    if (!command.returns)
        put(line, numbers, modseq);
    else if (command.returns->tells())
        wire::imap::put_esearch(line, session.tag(), command.uid, *command.returns, numbers, modseq);
    session.queue(line);
    return ok("Searched");
}

asio::awaitable<Answer> search(Session& session, wire::imap::Search& command) {
    // RFC 9051 §6.4.4
    if (session.has(Extension::imap4rev2) && !command.returns) command.returns.emplace().all = true;
    auto const outcome = co_await look_for(session, command, found_octets);
    if (!outcome) co_return outcome.error();
    co_return tell(session, command, *outcome, wire::imap::put_search);
}

} // namespace postern::imap
