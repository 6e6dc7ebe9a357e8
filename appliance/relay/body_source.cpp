#include "relay/body_source.h"

#include "message/structure.h"
#include "store/bodies.h"

namespace postern::relay {

BodySource::BodySource(office::Office& office, Consignment const& consignment)
    : office_(office), consignment_(consignment), size_(consignment.size()), offset_(consignment.begin) {}

asio::awaitable<store::Result<bool>> BodySource::make_seven_bit() {
    auto const structure = message::decode_structure(consignment_.structure);
    if (!structure) co_return std::unexpected(store::StoreError::damaged);
    plan_.emplace(*structure);
    for (std::uint64_t offset = 0; offset < consignment_.end;) {
        auto const piece = co_await read(offset);
        if (!piece) co_return std::unexpected(piece.error());
        plan_->feed(*piece);
        offset += piece->size();
    }
    switch (plan_->verdict()) {
    case message::SevenBitPlan::Verdict::as_it_is: co_return true;
    case message::SevenBitPlan::Verdict::impossible: co_return false;
    case message::SevenBitPlan::Verdict::to_convert: break;
    }
    conversion_.emplace(*plan_);
    size_ = plan_->size() - consignment_.begin;
    offset_ = 0; // it wants the message from its start
    co_return true;
}

asio::awaitable<store::Result<std::string>> BodySource::next() {
    std::string converted;
    while (offset_ < consignment_.end && converted.empty()) {
        bool const first = offset_ == 0;
        auto piece = co_await read(offset_);
        if (!piece) co_return piece;
        offset_ += piece->size();
        if (!conversion_) co_return piece;
        conversion_->feed(*piece, converted);
        if (first) converted.erase(0, return_path_octets(converted));
    }
    co_return converted;
}

asio::awaitable<store::Result<std::string>> BodySource::read(std::uint64_t offset) {
    if (consignment_.is_small()) co_return consignment_.octets.substr(offset);
    auto piece =
        co_await office_.storage.read([body = consignment_.body, offset](store::ReadTransaction const& transaction) {
            return store::read_body(transaction, body, offset, piece_octets);
        });
    if (piece && piece->empty()) co_return std::unexpected(store::StoreError::damaged);
    co_return piece;
}

} // namespace postern::relay
