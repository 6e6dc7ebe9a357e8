// One SMTP command line as a typed value (RFC 5321 §4.1, and the extensions that Postern offers). What parses is valid
// in itself: paths, parameters and their values are checked; whether the command may come now is the session's to say.
// Pure; any thread.
#pragma once

#include "message/address.h"
#include "wire/smtp_reply.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace postern::wire::smtp {

// Octets of a command line without CRLF. RFC 5321 §4.5.3.1.4 asks for 512, the extensions for some 1,500 more.
inline constexpr std::size_t command_line_limit = 4096;
// RFC 4954 §4: of an AUTH exchange's lines, the one with the command included.
inline constexpr std::size_t auth_line_limit = 12288;
// RFC 5321 §4.5.3.1.3: of a path with its angle brackets; a source route, which is ignored, not counted.
inline constexpr std::size_t path_limit = 256;

enum class BodyType : std::uint8_t { seven_bit, eight_bit_mime, binary_mime }; // RFC 6152 §3, RFC 3030 §3

// RFC 2852 BY
struct DeliverBy {
    std::chrono::seconds within{}; // negative: it was late already
    bool or_return = false;        // by-mode "R": what is late comes back; otherwise "N": its sender is told
    bool trace = false;
    friend bool operator==(DeliverBy const&, DeliverBy const&) = default;
};

// RFC 4865: HOLDFOR or HOLDUNTIL
using FutureRelease = std::variant<std::chrono::seconds, std::chrono::sys_seconds>;

struct Helo {
    std::string domain; // as the client gave it: letters, digits and "-._:[]" alone
};
struct Ehlo {
    std::string domain; // the same
};
struct Mail {
    std::optional<message::Mailbox> reverse_path; // nothing: the null reverse-path
    std::uint64_t size = 0;                       // RFC 1870 §6.1; 0 if it was not declared
    BodyType body = BodyType::seven_bit;
    bool smtputf8 = false;       // RFC 6531 §3.4
    std::string return_content;  // RFC 3461 §4.3 RET: "", "FULL" or "HDRS"
    std::string envelope_id;     // RFC 3461 §4.4 ENVID, xtext as it came
    std::optional<int> priority; // RFC 6710 §4: -9 to 9
    std::optional<DeliverBy> deliver_by;
    std::optional<FutureRelease> future_release;
};
struct Rcpt {
    message::Mailbox forward_path;  // domain empty for <Postmaster>, RFC 5321 §4.1.1.3
    std::string notify;             // RFC 3461 §4.1 in capitals: "", "NEVER", or some of "SUCCESS,FAILURE,DELAY"
    std::string original_recipient; // RFC 3461 §4.2 ORCPT, xtext as it came
};
struct Data {};
struct Bdat { // RFC 3030 §2
    std::uint64_t size = 0;
    bool last = false;
};
struct Rset {};
struct Vrfy {};
struct Expn {};
struct Help {};
struct Noop {};
struct Quit {};
struct StartTls {};                              // RFC 3207
struct Auth {                                    // RFC 4954 §4
    std::string mechanism;                       // in capitals
    std::optional<std::string> initial_response; // decoded
};

struct Etrn {                                                      // RFC 1985 §5
    enum class Scope : std::uint8_t { domain, subdomains, queue }; // named as it is, by "@", by "#"
    Scope scope{};
    std::string node; // a domain in lower case; of a queue, as it came
};

using Command =
    std::variant<Helo, Ehlo, Mail, Rcpt, Data, Bdat, Rset, Vrfy, Expn, Help, Noop, Quit, StartTls, Auth, Etrn>;

// RFC 1870 §4, §6.1: 1*20DIGIT; what is beyond 64 bits becomes the greatest value there is.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view digits);

// 1*9DIGIT (RFC 2852 §3, RFC 4865 §3).
[[nodiscard]] std::optional<std::chrono::seconds> parse_seconds(std::string_view digits);

// RFC 4422 §3.1: sasl-mech = 1*20mech-char; in capitals.
[[nodiscard]] bool is_sasl_mechanism(std::string_view name);

// The error is the reply that the client gets. After a BDAT without a readable size it is a 421: where the next command
// begins cannot be told.
[[nodiscard]] std::expected<Command, Reply> parse_command(std::string_view line);

} // namespace postern::wire::smtp
