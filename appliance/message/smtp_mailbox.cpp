// The strict half of address.h: RFC 5321 §4.1.2, RFC 6531 §3.3.
#include "message/address.h"
#include "text/ascii.h"
#include "text/idn.h"
#include "text/utf8.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace postern::message {
namespace {

using Why = std::unexpected<std::string_view>;

bool is_atom_octet(char c, bool utf8) { return text::is_atext(c) || (utf8 && !text::is_ascii(c)); }

// Takes Local-part off the front of `text`: its octets without quotes, or why there is none.
std::expected<std::string, std::string_view> take_local_part(std::string_view& text, bool utf8) {
    std::string local_part;
    std::size_t i = 0;
    if (text.starts_with('"')) {
        // Quoted-string = DQUOTE *QcontentSMTP DQUOTE
        for (i = 1; i < text.size() && text[i] != '"'; ++i) {
            char c = text[i];
            if (c == '\\') {
                if (++i == text.size()) break;
                c = text[i];
                if (c != ' ' && !text::is_visible(c)) return Why("bad quoted pair in the local part");
            } else if (c != ' ' && !text::is_visible(c) && (!utf8 || text::is_ascii(c))) {
                return Why("bad character in the quoted local part");
            }
            local_part += c;
        }
        if (i >= text.size()) return Why("the local part's quotes do not close");
        ++i;
    } else {
        // Dot-string = Atom *("." Atom)
        while (i < text.size() && (is_atom_octet(text[i], utf8) || text[i] == '.')) ++i;
        local_part = text.substr(0, i);
        if (local_part.empty()) return Why("the local part is missing or begins with a bad character");
        if (local_part.starts_with('.') || local_part.ends_with('.') || local_part.contains(".."))
            return Why("a dot in the local part stands at an end or beside another");
    }
    if (i > local_part_limit) return Why("the local part is longer than 64 octets");
    text.remove_prefix(i);
    return local_part;
}

// RFC 5321 §4.1.3, the content between the brackets. A General-address-literal has no registered tag that anyone could
// deliver to, so that none is accepted.
bool is_address_literal(std::string_view content) {
    constexpr std::string_view tag = "IPv6:";
    std::array<unsigned char, sizeof(in6_addr)> address;
    bool const v6 = text::istarts_with(content, tag);
    std::string const number(v6 ? content.substr(tag.size()) : content);
    if (number.contains('\0')) return false;
    return inet_pton(v6 ? AF_INET6 : AF_INET, number.c_str(), address.data()) == 1;
}

} // namespace

bool is_smtp_domain(std::string_view domain, bool utf8) {
    if (domain.empty() || domain.size() > domain_limit) return false;
    if (domain.starts_with('[') && domain.ends_with(']'))
        return is_address_literal(domain.substr(1, domain.size() - 2));
    if (domain.ends_with('.')) return false;
    return (utf8 || text::is_ascii(domain)) && text::domain_to_ascii(domain).has_value();
}

std::expected<Mailbox, std::string_view> parse_smtp_mailbox(std::string_view text, bool utf8) {
    if (!text::is_ascii(text)) {
        if (!utf8) return Why("characters outside ASCII need SMTPUTF8");
        if (!text::is_utf8(text)) return Why("the address is not UTF-8");
    }
    auto local_part = take_local_part(text, utf8);
    if (!local_part) return Why(local_part.error());
    if (!text.starts_with('@')) return Why(text.empty() ? "the domain is missing" : "bad character in the local part");
    text.remove_prefix(1);
    if (!is_smtp_domain(text, utf8)) return Why("the domain is not valid");
    return Mailbox{.display_name = {}, .route = {}, .local_part = std::move(*local_part), .domain = std::string(text)};
}

} // namespace postern::message
