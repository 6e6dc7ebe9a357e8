// One question to one name server (RFC 1035 §4.2): over UDP, and over TCP where the answer is too long for that. Each
// goes with an id and from a port that nobody can guess, and only what answers it, from whom it was asked, is taken
// (RFC 5452 §9).
#pragma once

#include "core/random.h"
#include "wire/dns_message.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/udp.hpp>

#include <chrono>
#include <expected>
#include <string>

namespace postern::net {

// What it answers, whatever that means; the error completes "192.0.2.53 ...". `timeout`: for each way of asking.
// `random` outlives it. Asio's cancellation ends it.
boost::asio::awaitable<std::expected<wire::dns::Message, std::string>>
ask_name_server(boost::asio::ip::udp::endpoint server, wire::dns::Question question, core::Random& random,
                std::chrono::seconds timeout);

} // namespace postern::net
