#include "wire/imap_acl.h"

#include "wire/imap_response.h"

#include <algorithm>
#include <iterator>

namespace postern::wire::imap {

namespace {

using enum core::Right;

struct Letter {
    char letter;
    core::Rights rights;
};
constexpr Letter right_letters[] = {
    {'l', lookup},
    {'r', read},
    {'s', seen},
    {'w', write},
    {'i', insert},
    {'p', post},
    {'k', create_mailboxes},
    {'x', delete_mailbox},
    {'t', delete_messages},
    {'e', expunge},
    {'c', create_mailboxes | delete_mailbox},
    {'d', delete_messages | expunge},
    {'a', administer},
};

void begin_line(std::string& out, std::string_view response, std::string_view mailbox, bool utf8) {
    out.append("* ").append(response).append(" ");
    put_mailbox(out, mailbox, utf8);
}

void put_word(std::string& out, std::string_view word) {
    out += ' ';
    put_astring(out, word);
}

} // namespace

std::optional<core::Rights> rights_of(char letter) {
    auto const* row = std::ranges::find(right_letters, letter, &Letter::letter);
    return row == std::end(right_letters) ? std::nullopt : std::optional(row->rights);
}

std::string to_string(core::Rights rights) {
    std::string text;
    for (auto const& [letter, meant] : right_letters)
        if (rights.has_any(meant)) text += letter;
    return text;
}

void put_acl(std::string& out, std::string_view mailbox, std::span<std::pair<std::string, core::Rights> const> entries,
             bool utf8) {
    begin_line(out, "ACL", mailbox, utf8);
    for (auto const& [identifier, rights] : entries) {
        put_word(out, identifier);
        put_word(out, to_string(rights));
    }
    out += "\r\n";
}

void put_list_rights(std::string& out, std::string_view mailbox, std::string_view identifier, core::Rights required,
                     core::Rights optional, bool utf8) {
    begin_line(out, "LISTRIGHTS", mailbox, utf8);
    put_word(out, identifier);
    put_word(out, to_string(required));
    for (char const letter : to_string(optional)) put_word(out, std::string_view(&letter, 1));
    out += "\r\n";
}

void put_my_rights(std::string& out, std::string_view mailbox, core::Rights rights, bool utf8) {
    begin_line(out, "MYRIGHTS", mailbox, utf8);
    put_word(out, to_string(rights));
    out += "\r\n";
}

} // namespace postern::wire::imap
