#include "message/address.h"

#include "text/ascii.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

namespace postern::message {
namespace {

using text::is_space;

// Reads a list from front to back and never looks again at what it has passed, but once for a quote that does not
// close.
class ListReader {
public:
    ListReader(std::string_view body, std::size_t mailboxes) : rest_(body), left_(mailboxes) {}

    std::vector<Address> read() {
        std::vector<Address> addresses;
        while (more()) {
            if (eat(',') || eat(';') || eat('>')) continue;
            std::string_view const start = rest_;
            comment_.clear();
            Words const words = read_words();
            if (eat(':')) {
                if (!words.empty()) addresses.emplace_back(Group{phrase(words), read_members()});
            } else if (auto mailbox = read_mailbox(words, start)) {
                addresses.emplace_back(std::move(*mailbox));
            }
        }
        return addresses;
    }

private:
    // An atom, a quoted string without its quotes, or an unquoted dot.
    struct Word {
        std::string text;
        bool dot;
        bool space_before; // or a comment
    };
    using Words = std::vector<Word>;

    static constexpr std::string_view specials = ",;:<>@"; // what ends a run of words

    // RFC 5322 §3.4, after the ":" of a group and up to its ";", or to the end if there is none.
    std::vector<Mailbox> read_members() {
        std::vector<Mailbox> members;
        while (more() && !eat(';')) {
            if (eat(',') || eat('>')) continue;
            std::string_view const start = rest_;
            comment_.clear();
            Words const words = read_words();
            if (eat(':')) continue; // groups do not nest
            if (auto mailbox = read_mailbox(words, start)) members.push_back(std::move(*mailbox));
        }
        return members;
    }

    // The mailbox that began at `start` with `words`; nothing if there was only a comment.
    std::optional<Mailbox> read_mailbox(Words const& words, std::string_view start) {
        Mailbox mailbox;
        if (at('<')) {
            mailbox.display_name = phrase(words);
            read_angle(mailbox);
        } else if (eat('@')) {
            // "Joe joe@example.org": only the last word belongs to the address
            std::size_t const split = local_part_begin(words);
            mailbox.display_name = phrase(std::span(words).first(split));
            mailbox.local_part = local_part(std::span(words).subspan(split));
            mailbox.domain = read_domain();
            // "joe@example.org <joe@example.org>": an address as a display name, which ought to be quoted
            if (more() && at('<')) {
                mailbox = {};
                mailbox.display_name = collapsed(start.substr(0, start.size() - rest_.size()));
                read_angle(mailbox);
            }
        } else if (!words.empty()) {
            mailbox.local_part = local_part(words);
        } else {
            return std::nullopt;
        }
        skip_junk();
        if (mailbox.display_name.empty()) mailbox.display_name = text::trim(comment_);
        --left_;
        return mailbox;
    }

    // RFC 5322 §3.4 angle-addr, §4.4 obs-angle-addr
    void read_angle(Mailbox& mailbox) {
        eat('<');
        while (more() && eat(',')) {
        } // obs-route may begin with some
        Words words = read_words();
        if (words.empty() && at('@')) {
            std::string route;
            do {
                while (more() && eat(',')) {
                }
                if (!eat('@')) break;
                mailbox.domain = read_domain();
                if (!route.empty()) route += ',';
                route += '@' + mailbox.domain;
            } while (more() && at(','));
            if (eat(':')) {
                mailbox.route = std::move(route);
                mailbox.domain.clear();
                words = read_words();
            }
        }
        mailbox.local_part = local_part(words);
        if (eat('@')) mailbox.domain = read_domain();
        skip_junk();
        eat('>');
    }

    // What has no place here: up to the next separator or angle.
    void skip_junk() {
        while (more() && (eat('@') || eat(':') || !specials.contains(rest_.front()))) read_words();
    }

