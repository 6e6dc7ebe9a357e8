#include "wire/smtp_request.h"

#include "text/ascii.h"

#include <algorithm>
#include <format>
#include <stdexcept>
#include <utility>

namespace postern::wire::smtp {

namespace {

std::string end_line(std::string line) {
    if (std::ranges::any_of(line, text::is_control)) throw std::invalid_argument("a control character in a command");
    return std::move(line.append("\r\n"));
}

// RFC 5321 §4.1.2: esmtp-keyword ["=" esmtp-value]
void put_parameter(std::string& line, std::string_view keyword, std::string_view value) {
    if (value.contains(' ')) throw std::invalid_argument("a blank in a parameter");
    line.append(" ").append(keyword).append("=").append(value);
}

std::string_view body_value(BodyType body) {
    switch (body) {
    case BodyType::seven_bit: return "7BIT";
    case BodyType::eight_bit_mime: return "8BITMIME";
    case BodyType::binary_mime: return "BINARYMIME";
    }
    std::unreachable();
}

// RFC 2852: by-value = by-time ";" by-mode [by-trace]
std::string by_value(DeliverBy const& wish) {
    return std::format("{};{}{}", wish.within.count(), wish.or_return ? 'R' : 'N', wish.trace ? "T" : "");
}

} // namespace

namespace request {

std::string ehlo(std::string_view domain) { return end_line(std::format("EHLO {}", domain)); }
std::string helo(std::string_view domain) { return end_line(std::format("HELO {}", domain)); }
std::string starttls() { return "STARTTLS\r\n"; }

std::string mail(std::string_view reverse_path, MailParameters const& parameters) {
    std::string line = std::format("MAIL FROM:<{}>", reverse_path);
    if (parameters.size) put_parameter(line, "SIZE", std::to_string(*parameters.size));
    if (parameters.body) put_parameter(line, "BODY", body_value(*parameters.body));
    if (parameters.smtputf8) line += " SMTPUTF8";
    if (!parameters.return_content.empty()) put_parameter(line, "RET", parameters.return_content);
    if (!parameters.envelope_id.empty()) put_parameter(line, "ENVID", parameters.envelope_id);
    if (parameters.priority) put_parameter(line, "MT-PRIORITY", std::to_string(*parameters.priority));
    if (parameters.deliver_by) put_parameter(line, "BY", by_value(*parameters.deliver_by));
    if (parameters.require_tls) line += " REQUIRETLS";
    return end_line(std::move(line));
}

std::string rcpt(std::string_view forward_path, RcptParameters const& parameters) {
    std::string line = std::format("RCPT TO:<{}>", forward_path);
    if (!parameters.notify.empty()) put_parameter(line, "NOTIFY", parameters.notify);
    if (!parameters.original_recipient.empty()) put_parameter(line, "ORCPT", parameters.original_recipient);
    return end_line(std::move(line));
}

std::string data() { return "DATA\r\n"; }

std::string bdat(std::uint64_t size, bool last) { return std::format("BDAT {}{}\r\n", size, last ? " LAST" : ""); }

std::string rset() { return "RSET\r\n"; }
std::string noop() { return "NOOP\r\n"; }
std::string quit() { return "QUIT\r\n"; }
std::string etrn(std::string_view node) { return end_line(std::format("ETRN {}", node)); }
std::string atrn(std::string_view domains) { return end_line(std::format("ATRN {}", domains)); }

} // namespace request

} // namespace postern::wire::smtp
