// The commands of RFC 4314 §7.
#include "text/saslprep.h"
#include "wire/imap_acl.h"
#include "wire/imap_grammar.h"

#include <string_view>
#include <utility>

namespace postern::wire::imap {

namespace {

// §3: prepared by SASLprep, and not empty then.
AclIdentifier parse_identifier(Cursor& in) {
    AclIdentifier identifier;
    in.space();
    identifier.given = in.astring();
    std::string_view name = identifier.given;
    identifier.negative = name.starts_with('-');
    if (identifier.negative) name.remove_prefix(1);
    auto prepared = text::saslprep(name);
    if (!prepared || prepared->empty())
        in.fail("Not an identifier");
    else
        identifier.name = std::move(*prepared);
    return identifier;
}

// §3.1: mod-rights = astring
void parse_modification(Cursor& in, SetAcl& command) {
    in.space();
    std::string const text = in.astring();
    std::string_view letters = text;
    if (letters.starts_with('+') || letters.starts_with('-')) {
        command.action = letters.front() == '+' ? SetAcl::Action::add : SetAcl::Action::remove;
        letters.remove_prefix(1);
    }
    for (char const letter : letters) {
        auto const rights = rights_of(letter);
        if (!rights) return in.fail("There is no such right:", std::string_view(&letter, 1));
        command.rights = command.rights | *rights;
    }
}

} // namespace

SetAcl parse_set_acl(Cursor& in) {
    SetAcl command;
    in.space();
    command.mailbox = in.mailbox();
    command.identifier = parse_identifier(in);
    parse_modification(in, command);
    return command;
}

DeleteAcl parse_delete_acl(Cursor& in) {
    DeleteAcl command;
    in.space();
    command.mailbox = in.mailbox();
    command.identifier = parse_identifier(in);
    return command;
}

ListRights parse_list_rights(Cursor& in) {
    ListRights command;
    in.space();
    command.mailbox = in.mailbox();
    command.identifier = parse_identifier(in);
    return command;
}

} // namespace postern::wire::imap