    // Skips white space and comments; whether anything is left to read.
    bool more() {
        while (!rest_.empty()) {
            if (is_space(rest_.front()))
                rest_.remove_prefix(1);
            else if (rest_.front() == '(')
                read_comment();
            else
                return left_ > 0;
        }
        return false;
    }

    bool at(char c) const { return !rest_.empty() && rest_.front() == c; }

    bool eat(char c) {
        if (!at(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    // RFC 5322 §3.2.2. One that is never closed ends with the field.
    void read_comment() {
        comment_.clear();
        std::size_t depth = 0;
        while (!rest_.empty()) {
            char c = rest_.front();
            rest_.remove_prefix(1);
            if (c == '(' && depth++ == 0) continue;
            if (c == ')' && --depth == 0) return;
            if (c == '\\' && !rest_.empty()) {
                c = rest_.front();
                rest_.remove_prefix(1);
            }
            if (c != '\r' && c != '\n') comment_ += c;
        }
    }

    // RFC 5322 §3.2.4. A quote that nothing closes is an ordinary character.
    bool read_quoted(std::string& out) {
        for (std::size_t i = 1; quotes_close_ && i < rest_.size(); ++i) {
            char c = rest_[i];
            if (c == '"') {
                rest_.remove_prefix(i + 1);
                return true;
            }
            if (c == '\\' && i + 1 < rest_.size()) c = rest_[++i];
            if (c != '\r' && c != '\n') out += c;
        }
        out.clear();
        quotes_close_ = false;
        return false;
    }

    void read_atom(std::string& out) {
        do {
            out += rest_.front();
            rest_.remove_prefix(1);
        } while (!rest_.empty() && !is_space(rest_.front()) && !specials.contains(rest_.front()) &&
                 !std::string_view(".(\"").contains(rest_.front()));
    }

    Words read_words() {
        Words words;
        for (;;) {
            std::string_view const before = rest_;
            if (!more() || specials.contains(rest_.front())) return words;
            Word word{{}, false, rest_.size() != before.size()};
            if (eat('.')) {
                word.text = ".";
                word.dot = true;
            } else if (!at('"') || !read_quoted(word.text)) {
                read_atom(word.text);
            }
            words.push_back(std::move(word));
        }
    }

    // RFC 5322 §3.4.1, §4.4 obs-domain: white space and comments around dots go.
    std::string read_domain() {
        std::string domain;
        if (more() && at('[')) {
            while (!rest_.empty() && !std::string_view(",;<>").contains(rest_.front()) && !domain.ends_with(']')) {
                if (!is_space(rest_.front())) domain += rest_.front();
                rest_.remove_prefix(1);
            }
            return domain;
        }
        for (;;) {
            std::string_view const before = rest_;
            if (!more() || specials.contains(rest_.front()) || at('"')) return domain;
            bool const apart = rest_.size() != before.size() && !domain.empty();
            if (eat('.')) {
                domain += '.';
            } else if (apart && !domain.ends_with('.')) {
                return domain;
            } else {
                read_atom(domain);
            }
        }
    }

    // RFC 5322 §3.2.5, §4.1 obs-phrase: one space where there was some.
    static std::string phrase(std::span<Word const> words) {
        std::string out;
        for (Word const& word : words) {
            if (word.space_before && !out.empty()) out += ' ';
            out += word.text;
        }
        return out;
    }

    // RFC 5322 §4.4 obs-local-part: space around dots goes.
    static std::string local_part(std::span<Word const> words) {
        std::string out;
        bool after_dot = true;
        for (Word const& word : words) {
            if (word.space_before && !word.dot && !after_dot) out += ' ';
            out += word.text;
            after_dot = word.dot;
        }
        return out;
    }

    // Where the words begin that dots or nothing at all hold together with the last one.
    static std::size_t local_part_begin(Words const& words) {
        std::size_t begin = words.empty() ? 0 : words.size() - 1;
        while (begin > 0 && (!words[begin].space_before || words[begin].dot || words[begin - 1].dot)) --begin;
        return begin;
    }

    static std::string collapsed(std::string_view raw) {
        std::string out;
        for (char c : text::trim(raw)) {
            if (!is_space(c))
                out += c;
            else if (!out.ends_with(' '))
                out += ' ';
        }
        return out;
    }

    std::string_view rest_;
    std::string comment_; // the last one, without its parentheses
    bool quotes_close_ = true;
    std::size_t left_; // mailboxes that may still be read
};

// RFC 5321 §4.1.2 Dot-string, RFC 6531 §3.3
bool is_dot_string(std::string_view s) {
    if (s.empty() || s.front() == '.' || s.back() == '.' || s.contains("..")) return false;
    return std::ranges::all_of(s, [](char c) { return text::is_atext(c) || c == '.' || !text::is_ascii(c); });
}

std::string quoted(std::string_view s) {
    std::string out = "\"";
    for (char c : s) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

bool is_phrase(std::string_view s) {
    return !s.empty() && s.front() != ' ' && s.back() != ' ' && !s.contains("  ") &&
           std::ranges::all_of(s, [](char c) { return text::is_atext(c) || c == ' ' || !text::is_ascii(c); });
}

} // namespace

std::vector<Address> parse_address_list(std::string_view body, std::size_t mailboxes) {
    return ListReader(body, mailboxes).read();
}

std::vector<Mailbox> mailboxes(std::vector<Address> const& addresses) {
    std::vector<Mailbox> out;
    for (Address const& address : addresses) {
        if (auto const* group = std::get_if<Group>(&address))
            out.insert(out.end(), group->members.begin(), group->members.end());
        else
            out.push_back(std::get<Mailbox>(address));
    }
    return out;
}

std::string to_string(Mailbox const& mailbox) {
    std::string const address = smtp_mailbox(mailbox.local_part, mailbox.domain);
    if (mailbox.display_name.empty() && mailbox.route.empty()) return address;
    std::string out;
    if (!mailbox.display_name.empty())
        out = (is_phrase(mailbox.display_name) ? mailbox.display_name : quoted(mailbox.display_name)) + ' ';
    out += '<';
    if (!mailbox.route.empty()) out += mailbox.route + ':';
    return out + address + '>';
}

std::string smtp_mailbox(std::string_view local_part, std::string_view domain) {
    std::string out = is_dot_string(local_part) ? std::string(local_part) : quoted(local_part);
    if (!domain.empty()) {
        out += '@';
        out += domain;
    }
    return out;
}

namespace {

template <typename As> void put(PackedWriter& out, BasicMailbox<As> const& mailbox) {
    out.string(mailbox.display_name);
    out.string(mailbox.route);
    out.string(mailbox.local_part);
    out.string(mailbox.domain);
}

} // namespace

template <typename As> void put(PackedWriter& out, BasicAddress<As> const& address) {
    auto const* group = std::get_if<BasicGroup<As>>(&address);
    out.number(group != nullptr);
    if (group == nullptr) {
        put(out, std::get<BasicMailbox<As>>(address));
        return;
    }
    out.string(group->name);
    out.list(group->members, [&](BasicMailbox<As> const& mailbox) { put(out, mailbox); });
}

void get(PackedReader& in, MailboxView& mailbox) {
    mailbox.display_name = in.string();
    mailbox.route = in.string();
    mailbox.local_part = in.string();
    mailbox.domain = in.string();
}

void get(PackedReader& in, AddressView& address) {
    if (!in.flag()) {
        get(in, address.emplace<MailboxView>());
        return;
    }
    auto& group = address.emplace<GroupView>();
    group.name = in.string();
    group.members = in.list<MailboxView>();
}

template void put<Owned>(PackedWriter& out, Address const& address);
template void put<Packed>(PackedWriter& out, AddressView const& address);

} // namespace postern::message
