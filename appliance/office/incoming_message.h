// A message on its way in, by SMTP DATA or BDAT or by IMAP APPEND: small ones stay in memory, large ones go to the store
// in chunks as they arrive; the MIME structure is found on the way, so that nothing is read twice.
#pragma once

#include "message/header.h"
#include "message/structure.h"
#include "office/office.h"
#include "store/messages.h"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace postern::office {

class IncomingMessage {
public:
    static constexpr std::size_t memory_limit = 256 * 1024;        // octets kept before the store takes them
    static constexpr std::size_t header_limit = memory_limit / 2; // a header section longer than this is not looked at

    // `prefix` is asked once, when the header section is complete (or header_limit passed, then with what there is),
    // for what goes in front of it: Received and Return-Path lines, a missing Date. May be empty.
    using Prefix = std::function<std::string(message::HeaderSection const& header)>;

    IncomingMessage(Office& office, std::uint64_t size_limit, Prefix prefix);
    ~IncomingMessage(); // what was spooled and not taken is erased

    // Any length. The first error stays: later octets are counted and dropped, so that a protocol can read to its end.
    asio::awaitable<void> append(std::string octets);

    [[nodiscard]] std::uint64_t size() const; // octets so far, without the prefix
    [[nodiscard]] bool too_large() const;
    [[nodiscard]] unsigned received_count() const; // RFC 5321 §6.3: valid once the header section is complete

    // The whole, ready for store::append or store::deliver. To be called once.
    asio::awaitable<store::Result<store::NewMessage>> finish(store::WallTime internal_date);
};

} // namespace postern::office
