#include "pop3/answer.h"

#include <utility>

namespace postern::pop3 {

using store::StoreError;

Answer ok(std::string text) { return {Answer::Kind::ok, std::move(text)}; }
Answer err(std::string text) { return {Answer::Kind::err, std::move(text)}; }
Answer bad(std::string text) { return {Answer::Kind::bad, std::move(text)}; }
Answer said() { return {}; }

Answer no_room() { return err("[SYS/TEMP] There is too much to do at the moment; try again later"); }

Answer err(StoreError error) {
    switch (error) {
    case StoreError::no_such_account:
    case StoreError::no_such_mailbox: return err("[SYS/PERM] The account was removed");
    case StoreError::no_such_message: return err("Another client expunged that message");
    case StoreError::damaged: return err("[SYS/PERM] The stored message is damaged");
    case StoreError::failed: return err("[SYS/TEMP] The disk failed; the administrator finds more in the log");
    case StoreError::closed: return err("[SYS/TEMP] The server is stopping");
    case StoreError::full:
    case StoreError::over_quota: return err("[SYS/TEMP] The disk is full");
    case StoreError::account_exists:
    case StoreError::mailbox_exists:
    case StoreError::mailbox_has_children:
    case StoreError::mailbox_protected:
    case StoreError::being_sent:
    case StoreError::mailbox_has_address:
    case StoreError::name_invalid:
    case StoreError::not_permitted:
    case StoreError::too_many_keywords:
    case StoreError::no_such_alias:
    case StoreError::no_such_queue_item:
    case StoreError::no_such_relay:
    case StoreError::no_such_fetch_source:
    case StoreError::no_such_setting: return err("[SYS/PERM] The store gave an answer that makes no sense");
    }
    std::unreachable();
}

std::string format(Answer const& answer) {
    switch (answer.kind) {
    case Answer::Kind::said: return {};
    case Answer::Kind::ok: return "+OK " + answer.text + "\r\n";
    case Answer::Kind::err:
    case Answer::Kind::bad: return "-ERR " + answer.text + "\r\n";
    }
    std::unreachable();
}

} // namespace postern::pop3
