// What NOTIFY asks to be told of (RFC 5465 §8).
#pragma once

#include "wire/imap_fetch.h"
#include "wire/imap_mailbox_filter.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace postern::wire::imap {

// RFC 5465 §5; a bit each.
enum class NotifyEvent : std::uint8_t {
    message_new = 1,
    message_expunge = 2,
    flag_change = 4,
    annotation_change = 8,
    mailbox_name = 16,
    subscription_change = 32,
    mailbox_metadata_change = 64,
    server_metadata_change = 128,
};

class NotifyEvents {
public:
    constexpr NotifyEvents() = default;
    constexpr NotifyEvents(NotifyEvent event) : bits_(static_cast<std::uint8_t>(event)) {}

    [[nodiscard]] constexpr bool has(NotifyEvent event) const {
        return (bits_ & static_cast<std::uint8_t>(event)) != 0;
    }
    [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }

    friend constexpr NotifyEvents operator|(NotifyEvents left, NotifyEvents right) {
        left.bits_ |= right.bits_;
        return left;
    }
    // What is in `left` and not in `right`.
    friend constexpr NotifyEvents operator-(NotifyEvents left, NotifyEvents right) {
        left.bits_ &= static_cast<std::uint8_t>(~right.bits_);
        return left;
    }
    friend constexpr bool operator==(NotifyEvents, NotifyEvents) = default;

private:
    std::uint8_t bits_ = 0;
};
constexpr NotifyEvents operator|(NotifyEvent left, NotifyEvent right) { return NotifyEvents(left) | right; }

inline constexpr NotifyEvents message_events =
    NotifyEvent::message_new | NotifyEvent::message_expunge | NotifyEvent::flag_change | NotifyEvent::annotation_change;

// "MessageNew"
[[nodiscard]] std::string_view event_name(NotifyEvent event);

struct EventGroup {
    MailboxFilter filter;              // §6, without subtree_one; the selected mailbox goes with message events alone
    NotifyEvents events;               // empty: NONE
    std::vector<FetchItem> items = {}; // of new messages in the selected mailbox
};
[[nodiscard]] inline bool is_of_selected(EventGroup const& group) {
    using enum MailboxFilter::Kind;
    return group.filter.kind == selected || group.filter.kind == selected_delayed;
}

} // namespace postern::wire::imap
