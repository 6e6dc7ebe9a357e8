// What an SMTP server offers in its answer to EHLO (RFC 5321 §4.1.1.1, §2.2). What is unknown, or has parameters that
// make no sense, is not there for the client. Pure; any thread.
#pragma once

#include "wire/smtp_reply_reader.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace postern::wire::smtp {

// Mechanisms that are read; more than anybody offers.
inline constexpr std::size_t auth_mechanisms_limit = 32;

struct Extensions {
    bool pipelining = false;                          // RFC 2920
    bool eight_bit_mime = false;                      // RFC 6152
    bool binary_mime = false;                         // RFC 3030
    bool chunking = false;                            // RFC 3030
    bool smtputf8 = false;                            // RFC 6531
    bool dsn = false;                                 // RFC 3461
    bool starttls = false;                            // RFC 3207
    bool enhanced_status_codes = false;               // RFC 2034
    bool mt_priority = false;                         // RFC 6710
    bool require_tls = false;                         // RFC 8689
    bool etrn = false;                                // RFC 1985
    bool atrn = false;                                // RFC 2645
    std::optional<std::uint64_t> size{};              // RFC 1870: octets of the largest message; 0: no limit is told
    std::vector<std::string> auth{};                  // RFC 4954: mechanisms in capitals, in the server's order
    std::optional<std::chrono::seconds> deliver_by{}; // RFC 2852: the shortest time; 0: no minimum is told
    std::optional<std::uint64_t> mail_max{};          // RFC 9422: messages of one session
    std::optional<std::uint64_t> rcpt_max{};          // RFC 9422: recipients of one message

    bool operator==(Extensions const&) const = default;
};

// `ehlo`: the positive reply to EHLO. Its first line is the server's name and greeting.
[[nodiscard]] Extensions parse_extensions(ServerReply const& ehlo);

} // namespace postern::wire::smtp
