// Why the store did not do what it was asked.
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

namespace postern::store {

enum class StoreError : std::uint8_t {
    full,       // below the low-water mark or the map's end: new mail is refused, deleting still works
    over_quota, // the account's, not the disk's
    no_such_account,
    account_exists,
    no_such_mailbox,
    mailbox_exists,
    mailbox_has_children, // RFC 3501 §6.3.4: a \Noselect name with children cannot be deleted again
    mailbox_protected,    // INBOX cannot be deleted; what waits to leave is shown in a mailbox that is not the user's
    being_sent,           // what was to be recalled is under way, or has left
    mailbox_has_address,  // nor what an alias leads to
    not_permitted,        // whoever asks lacks a right (RFC 4314)
    name_invalid,
    too_many_keywords, // 64 a mailbox
    no_such_message,
    no_such_alias,
    no_such_queue_item,
    no_such_relay,
    no_such_fetch_source,
    no_such_setting,
    damaged, // a checksum or a record does not hold; logged with what is affected
    failed,  // the disk or LMDB reported an error; logged
    closed,  // the store is shutting down
};

// A few words for a log or an operator.
[[nodiscard]] std::string_view describe(StoreError error);

template <typename T> using Result = std::expected<T, StoreError>;

} // namespace postern::store
