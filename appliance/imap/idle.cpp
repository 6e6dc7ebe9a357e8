#include "imap/idle.h"

#include "text/ascii.h"

namespace postern::imap {

asio::awaitable<Answer> idle(Session& session, wire::imap::Idle&) {
    std::string line;
    wire::imap::put_continuation(line, "Idling");
    session.queue(line);
    for (;;) {
        co_await session.announce(Session::Expunges::told);
        if (session.state() == State::logout) co_return answered();
        auto const event = co_await session.next_line_or_news();
        if (!event) co_return answered();
        if (std::holds_alternative<wire::imap::MoreNeeded>(*event)) continue;
        auto const* done = std::get_if<wire::imap::LineReady>(&*event);
        if (done != nullptr && text::iequals(done->line, "DONE")) co_return ok("No longer idle");
        co_return bad("DONE ends IDLE");
    }
}

} // namespace postern::imap
