// The messages that an APPEND or a REPLACE brings, while the command is read (RFC 3501 §6.3.11, RFC 3502, RFC 4469):
// what the client sends goes on as it arrives, what URLs mean is read from the store piece by piece, and nothing is in
// a mailbox before all of it is there. What cannot be done is refused before the client sends octets for it, if it can
// be known then.
//
// A header with 8-bit octets is taken without UTF8, too, although RFC 6855 §4 has it refused: such mail comes by SMTP
// all the same, and whoever moves here from another server has to be able to bring it along.
#pragma once

#include "imap/session.h"
#include "office/message_batch.h"
#include "wire/imap_append.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace postern::imap {

class Upload {
public:
    // Whether messages of so many octets together may come, as far as it can be known now, on this thread.
    using Check = std::function<store::Result<void>(store::ReadTransaction const& transaction, std::uint64_t octets)>;

    // `session` outlives it. `several`: more than one message may come.
    Upload(Session& session, bool several, Check check);

    // From the command's first piece to its end. Why the command is refused; nothing: all messages are there.
    asio::awaitable<std::optional<Answer>> receive(wire::imap::AppendPiece piece);

    // Then, for the change that puts them. The Upload must live until the store has them.
    [[nodiscard]] std::vector<store::Addition> take() { return batch_.take(); }

private:
    asio::awaitable<std::optional<Answer>> take(wire::imap::AppendStep& step);
    asio::awaitable<std::optional<Answer>> begin(wire::imap::MessageBegins& begins);
    asio::awaitable<std::optional<Answer>> add_url(wire::imap::UrlPart const& part);
    asio::awaitable<std::optional<Answer>> end_message();
    [[nodiscard]] std::optional<Answer> admit(wire::imap::LiteralPart const& literal) const;
    [[nodiscard]] std::optional<Answer> admit(std::uint64_t octets) const;
    asio::awaitable<std::optional<Answer>> add_literal(wire::imap::LiteralPart literal, wire::imap::AppendPiece& next);
    asio::awaitable<void> add(std::string octets);
    [[nodiscard]] std::optional<Answer> failure() const;

    Session& session_;
    bool const several_;
    Check const check_;
    std::uint64_t const limit_; // of a message
    office::MessageBatch batch_;
    std::uint64_t octets_ = 0; // of the messages before the one under way
    wire::imap::MessageBegins begins_;
    std::optional<office::IncomingMessage> incoming_; // the one under way
    bool has_nul_ = false;
};

} // namespace postern::imap
