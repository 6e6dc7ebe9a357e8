#include "smtp/trace.h"

#include <format>

namespace postern::smtp {

namespace {

// RFC 5321 §4.1.3
std::string address_literal(std::string_view address) {
    return std::format("[{}{}]", address.contains(':') ? "IPv6:" : "", address);
}

// RFC 3848, and for SMTPUTF8 RFC 6531 §4.3
std::string protocol(Trace const& trace) {
    if (!trace.extended) return "SMTP";
    return std::format("{}{}{}", trace.smtputf8 ? "UTF8SMTP" : "ESMTP", trace.tls.empty() ? "" : "S",
                       trace.authenticated ? "A" : "");
}

} // namespace

std::string received_field(Trace const& trace) {
    auto field = std::format("Received: from {} ({})\r\n\tby {} with {}", trace.hello,
                             address_literal(trace.peer_address), trace.host_name, protocol(trace));
    if (!trace.tls.empty()) field += std::format(" ({})", trace.tls);
    field += std::format("\r\n\tid {}", trace.id);
    if (!trace.recipient.empty()) field += std::format("\r\n\tfor <{}>", trace.recipient);
    return field + std::format(";\r\n\t{}\r\n", message::format_date(trace.date));
}

std::string return_path_field(std::string_view reverse_path) {
    return std::format("Return-Path: <{}>\r\n", reverse_path);
}

std::string missing_fields(message::HeaderSection const& header, message::DateTime date, std::string_view id_left,
                           std::string_view host_name) {
    std::string fields;
    if (!header.first("Date")) fields += std::format("Date: {}\r\n", message::format_date(date));
    if (!header.first("Message-ID")) fields += std::format("Message-ID: <{}@{}>\r\n", id_left, host_name);
    return fields;
}

} // namespace postern::smtp
