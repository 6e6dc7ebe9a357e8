#include "office/message_batch.h"

#include <memory>
#include <utility>
#include <variant>

namespace postern::office {

namespace {

// What an addition takes in memory beside its body, about.
std::size_t octets_beside_body(store::Addition const& addition) {
    store::NewMessage const& message = addition.message;
    std::size_t octets = sizeof addition + message.envelope.size() + message.structure.size() +
                         message.search_texts.size() + message.thread_keys.size() + message.signature.size();
    for (std::string const& keyword : addition.keywords) octets += sizeof keyword + keyword.size();
    return octets;
}

} // namespace

MessageBatch::MessageBatch(Office& office, net::MemoryShare memory) : office_(office), memory_(std::move(memory)) {}

MessageBatch::~MessageBatch() {
    if (bodies_.empty()) return;
    office_.storage.store().write(
        [bodies = std::move(bodies_)](store::WriteTransaction& transaction) -> store::Result<void> {
            // If a message took one, the store knows, and refuses.
            for (store::BodyId const body : bodies) (void)store::discard_body(transaction, body);
            return {};
        },
        [](store::Result<void> const&) {});
}

asio::awaitable<store::Result<void>> MessageBatch::add(IncomingMessage& incoming, store::Addition addition) {
    if (auto const* body = std::get_if<store::BodyId>(&addition.message.body))
        bodies_.push_back(*body);
    else
        bodies_octets_ += std::get<std::string>(addition.message.body).size();
    other_octets_ += octets_beside_body(addition);
    additions_.push_back(std::move(addition));
    incoming.release();
    if (bodies_octets_ > IncomingMessage::memory_limit || !hold()) {
        if (auto const spooled = co_await spool(); !spooled) co_return spooled;
        if (!hold()) {
            out_of_memory_ = true;
            co_return std::unexpected(store::StoreError::full);
        }
    }
    co_return store::Result<void>{};
}

bool MessageBatch::hold() { return memory_.resize(bodies_octets_ + other_octets_); }

// Gives the store all bodies that are in memory, in one change.
asio::awaitable<store::Result<void>> MessageBatch::spool() {
    auto const waiting = std::make_shared<std::vector<std::string>>();
    for (std::size_t i = first_in_memory_; i < additions_.size(); ++i)
        if (auto* body = std::get_if<std::string>(&additions_[i].message.body)) waiting->push_back(std::move(*body));
    auto const spooled = co_await office_.storage.write(
        [waiting](store::WriteTransaction& transaction) -> store::Result<std::vector<store::BodyId>> {
            std::vector<store::BodyId> bodies;
            for (std::string const& octets : *waiting) {
                auto const body = store::begin_body(transaction);
                if (!body) return std::unexpected(body.error());
                if (auto const put = store::append_body(transaction, *body, octets); !put)
                    return std::unexpected(put.error());
                bodies.push_back(*body);
            }
            return bodies;
        });
    if (!spooled) co_return std::unexpected(spooled.error());
    auto next = spooled->begin();
    for (; first_in_memory_ < additions_.size(); ++first_in_memory_) {
        auto& body = additions_[first_in_memory_].message.body;
        if (std::holds_alternative<std::string>(body)) body = *next++;
    }
    bodies_.insert(bodies_.end(), spooled->begin(), spooled->end());
    bodies_octets_ = 0;
    co_return store::Result<void>{};
}

} // namespace postern::office
