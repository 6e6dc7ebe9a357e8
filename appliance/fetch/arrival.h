// One message on its way from a provider: its octets as they come, perhaps over several connections, and its delivery.
#pragma once

#include "fetch/header.h"
#include "net/memory_budget.h"
#include "office/incoming_message.h"
#include "office/office.h"
#include "store/records.h"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postern::fetch {

namespace asio = boost::asio;

// What there is to know of the message before it comes.
struct Announced {
    std::string id;                                 // what its provider calls it, as store::Fetched has it
    std::optional<store::WallTime> internal_date{}; // nothing: when it is here
    std::optional<std::uint64_t> stub_of{};         // a stub comes instead of it, which has so many octets
};

// Who brings it.
struct Bringer {
    std::string peer_address;
    std::string tls;
};

// Why a message stays at its provider, for an administrator.
struct Refusal {
    std::string reason;
    bool lasting = false;    // it will be no other way soon
    bool everything = false; // nor would another message be taken now: the store does not work
    bool no_stub = false;    // the message itself will do: some of it goes elsewhere
};

class Arrival {
public:
    // `office` and `source` outlive it. `memory` holds nothing yet.
    Arrival(office::Office& office, store::FetchSource const& source, Announced announced, Bringer const& bringer,
            net::MemoryShare memory);
    Arrival(Arrival const&) = delete;
    Arrival& operator=(Arrival const&) = delete;

    [[nodiscard]] Announced const& announced() const { return announced_; }
    asio::awaitable<void> append(std::string octets);
    [[nodiscard]] std::uint64_t octets() const { return incoming_.size(); } // so far
    // Once its header is complete.
    [[nodiscard]] std::optional<std::string> const& mark() const { return mark_; }
    // Why it is of no use to bring more of it.
    [[nodiscard]] std::optional<Refusal> refusal() const;

    // All of it is here. Delivers it and notes that it was taken, in one change; or neither. What was taken as `before`
    // is only known by its new id then.
    asio::awaitable<std::expected<store::Fetched, Refusal>> finish(std::optional<std::string> before);

private:
    std::string prefix(message::HeaderSection const& header);

    office::Office& office_;
    store::FetchSource const& source_;
    Announced announced_;
    Bringer bringer_;
    std::string id_; // in Received, and in the log
    std::optional<std::string> mark_;
    std::string reverse_path_;
    core::Urgency urgency_ = core::Urgency::normal;
    std::vector<std::vector<message::Mailbox>> addressees_;
    office::IncomingMessage incoming_;
};

} // namespace postern::fetch
