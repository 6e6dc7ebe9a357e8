#include "store/error.h"

namespace postern::store {

std::string_view describe(StoreError error) {
    switch (error) {
    case StoreError::full: return "the store is full";
    case StoreError::over_quota: return "the account is over its quota";
    case StoreError::no_such_account: return "no such account";
    case StoreError::account_exists: return "the account exists already";
    case StoreError::no_such_mailbox: return "no such mailbox";
    case StoreError::mailbox_exists: return "the mailbox exists already";
    case StoreError::mailbox_has_children: return "the name only has children; delete these first";
    case StoreError::mailbox_protected: return "that cannot be done with this mailbox";
    case StoreError::being_sent: return "it is being sent at this moment, or has left";
    case StoreError::mailbox_has_address: return "an alias leads to the mailbox";
    case StoreError::not_permitted: return "that is not permitted";
    case StoreError::name_invalid: return "the name is not valid";
    case StoreError::too_many_keywords: return "the mailbox has too many keywords";
    case StoreError::no_such_message: return "no such message";
    case StoreError::no_such_alias: return "no such alias";
    case StoreError::no_such_queue_item: return "no such queue item";
    case StoreError::no_such_relay: return "no such relay";
    case StoreError::no_such_fetch_source: return "nothing is fetched by that name";
    case StoreError::no_such_setting: return "the setting has its default";
    case StoreError::damaged: return "the store is damaged there";
    case StoreError::failed: return "the disk or the database reported an error";
    case StoreError::closed: return "the store is shutting down";
    }
    return "";
}

} // namespace postern::store
