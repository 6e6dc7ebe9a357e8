#include "pop3/transaction.h"

#include <format>
#include <iterator>

namespace postern::pop3 {

namespace {

Answer no_message() { return err("There is no message of that number"); }

// RFC 1939 §5, scan listings: a line for the message that is asked for, or one for each that is not marked as deleted.
// Of a large maildrop the lines leave in pieces, so that a client that reads slowly does not hold them all.
template <typename Describe>
asio::awaitable<Answer> list(Session& session, std::optional<std::uint32_t> number, std::string_view heading,
                             Describe describe) {
    Maildrop const& maildrop = session.maildrop();
    if (number) {
        auto const* message = maildrop.find(*number);
        if (message == nullptr) co_return no_message();
        std::string line;
        describe(line, *message);
        co_return ok(std::format("{} {}", *number, line));
    }
    session.queue(heading);
    std::string lines;
    for (std::uint32_t at = 1; at <= maildrop.messages().size(); ++at) {
        auto const* message = maildrop.find(at);
        if (message == nullptr) continue;
        std::format_to(std::back_inserter(lines), "{} ", at);
        describe(lines, *message);
        lines += "\r\n";
        constexpr std::size_t piece = 16 * 1024;
        if (lines.size() < piece) continue;
        session.queue(lines);
        lines.clear();
        if (!co_await session.connection().flush_if_full()) break;
    }
    session.queue(lines + ".\r\n");
    co_return said();
}

Answer failed(Session& session, Retrieval::Failure failure) {
    switch (failure) {
    case Retrieval::Failure::gone: return err(store::StoreError::no_such_message);
    case Retrieval::Failure::damaged: return err(store::StoreError::damaged);
    case Retrieval::Failure::unavailable: return err(store::StoreError::failed);
    case Retrieval::Failure::no_room: return no_room();
    case Retrieval::Failure::cut_off: session.end(); return said();
    }
    std::unreachable();
}

} // namespace

asio::awaitable<Answer> tell_status(Session& session, wire::pop3::Stat&) {
    co_return ok(std::format("{} {}", session.maildrop().count(), session.maildrop().octets()));
}

asio::awaitable<Answer> list_sizes(Session& session, wire::pop3::List& command) {
    return list(session, command.message, "+OK The sizes of messages follow\r\n",
                [](std::string& line, Maildrop::Message const& message) {
                    std::format_to(std::back_inserter(line), "{}", message.size);
                });
}

asio::awaitable<Answer> list_unique_ids(Session& session, wire::pop3::Uidl& command) {
    return list(session, command.message, "+OK The names of messages follow\r\n",
                [&maildrop = session.maildrop()](std::string& line, Maildrop::Message const& message) {
                    line += maildrop.unique_id(message);
                });
}

asio::awaitable<Answer> retrieve(Session& session, wire::pop3::Retr& command) {
    auto const* message = session.maildrop().find(command.message);
    if (message == nullptr) co_return no_message();
    auto const sent = co_await session.retrieval().send(command.message, {.lines = std::nullopt, .utf8 = session.utf8});
    if (!sent) co_return failed(session, sent.error());
    if (session.maildrop().mark_retrieved(*message))
        office::log_read({&*sent, 1}, session.maildrop().mailbox(), session.client());
    co_return said();
}

asio::awaitable<Answer> retrieve_top(Session& session, wire::pop3::Top& command) {
    if (session.maildrop().find(command.message) == nullptr) co_return no_message();
    auto const sent =
        co_await session.retrieval().send(command.message, {.lines = command.lines, .utf8 = session.utf8});
    if (!sent) co_return failed(session, sent.error());
    co_return said();
}

asio::awaitable<Answer> delete_message(Session& session, wire::pop3::Dele& command) {
    auto const* message = session.maildrop().find(command.message);
    if (message == nullptr) co_return no_message();
    session.maildrop().mark_deleted(*message);
    co_return ok("It goes at QUIT");
}

asio::awaitable<Answer> do_nothing(Session&, wire::pop3::Noop&) { co_return ok("Nothing done"); }

asio::awaitable<Answer> reset(Session& session, wire::pop3::Rset&) {
    session.maildrop().unmark_all();
    co_return ok(std::format("{} messages", session.maildrop().count()));
}

// RFC 1939 §6: the update state.
asio::awaitable<Answer> quit(Session& session, wire::pop3::Quit&) {
    session.end();
    if (session.state() == State::transaction) {
        auto const updated = co_await session.maildrop().update(session.office().storage);
        if (!updated) {
            auto answer = err(updated.error());
            answer.text += "; nothing was deleted";
            co_return answer;
        }
        office::log_deleted(*updated, session.maildrop().mailbox(), session.client());
    }
    co_return ok("Goodbye");
}

} // namespace postern::pop3
