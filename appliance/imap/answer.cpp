#include "imap/answer.h"

#include <utility>

namespace postern::imap {

using store::StoreError;

Answer ok(std::string text) { return {wire::imap::Condition::ok, std::move(text)}; }
Answer no(std::string text) { return {wire::imap::Condition::no, std::move(text)}; }
Answer bad(std::string text) { return {wire::imap::Condition::bad, std::move(text)}; }
Answer answered() { return {}; }

Answer no_room() { return no("[LIMIT] There is too much to do at the moment; try again later"); }

Answer no(StoreError error) {
    switch (error) {
    case StoreError::full: return no("[OVERQUOTA] The disk is full");
    case StoreError::over_quota: return no("[OVERQUOTA] The account is full");
    case StoreError::no_such_account: return {wire::imap::Condition::bye, "The account was removed"};
    case StoreError::no_such_mailbox: return no("[NONEXISTENT] There is no such mailbox");
    case StoreError::mailbox_exists: return no("[ALREADYEXISTS] There is a mailbox of that name");
    case StoreError::mailbox_has_children: return no("[HASCHILDREN] Delete the mailboxes below it first");
    case StoreError::mailbox_protected: return no("[CANNOT] The server keeps that mailbox by itself");
    case StoreError::being_sent: return no("[INUSE] A message is being sent at this moment, or has left");
    case StoreError::mailbox_has_address: return no("[INUSE] An address leads to it; its alias has to go first");
    case StoreError::not_permitted: return no("[NOPERM] You have no right to do that");
    case StoreError::name_invalid: return no("[CANNOT] That name cannot be used");
    case StoreError::too_many_keywords: return no("[LIMIT] The mailbox cannot hold another keyword");
    case StoreError::no_such_message: return no("[EXPUNGEISSUED] The message was expunged");
    case StoreError::damaged: return no("[CORRUPTION] The stored message is damaged");
    case StoreError::account_exists:
    case StoreError::no_such_alias:
    case StoreError::no_such_queue_item:
    case StoreError::no_such_relay:
    case StoreError::no_such_fetch_source:
    case StoreError::no_such_setting: return no("[SERVERBUG] The store gave an answer that makes no sense");
    case StoreError::failed: return no("[UNAVAILABLE] The disk failed; the administrator finds more in the log");
    case StoreError::closed: return no("[UNAVAILABLE] The server is stopping");
    }
    std::unreachable();
}

Answer no_destination(StoreError error) {
    if (error == StoreError::no_such_mailbox) return no("[TRYCREATE] There is no such mailbox");
    return no(error);
}

} // namespace postern::imap
