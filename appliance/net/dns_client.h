// Questions to name servers (RFC 1035 §4.2): over UDP, and over TCP where the answer is too long for that. Each goes
// with an id and from a port that nobody can guess, and only what answers it, from whom it was asked, is taken (RFC
// 5452 §9).
#pragma once

#include "core/random.h"
#include "wire/dns_message.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <system_error>

namespace postern::net {

// What goes over every link in one packet: 1280 octets (RFC 8200 §5), less the headers of IPv6 and UDP.
inline constexpr std::uint16_t dns_payload_size = 1232;

struct DnsFailure {
    std::error_code error; // of the system; empty: it talks nonsense
    std::string reason;    // completes "192.0.2.53 ..."
};

// RFC 5452 §9.1: by id, opcode and question, letters in any case. An error may come without the question.
[[nodiscard]] bool is_answer(wire::dns::Message const& message, wire::dns::Message const& query);

// The query goes from a port of its own. Waits for as long as it is not cancelled; what does not answer it is passed
// over. An answer that is truncated may have lost its end.
boost::asio::awaitable<std::expected<wire::dns::Message, DnsFailure>> ask_by_udp(boost::asio::ip::udp::endpoint server,
                                                                                 wire::dns::Message query);

// What it answers, whatever that means; the error completes "192.0.2.53 ...". `timeout`: for each way of asking.
// `random` outlives it. Asio's cancellation ends it.
boost::asio::awaitable<std::expected<wire::dns::Message, std::string>>
ask_name_server(boost::asio::ip::udp::endpoint server, wire::dns::Question question, core::Random& random,
                std::chrono::seconds timeout);

} // namespace postern::net
