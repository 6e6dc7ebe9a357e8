#include "message/downgrade.h"

#include "message/address.h"
#include "message/content_field.h"
#include "message/encoded_word.h"
#include "message/header.h"
#include "text/ascii.h"
#include "text/utf8.h"

#include <algorithm>
#include <format>
#include <iterator>
#include <utility>
#include <variant>

namespace postern::message {

namespace {

// RFC 6858 §2.1
constexpr std::string_view nowhere_local_part = "invalid", nowhere_domain = "internationalized-address.invalid";

using text::is_ascii;

std::string in_words(std::string_view raw) { return encode_words(decode_words(raw)); }

std::string downgrade(Mailbox mailbox) {
    mailbox.route.clear();
    if (!is_ascii(mailbox.local_part) || !is_ascii(mailbox.domain)) {
        std::string const address = std::format("{}@{}", mailbox.local_part, mailbox.domain);
        mailbox.display_name = mailbox.display_name.empty()
                                   ? address
                                   : std::format("{} <{}>", decode_words(mailbox.display_name), address);
        mailbox.local_part = nowhere_local_part;
        mailbox.domain = nowhere_domain;
    }
    mailbox.display_name = in_words(mailbox.display_name);
    return to_string(mailbox);
}

std::string downgrade_addresses(std::string_view body) {
    std::string result;
    auto const add = [&](std::string const& piece) { result += (result.empty() ? "" : ", ") + piece; };
    for (Address const& address : parse_address_list(body)) {
        if (auto const* mailbox = std::get_if<Mailbox>(&address)) {
            add(downgrade(*mailbox));
            continue;
        }
        auto const& group = std::get<Group>(address);
        std::string members;
        for (Mailbox const& member : group.members) members += (members.empty() ? " " : ", ") + downgrade(member);
        add(in_words(group.name) + ":" + members + ";");
    }
    return result;
}

std::string downgrade_text(std::string_view body) { return in_words(unfold(body)); }

// RFC 2231 §7 extended-value, which is not quoted.
bool is_extended(std::string_view value) {
    return std::ranges::all_of(value, [](char octet) { return octet == '.' || text::is_atext(octet); });
}

// RFC 2231 §4
void put_parameters(std::string& out, std::vector<Parameter> const& parameters) {
    for (Parameter const& parameter : parameters) {
        if (!is_ascii(parameter.name)) continue;
        out += "; " + parameter.name;
        if (parameter.name.ends_with('*') && is_extended(parameter.value)) { // already
            out += '=' + parameter.value;
            continue;
        }
        if (is_ascii(parameter.value)) {
            out += "=\"";
            for (char const octet : parameter.value) {
                if (octet == '"' || octet == '\\') out += '\\';
                out += octet;
            }
            out += '"';
            continue;
        }
        out += "*=utf-8''";
        for (char const octet : decode_words(parameter.value))
            if (text::is_alnum(octet) || octet == '.' || octet == '-' || octet == '_')
                out += octet;
            else
                std::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(octet));
    }
}

std::string downgrade_type(std::string_view body) {
    auto const type = parse_content_type(body);
    if (!type || !is_ascii(type->type) || !is_ascii(type->subtype)) return {};
    std::string result = type->type + "/" + type->subtype;
    put_parameters(result, type->parameters);
    return result;
}

std::string downgrade_disposition(std::string_view body) {
    auto const disposition = parse_disposition(body);
    if (!disposition || !is_ascii(disposition->type)) return {};
    std::string result = disposition->type;
    put_parameters(result, disposition->parameters);
    return result;
}

struct Row {
    std::string_view name;
    std::string (*downgrade)(std::string_view raw_body); // empty: the field goes
};

constexpr Row rows[] = {
    {"From", downgrade_addresses},
    {"Sender", downgrade_addresses},
    {"Reply-To", downgrade_addresses},
    {"To", downgrade_addresses},
    {"Cc", downgrade_addresses},
    {"Bcc", downgrade_addresses},
    {"Resent-From", downgrade_addresses},
    {"Resent-Sender", downgrade_addresses},
    {"Resent-To", downgrade_addresses},
    {"Resent-Cc", downgrade_addresses},
    {"Resent-Bcc", downgrade_addresses},
    {"Subject", downgrade_text},
    {"Comments", downgrade_text},
    {"Keywords", downgrade_text},
    {"Content-Description", downgrade_text},
    {"Content-Type", downgrade_type},
    {"Content-Disposition", downgrade_disposition},
};

} // namespace

std::optional<Downgraded> downgrade_header(std::string_view beginning, bool whole) {
    auto end = header_end(beginning);
    bool const has_end = end != std::string_view::npos;
    if (!has_end && !whole) return std::nullopt;
    if (!has_end) end = beginning.size();
    auto const header = beginning.substr(0, end);
    if (is_ascii(header)) return std::nullopt;
    Downgraded result{.header = {}, .replaced = end};
    for (Field const& field : HeaderSection(header)) {
        if (is_ascii(field.whole)) {
            result.header += field.whole;
            continue;
        }
        auto const row =
            std::ranges::find_if(rows, [&](Row const& each) { return text::iequals(each.name, field.name); });
        if (row == std::end(rows)) continue;
        if (auto const body = row->downgrade(field.raw_body); !body.empty()) put_folded(result.header, row->name, body);
    }
    if (has_end) result.header += "\r\n";
    return result;
}

} // namespace postern::message
