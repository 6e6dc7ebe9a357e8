// What goes to a relay in one mail transaction: a message, and some of its recipients.
#pragma once

#include "office/office.h"
#include "store/records.h"
#include "store/store.h"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::relay {

namespace asio = boost::asio;

struct Consignment {
    std::vector<store::QueueItem> items; // at least one; of one message
    store::BodyId body{};
    std::string structure;   // message::Structure, encoded; of one that may have to be converted
    std::uint64_t begin = 0; // of what is sent, in the body: Return-Path, which is for our own mailboxes, is left out
    std::uint64_t end = 0;
    std::string octets;   // the body, where it is small; else it is read while it is sent: its items keep it there
    bool readable = true; // or the store cannot give it

    [[nodiscard]] std::uint64_t size() const { return end - begin; }
    [[nodiscard]] bool is_small() const { return octets.size() == end; }
    // RFC 6152 §3, RFC 3030 §3, RFC 6531 §3.2: what its sender declared it to be, and what its addresses are.
    [[nodiscard]] bool needs_8bit() const { return items.front().body_8bit; }
    [[nodiscard]] bool needs_utf8() const;
};

// Sent as a whole, and without waiting for what the relay says to its recipients.
constexpr std::uint64_t small_consignment = 64 * 1024;

// RFC 5321 §4.4: octets of the Return-Path field that a message begins with; none if it does not.
[[nodiscard]] std::size_t return_path_octets(std::string_view message);

// What there is of these items of one message; none that are gone. For a reader's thread.
[[nodiscard]] Consignment load(store::ReadTransaction const& transaction, std::span<store::QueueItemId const> items);

} // namespace postern::relay
