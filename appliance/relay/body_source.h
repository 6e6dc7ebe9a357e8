// The octets of a message as a relay gets them, piece by piece: as they are, or made 7bit for one that takes no other
// (RFC 6152 §3).
#pragma once

#include "message/seven_bit.h"
#include "office/office.h"
#include "relay/consignment.h"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace postern::relay {

class BodySource {
public:
    static constexpr std::uint64_t piece_octets = 256 * 1024UZ;

    // Both outlive it.
    BodySource(office::Office& office, Consignment const& consignment);

    // Before the first piece: from now on 7bit data. False: this message cannot be said in it.
    asio::awaitable<store::Result<bool>> make_seven_bit();

    [[nodiscard]] std::uint64_t size() const { return size_; } // of all pieces
    // The next one; empty at the end.
    asio::awaitable<store::Result<std::string>> next();

private:
    asio::awaitable<store::Result<std::string>> read(std::uint64_t offset);

    office::Office& office_;
    Consignment const& consignment_;
    std::uint64_t size_;
    std::uint64_t offset_; // in the body, of what is read next
    std::optional<message::SevenBitPlan> plan_;
    std::optional<message::SevenBitConversion> conversion_;
};

} // namespace postern::relay
