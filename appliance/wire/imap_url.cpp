#include "wire/imap_url.h"

#include "text/ascii.h"
#include "text/percent.h"
#include "text/utf8.h"
#include "wire/imap_grammar.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace postern::wire::imap {

namespace {

// RFC 5092 §11: bchar = achar / ":" / "@" / "/", but for what is percent-encoded
bool is_bchar(char c) { return text::is_alnum(c) || std::string_view("-._~!$'()*+,&=:@/").contains(c); }

// 1*bchar, decoded.
std::optional<std::string> decode(std::string_view encoded) {
    if (encoded.empty() || !std::ranges::all_of(encoded, [](char c) { return c == '%' || is_bchar(c); }))
        return std::nullopt;
    return text::percent_decode(encoded);
}

// Takes `word` off the front, of any case.
bool take(std::string_view& text, std::string_view word) {
    if (!text::istarts_with(text, word)) return false;
    text.remove_prefix(word.size());
    return true;
}

std::optional<std::uint32_t> take_number(std::string_view& text) {
    std::uint32_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

std::optional<std::uint32_t> take_nz_number(std::string_view& text) {
    auto const value = take_number(text);
    return value && *value != 0 ? value : std::nullopt;
}

// iserver = [iuserinfo "@"] host [":" port], up to the path
std::optional<MessageUrl::Server> take_server(std::string_view& url) {
    std::string_view authority = url.substr(0, url.find('/'));
    url.remove_prefix(authority.size());
    MessageUrl::Server server;
    if (auto const at = authority.find('@'); at != std::string_view::npos) {
        std::string_view const user = authority.substr(0, std::min(authority.find(';'), at)); // ";AUTH=" may follow
        auto decoded = decode(user);
        if (!user.empty() && !decoded) return std::nullopt;
        server.user = std::move(decoded).value_or("");
        authority.remove_prefix(at + 1);
    }
    std::string_view const host = authority.substr(0, authority.find(':'));
    std::string_view port = authority.substr(host.size());
    if (!port.empty()) {
        port.remove_prefix(1);
        if (!std::ranges::all_of(port, text::is_digit)) return std::nullopt;
    }
    auto decoded = decode(host);
    if (!decoded) return std::nullopt;
    server.host = std::move(*decoded);
    return server;
}

// As between the brackets of BODY[...].
std::optional<Section> parse_section_spec(std::string_view encoded) {
    auto const spec = decode(encoded);
    if (!spec) return std::nullopt;
    Framed framed;
    framed.texts.front() = *spec + ']';
    Cursor in(framed, false);
    auto section = parse_section(in);
    if (!in.at_end()) return std::nullopt;
    return section;
}

std::optional<std::string> parse_mailbox(std::string_view encoded) {
    auto name = decode(encoded);
    if (!name || !text::is_utf8(*name)) return std::nullopt;
    return name;
}

// partial-range = number ["." nz-number]
std::optional<MessageUrl::Range> take_range(std::string_view& text) {
    auto const offset = take_number(text);
    if (!offset) return std::nullopt;
    MessageUrl::Range range{*offset, std::nullopt};
    if (!take(text, ".")) return range;
    range.length = take_nz_number(text);
    if (!range.length) return std::nullopt;
    return range;
}

// enc-mailbox [uidvalidity] "/"
bool take_mailbox(std::string_view& url, MessageUrl& result) {
    // No ";" is in a name or a section that is not encoded: each begins a parameter.
    std::string_view mailbox = url.substr(0, url.find(';'));
    url.remove_prefix(mailbox.size());
    if (take(url, ";UIDVALIDITY=")) {
        auto const number = take_nz_number(url);
        if (!number || !take(url, "/")) return false;
        result.uid_validity = static_cast<core::UidValidity>(*number);
    } else {
        if (!mailbox.ends_with('/')) return false;
        mailbox.remove_suffix(1);
    }
    auto name = parse_mailbox(mailbox);
    if (!name) return false;
    result.mailbox = std::move(*name);
    return true;
}

// RFC 3986 §4.2: a relative path has no ":" in its first segment, which would be a scheme's.
bool has_scheme(std::string_view url) { return url.substr(0, url.find('/')).contains(':'); }

} // namespace

// RFC 5092 §11: imapurl = "imap://" iserver ipath-query; imapurl-rel = inetwork-path / iabsolute-path / irelative-path;
// imessagepart = enc-mailbox [uidvalidity] iuid [isection] [ipartial], and relative also without the mailbox
std::optional<MessageUrl> parse_message_url(std::string_view url) {
    MessageUrl result;
    if (take(url, "imap://") || take(url, "//")) {
        result.server = take_server(url);
        if (!result.server) return std::nullopt;
    }
    if (!take(url, "/")) {
        if (result.server || has_scheme(url)) return std::nullopt;
        result.relative = true;
    }

    bool const is_bases = result.relative && url.starts_with(';'); // ";UID=20", as in RFC 5092 §10.1
    if (!is_bases && !take_mailbox(url, result)) return std::nullopt;
    if (!take(url, ";UID=")) return std::nullopt;
    auto const uid = take_nz_number(url);
    if (!uid) return std::nullopt;
    result.uid = static_cast<core::Uid>(*uid);

    if (take(url, "/;SECTION=")) {
        std::string_view section = url.substr(0, url.find(';'));
        url.remove_prefix(section.size());
        if (!url.empty()) { // ipartial: its "/" is not the section's
            if (!section.ends_with('/')) return std::nullopt;
            section.remove_suffix(1);
            url = std::string_view(section.end(), url.end());
        }
        result.section = parse_section_spec(section);
        if (!result.section) return std::nullopt;
    }
    if (take(url, "/;PARTIAL=")) {
        result.range = take_range(url);
        if (!result.range) return std::nullopt;
    }
    if (!url.empty()) return std::nullopt;
    return result;
}

} // namespace postern::wire::imap
