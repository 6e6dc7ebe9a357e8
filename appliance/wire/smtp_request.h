// SMTP commands as a client sends them, each a whole line with CRLF (RFC 5321 §4.1, and the extensions of
// wire/smtp_extensions.h). Addresses and parameters were checked when they were read from whoever brought them: a
// control character in one, or a blank in a parameter, is a broken invariant and throws std::invalid_argument, so that
// nothing can put a second command on the line. Pure; any thread.
#pragma once

#include "wire/smtp_command.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::wire::smtp {

// What is not set is not written, as a server that does not offer an extension refuses its parameter.
struct MailParameters {
    std::optional<std::uint64_t> size{};   // RFC 1870 §6.1
    std::optional<BodyType> body{};        // RFC 6152 §3, RFC 3030 §3
    bool smtputf8 = false;                 // RFC 6531 §3.4
    std::string return_content{};          // RFC 3461 §4.3 RET: "", "FULL" or "HDRS"
    std::string envelope_id{};             // RFC 3461 §4.4 ENVID, xtext
    std::optional<int> priority{};         // RFC 6710: -9 to 9
    std::optional<DeliverBy> deliver_by{}; // RFC 2852
    bool require_tls = false;              // RFC 8689 §2
};

struct RcptParameters {
    std::string notify{};             // RFC 3461 §4.1, or empty
    std::string original_recipient{}; // RFC 3461 §4.2 ORCPT with its xtext, or empty
};

namespace request {

[[nodiscard]] std::string ehlo(std::string_view domain);
[[nodiscard]] std::string helo(std::string_view domain);
[[nodiscard]] std::string starttls();
// Paths without angle brackets, as message::smtp_mailbox() spells them; empty: the null reverse-path.
[[nodiscard]] std::string mail(std::string_view reverse_path, MailParameters const& parameters = {});
[[nodiscard]] std::string rcpt(std::string_view forward_path, RcptParameters const& parameters = {});
[[nodiscard]] std::string data();
[[nodiscard]] std::string bdat(std::uint64_t size, bool last);
[[nodiscard]] std::string rset();
[[nodiscard]] std::string noop();
[[nodiscard]] std::string quit();
[[nodiscard]] std::string etrn(std::string_view node);    // RFC 1985
[[nodiscard]] std::string atrn(std::string_view domains); // RFC 2645 §5.2.1: "a.example,b.example"

} // namespace request

} // namespace postern::wire::smtp
