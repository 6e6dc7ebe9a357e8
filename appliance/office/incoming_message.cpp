#include "office/incoming_message.h"

#include "message/search_text.h"
#include "message/signature.h"
#include "store/message_reader.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace postern::office {

namespace {

// A message up to this long gets its signature on the session's thread: a way to another takes longer.
constexpr std::size_t quickly_signed = 32 * 1024;

// What a reader's thread works on; shared, since a session may end meanwhile.
struct Unsigned {
    std::string structure;
    std::string octets;
};

std::string sign(std::string_view structure, std::string_view octets) {
    return message::make_signature(message::decode_structure(structure).value(), octets);
}

// The signature of a body that was spooled. What cannot be read is found when somebody reads the message.
std::string sign_spooled(store::ReadTransaction const& transaction, std::string_view structure, store::BodyId body,
                         std::uint64_t size) {
    message::SignatureMaker maker;
    message::TextWalk walk(message::decode_structure(structure).value(), true, maker);
    if (!message::can_be_signed(walk)) return {};
    store::MessageView message;
    message.id = static_cast<store::MessageId>(core::number(body));
    message.size = size;
    store::MessageReader reader(transaction);
    std::string piece;
    while (auto const wanted = walk.wanted()) {
        piece.clear();
        if (!reader.read_body(message, wanted->begin, wanted->end - wanted->begin, piece)) return {};
        walk.feed(piece);
    }
    return maker.signature();
}

} // namespace

IncomingMessage::IncomingMessage(Office& office, std::uint64_t size_limit, net::MemoryShare memory, Prefix prefix)
    : office_(office),
      size_limit_(size_limit),
      memory_(std::move(memory)),
      prefix_(std::move(prefix)),
      out_of_memory_(!hold()) {}

IncomingMessage::~IncomingMessage() {
    if (!body_) return;
    // If a message took the body, the store knows, and refuses.
    office_.storage.store().write(
        [body = *body_](store::WriteTransaction& transaction) { return store::discard_body(transaction, body); },
        [](store::Result<void> const&) {});
}

asio::awaitable<void> IncomingMessage::append(std::string octets) {
    size_ += octets.size();
    if (too_large() || error_ || out_of_memory_) {
        drop();
        co_return;
    }
    if (!in_header_) {
        co_await take(std::move(octets));
        co_return;
    }
    bool const line_ends = octets.contains('\n');
    header_ += octets;
    if (line_ends) {
        // Only from the last line on: each octet is looked at once, however small the pieces are.
        auto const end = message::header_end(std::string_view(header_).substr(line_begin_));
        if (end != std::string_view::npos) {
            co_await end_header(line_begin_ + end);
            co_return;
        }
        line_begin_ = header_.rfind('\n') + 1;
    }
    if (header_.size() > header_limit) {
        co_await end_header(header_.size());
    } else if (!hold()) {
        out_of_memory_ = true;
        drop();
    }
}

void IncomingMessage::drop() {
    header_ = {};
    pending_ = {};
    parser_ = message::StructureParser();
    memory_.account(0);
}

// Takes from the budget what is in memory. While the store takes a piece it has it as well.
bool IncomingMessage::hold() {
    return memory_.resize(std::max(least_memory, header_.capacity() + 2 * pending_.capacity() + parser_.held_octets()));
}

// header_ begins with the header section, `length` octets of it.
asio::awaitable<void> IncomingMessage::end_header(std::size_t length) {
    in_header_ = false;
    auto octets = std::exchange(header_, {});
    message::HeaderSection const section(std::string_view(octets).substr(0, length));
    received_count_ = message::count_received(section);
    if (auto const references = section.first("References"))
        references_ = message::reference_hashes(references->raw_body);
    auto prefix = prefix_ ? prefix_(section) : std::string();
    bool const has_header = section.begin() != section.end() || octets.starts_with("\r\n");
    if (!prefix.empty() && !has_header) prefix += "\r\n";
    if (!prefix.empty()) co_await take(std::move(prefix));
    co_await take(std::move(octets));
}

asio::awaitable<void> IncomingMessage::take(std::string octets) {
    parser_.feed(octets);
    body_size_ += octets.size();
    if (pending_.empty())
        pending_ = std::move(octets);
    else
        pending_ += octets;
    if (pending_.size() <= memory_limit && hold()) co_return;
    co_await spool(pending_.size() - pending_.size() % store::body_chunk_size);
    if (error_ || hold()) co_return;
    out_of_memory_ = true;
    drop();
}

// Gives the store the first `octets` of pending_.
asio::awaitable<void> IncomingMessage::spool(std::size_t octets) {
    if (octets == 0) co_return;
    auto rest = pending_.substr(octets);
    pending_.resize(octets);
    auto piece = std::exchange(pending_, std::move(rest));
    auto const spooled = co_await office_.storage.write(
        [body = body_, piece = std::move(piece)](store::WriteTransaction& transaction) -> store::Result<store::BodyId> {
            auto const into = body ? *body : store::begin_body(transaction);
            if (!into) return into;
            if (auto const appended = store::append_body(transaction, *into, piece); !appended) {
                if (!body) (void)store::discard_body(transaction, *into);
                return std::unexpected(appended.error());
            }
            return into;
        });
    if (spooled)
        body_ = *spooled;
    else
        error_ = spooled.error();
}

asio::awaitable<store::Result<store::NewMessage>> IncomingMessage::finish(store::WallTime internal_date) {
    if (in_header_ && !error_) co_await end_header(header_.size());
    if (out_of_memory_) co_return std::unexpected(store::StoreError::full);
    if (body_ && !error_ && !pending_.empty()) co_await spool(pending_.size());
    if (error_) co_return std::unexpected(*error_);
    auto structure = parser_.finish();
    // Kept once: FETCH and SEARCH want the envelope far more often than the structure.
    auto envelope = message::encode(std::exchange(structure.envelope, {}));
    auto const view = message::decode_envelope(envelope).value();
    auto search_texts = message::pack_search_texts(view);
    auto thread_keys = message::encode(message::make_thread_keys(view, std::move(references_)));
    store::NewMessage message{.body = {},
                              .size = body_size_,
                              .internal_date = internal_date,
                              .envelope = std::move(envelope),
                              .structure = message::encode(structure),
                              .search_texts = std::move(search_texts),
                              .thread_keys = std::move(thread_keys),
                              .signature = {}};
    if (auto const error = co_await sign(message)) co_return std::unexpected(*error);
    co_return message;
}

void IncomingMessage::release() {
    body_.reset();
    memory_.account(0);
}

// Puts the body and the signature there.
asio::awaitable<std::optional<store::StoreError>> IncomingMessage::sign(store::NewMessage& message) {
    if (body_) {
        message.body = *body_;
        auto signature =
            co_await office_.storage.read([structure = message.structure, body = *body_, size = body_size_](
                                              store::ReadTransaction const& transaction) -> store::Result<std::string> {
                return sign_spooled(transaction, structure, body, size);
            });
        if (!signature) co_return signature.error();
        message.signature = std::move(*signature);
    } else if (pending_.size() <= quickly_signed) {
        message.signature = office::sign(message.structure, pending_);
        message.body = std::move(pending_);
    } else {
        auto const work = std::make_shared<Unsigned>(message.structure, std::move(pending_));
        message.signature =
            co_await office_.storage.compute([work] { return office::sign(work->structure, work->octets); });
        message.body = std::move(work->octets);
    }
    co_return std::nullopt;
}

} // namespace postern::office
