#include "imap/search.h"

#include "imap/search_run.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace postern::imap {

namespace {

// What a message that is found takes, here and in the answer.
constexpr std::size_t found_octets = 64;

// RFC 7162 §3.1.5: the highest mod-sequence of what is found; RFC 4731 §3.2: of what is returned.
std::optional<core::ModSeq> told_modseq(std::vector<SearchRun::Found> const& found,
                                        std::optional<wire::imap::SearchReturn> const& returns) {
    if (found.empty()) return std::nullopt;
    if (!returns || returns->all || returns->count)
        return std::ranges::max(found, {}, &SearchRun::Found::modseq).modseq;
    core::ModSeq highest{};
    if (returns->min) highest = found.front().modseq;
    if (returns->max) highest = std::max(highest, found.back().modseq);
    return highest;
}

} // namespace

asio::awaitable<Answer> search(Session& session, wire::imap::Search& command) {
    Selected const& selected = session.selected();
    auto program = compile(command.key, command.charset, selected.view);
    if (!program) co_return no("[BADCHARSET (US-ASCII UTF-8)] That charset is not known here");
    bool const asks_modseq = program->asks_modseq;
    if (asks_modseq) session.enable(Extension::condstore);

    core::UidSet uids = selected.view.numbers().uids();
    uids.remove(selected.view.gone());
    auto const run =
        std::make_shared<SearchRun>(std::move(*program), selected.mailbox, std::move(uids), selected.view.recent(),
                                    [&clock = session.office().clock](core::WallTime at) { return clock.offset(at); });
    std::size_t found = 0;
    for (bool done = false; !done;) {
        auto const step = co_await session.storage().read(
            [run](store::ReadTransaction const& transaction) { return run->step(transaction); });
        if (!step) co_return no(step.error());
        if (!session.make_room((run->found().size() - found) * found_octets)) co_return no_room();
        found = run->found().size();
        done = *step;
    }

    std::vector<std::uint32_t> numbers;
    numbers.reserve(found);
    for (SearchRun::Found const& message : run->found())
        numbers.push_back(command.uid ? core::number(message.uid) : *selected.view.numbers().number(message.uid));
    auto const modseq = asks_modseq ? told_modseq(run->found(), command.returns) : std::nullopt;
    std::string line;
    if (command.returns)
        wire::imap::put_esearch(line, session.tag(), command.uid, *command.returns, numbers, modseq);
    else
        wire::imap::put_search(line, numbers, modseq);
    session.queue(line);
    co_return ok("Searched");
}

} // namespace postern::imap
