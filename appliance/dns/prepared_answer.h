// An answer in the octets in which it goes out, made once and sent to whoever asks: what is the asker's own, his id and
// flags and his question as he wrote it, stands before it, and his EDNS behind it. A value that does not change; any
// thread.
#pragma once

#include "core/clock.h"
#include "wire/dns_message.h"
#include "wire/dns_query.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::dns {

struct PreparedAnswer {
    wire::dns::ResponseCode code = wire::dns::ResponseCode::no_error;
    bool authoritative = false;
    bool authentic_data = false;
    std::uint16_t answers = 0, authorities = 0, additionals = 0; // without OPT
    std::string octets;                                          // all records; they point to the question at octet 12
    std::size_t needed = 0; // of these octets: answers and authorities, without which it is truncated (RFC 2181 §9)
    // Where each record's time to live is, from the beginning of `octets`. They count down from `made` on, to
    // `least_ttl`; those of a zone of our own stand still.
    std::vector<std::uint16_t> times;
    std::optional<core::SteadyTime> made;
    wire::dns::Seconds least_ttl{0}; // RFC 8767 §5: 30 seconds, where it is given out although its time is over
    std::optional<wire::dns::ExtendedError> error; // RFC 8914, for who speaks EDNS
};

// What we can take over UDP, and all that we send there: what fits every link's packets, which nobody has to put
// together again (RFC 9715 §3).
inline constexpr std::uint16_t udp_payload = 1232;

// Of a whole message, which has one question, as it came or was made; its EDNS is left out but for the first extended
// error. `made` as above.
[[nodiscard]] PreparedAnswer prepare(wire::dns::Message const& message, std::optional<core::SteadyTime> made);
// Of one that is the answer to other names as well: records of the name that it asks for are of whichever is asked for.
[[nodiscard]] PreparedAnswer prepare_for_any_name(wire::dns::Message const& message);

// What the server adds of its own.
struct Reply {
    std::size_t limit = wire::dns::udp_limit; // octets, at least that; beyond it the answer is empty and truncated
    std::string_view cookie;                  // RFC 7873: client's and server's; empty: none
    core::SteadyTime now{};
    // RFC 7828, for who wants to know: for how long his TCP connection may be idle; nothing: it is none, or not told.
    std::optional<std::chrono::milliseconds> idle_limit{};
    bool cut = false; // it is truncated however short it is, so that it is asked for over TCP
};

// Writes it to `out`, which has room for `limit`; gives how many octets there are.
[[nodiscard]] std::size_t write_answer(wire::dns::Query const& query, PreparedAnswer const& answer, Reply const& reply,
                                       std::span<char> out);

} // namespace postern::dns
