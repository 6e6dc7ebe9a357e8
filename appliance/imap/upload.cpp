#include "imap/upload.h"

#include "imap/catenate.h"
#include "imap/slice_reader.h"

#include <utility>
#include <variant>

namespace postern::imap {

using wire::imap::AppendPiece;
using wire::imap::AppendStep;
using wire::imap::LiteralPart;
using wire::imap::MessageBegins;
using wire::imap::UrlPart;

Upload::Upload(Session& session, bool several, Check check)
    : session_(session),
      several_(several),
      check_(std::move(check)),
      limit_(session.settings().bytes("imap.append_limit")),
      batch_(session.office(), session.connection().share()) {}

asio::awaitable<std::optional<Answer>> Upload::receive(AppendPiece piece) {
    for (;;) {
        for (AppendStep& step : piece.steps)
            if (auto refused = co_await take(step)) co_return refused;
        if (!piece.literal) co_return std::nullopt;
        if (auto refused = admit(*piece.literal)) co_return refused;
        if (auto refused = co_await add_literal(*piece.literal, piece)) co_return refused;
    }
}

asio::awaitable<std::optional<Answer>> Upload::take(AppendStep& step) {
    if (auto* begins = std::get_if<MessageBegins>(&step)) return begin(*begins);
    if (auto const* url = std::get_if<UrlPart>(&step)) return add_url(*url);
    return end_message();
}

asio::awaitable<std::optional<Answer>> Upload::begin(MessageBegins& begins) {
    if (!several_ && octets_ > 0) co_return bad("One message at a time");
    begins_ = std::move(begins);
    has_nul_ = false;
    // The octets are kept as they come, so that what is fetched is what was appended.
    incoming_.emplace(session_.office(), limit_, session_.connection().share(), nullptr);
    co_return failure();
}

asio::awaitable<std::optional<Answer>> Upload::add_url(UrlPart const& part) {
    auto const octets = co_await resolve_url(session_, part.url);
    if (!octets && octets.error() == store::StoreError::no_such_message)
        co_return no(wire::imap::bad_url_code(part.url) + " There is nothing that the URL means");
    if (!octets) co_return no(octets.error());
    if (auto refused = admit(octets->size())) co_return refused;
    if (octets->text) {
        co_await add(*octets->text);
        co_return failure();
    }
    for (SliceReader reader(session_.storage(), octets->body, octets->slice); !reader.at_end() && !failure();) {
        auto piece = co_await reader.next();
        if (!piece) co_return no(piece.error());
        co_await add(std::move(*piece));
    }
    co_return failure();
}

asio::awaitable<std::optional<Answer>> Upload::end_message() {
    if (incoming_->size() == 0) co_return no("[CANNOT] An empty message cannot be kept");
    octets_ += incoming_->size();
    auto message = co_await incoming_->finish(begins_.internal_date.value_or(session_.office().clock.wall()));
    if (incoming_->out_of_memory()) co_return no_room();
    if (!message) co_return no(message.error());
    auto const added = co_await batch_.add(
        *incoming_,
        {.message = std::move(*message), .flags = begins_.flags.system, .keywords = std::move(begins_.flags.keywords)});
    incoming_.reset();
    if (batch_.out_of_memory()) co_return no_room();
    if (!added) co_return no(added.error());
    co_return std::nullopt;
}

// Before the client sends it.
std::optional<Answer> Upload::admit(LiteralPart const& literal) const {
    if (literal.utf8 && !session_.has(Extension::utf8_accept)) return bad("ENABLE UTF8=ACCEPT first");
    // RFC 3502 §6.3.11: so a client gives up, and all messages with it.
    if (literal.size == 0 && !literal.catenated) return no("[CANNOT] An empty message cannot be kept");
    return admit(literal.size);
}

// So many octets more of the message under way.
std::optional<Answer> Upload::admit(std::uint64_t octets) const {
    std::uint64_t const size = incoming_->size();
    if (octets > limit_ - size) return no("[TOOBIG] The message is too large"); // RFC 4469 §4.2, RFC 7889 §4
    // On this thread: a few pages that are in memory, or will be wanted when the message is there.
    auto const possible = session_.storage().read_here(
        [&](store::ReadTransaction const& transaction) { return check_(transaction, octets_ + size + octets); });
    if (!possible) return no_destination(possible.error());
    return std::nullopt;
}

// Gives the piece that follows.
asio::awaitable<std::optional<Answer>> Upload::add_literal(LiteralPart literal, AppendPiece& next) {
    session_.accept_message();
    for (;;) {
        auto const event = co_await session_.next_event();
        if (!event) co_return answered();
        if (auto const* octets = std::get_if<wire::imap::MessageOctets>(&*event)) {
            co_await add(std::string(octets->octets));
            continue;
        }
        if (auto const* refused = std::get_if<wire::imap::Refused>(&*event))
            co_return bad(std::string(refused->reason));
        if (auto failed = failure()) co_return failed;
        auto const* announced = std::get_if<wire::imap::MessageAnnounced>(&*event);
        auto const& framed =
            announced != nullptr ? announced->command : std::get<wire::imap::MessageComplete>(*event).rest;
        if (!session_.make_room_for(framed)) co_return no_room();
        auto piece = wire::imap::parse_append_piece(framed, literal, several_);
        if (!piece) co_return Answer{piece.error().condition, std::move(piece.error().text)};
        next = std::move(*piece);
        co_return std::nullopt;
    }
}

asio::awaitable<void> Upload::add(std::string octets) {
    has_nul_ = has_nul_ || octets.contains('\0');
    if (!has_nul_) co_await incoming_->append(std::move(octets));
}

std::optional<Answer> Upload::failure() const {
    if (incoming_->out_of_memory()) return no_room();
    // BODY[] could not say it: no literal has a NUL in it (RFC 3501 §9 CHAR8, RFC 3516 §4.4).
    if (has_nul_) return no("[UNKNOWN-CTE] A message with NUL octets cannot be kept");
    return std::nullopt;
}

} // namespace postern::imap
