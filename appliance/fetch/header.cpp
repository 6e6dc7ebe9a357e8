#include "fetch/header.h"

#include "core/crypto.h"
#include "text/ascii.h"

#include <algorithm>
#include <array>
#include <format>

namespace postern::fetch {

namespace {

constexpr std::string_view usual_fields[] = {"X-Original-To", "Envelope-To", "Delivered-To"};
constexpr std::size_t occurrence_limit = 20;
constexpr std::size_t addressee_limit = 100; // of one occurrence
constexpr std::size_t mark_octets = 16;

constexpr std::string_view marked_fields[] = {"Received", "Message-ID", "Date", "From", "To", "Cc", "Subject"};

} // namespace

std::vector<std::vector<message::Mailbox>> addressees(message::HeaderSection const& header, std::string_view field) {
    std::vector<std::vector<message::Mailbox>> all;
    auto const add = [&](std::string_view name) {
        for (message::Field const& one : header)
            if (text::iequals(one.name, name) && all.size() < occurrence_limit)
                all.push_back(message::mailboxes(message::parse_address_list(one.raw_body, addressee_limit)));
    };
    if (!field.empty())
        add(field);
    else
        for (std::string_view const name : usual_fields) add(name);
    return all;
}

std::string mark_of(message::HeaderSection const& header) {
    std::string marked;
    for (message::Field const& field : header)
        if (std::ranges::any_of(marked_fields, [&](auto name) { return text::iequals(field.name, name); }))
            marked.append(text::lower(field.name)).append(":").append(message::unfold(field.raw_body)).append("\n");
    return core::sha256(marked).substr(0, mark_octets);
}

std::string reverse_path_of(message::HeaderSection const& header) {
    auto const field = header.first("Return-Path");
    if (!field) return {};
    std::string const body = message::unfold(field->raw_body);
    std::string_view path = body;
    if (path.starts_with('<') && path.ends_with('>')) path = path.substr(1, path.size() - 2);
    auto const mailbox = message::parse_smtp_mailbox(path, true);
    return mailbox ? message::smtp_mailbox(mailbox->local_part, mailbox->domain) : std::string();
}

std::string trace_fields(std::string_view reverse_path, Trace const& trace) {
    std::string_view const address_tag = trace.peer_address.contains(':') ? "IPv6:" : "";
    auto const tls = trace.tls.empty() ? std::string() : std::format(", {}", trace.tls);
    return std::format("Return-Path: <{}>\r\n"
                       "Received: from {} ([{}{}])\r\n\tby {} (fetched by {}{})\r\n\tid {};\r\n\t{}\r\n",
                       reverse_path, trace.server, address_tag, trace.peer_address, trace.host_name, trace.protocol,
                       tls, trace.id, message::format_date(trace.date));
}

} // namespace postern::fetch
