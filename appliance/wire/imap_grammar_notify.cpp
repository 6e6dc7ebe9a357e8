// NOTIFY (RFC 5465 §8), and the names of its events.
#include "text/ascii.h"
#include "wire/imap_grammar.h"

#include <algorithm>
#include <array>

namespace postern::wire::imap {

namespace {

constexpr std::size_t group_limit = 100, name_limit = 1'000; // of one NOTIFY

struct EventRow {
    std::string_view name;
    NotifyEvent event;
};
constexpr std::array event_rows = {
    EventRow{"MessageNew", NotifyEvent::message_new},
    EventRow{"MessageExpunge", NotifyEvent::message_expunge},
    EventRow{"FlagChange", NotifyEvent::flag_change},
    EventRow{"AnnotationChange", NotifyEvent::annotation_change},
    EventRow{"MailboxName", NotifyEvent::mailbox_name},
    EventRow{"SubscriptionChange", NotifyEvent::subscription_change},
    EventRow{"MailboxMetadataChange", NotifyEvent::mailbox_metadata_change},
    EventRow{"ServerMetadataChange", NotifyEvent::server_metadata_change},
};

// events = ( "(" event *(SP event) ")" ) / "NONE"; as in the examples of §3.1 the parentheses may be missing.
void parse_events(Cursor& in, Notify& notify, EventGroup& group) {
    if (in.accept_word("NONE")) return;
    bool const enclosed = in.accept('(');
    for (bool more = true; more;) {
        std::string_view const name = in.atom("an event");
        auto const* row =
            std::ranges::find_if(event_rows, [&](EventRow const& known) { return text::iequals(known.name, name); });
        if (row == event_rows.end())
            notify.unknown = true; // event-ext
        else
            group.events = group.events | row->event;
        more = in.accept(' ');
        if (more && row != event_rows.end() && row->event == NotifyEvent::message_new && in.accept('(')) {
            group.items = parse_fetch_attributes(in);
            more = in.accept(' ');
        }
    }
    if (enclosed) in.expect(')');
}

// What the grammar leaves to the text (§5, §6.1, §8).
void check_events(Cursor& in, EventGroup const& group) {
    using enum NotifyEvent;
    NotifyEvents const events = group.events;
    if (events.has(message_new) != events.has(message_expunge)) in.fail("MessageNew and MessageExpunge go together");
    if ((events.has(flag_change) || events.has(annotation_change)) && !events.has(message_new))
        in.fail("FlagChange and AnnotationChange need MessageNew and MessageExpunge");
    if (is_of_selected(group) && !(events - message_events).empty())
        in.fail("Only events of messages are told of the selected mailbox");
    if (!is_of_selected(group) && !group.items.empty()) in.fail("Data items are told of the selected mailbox only");
}

EventGroup parse_group(Cursor& in, Notify& notify) {
    in.expect('(');
    EventGroup group{.filter = parse_mailbox_filter(in), .events = {}};
    // RFC 7377 §2.2 has it for ESEARCH.
    if (group.filter.kind == MailboxFilter::Kind::subtree_one) in.fail("NOTIFY knows no such choice of mailboxes");
    in.space();
    parse_events(in, notify, group);
    in.expect(')');
    check_events(in, group);
    return group;
}

} // namespace

std::string_view event_name(NotifyEvent event) { return std::ranges::find(event_rows, event, &EventRow::event)->name; }

// notify = "NOTIFY" SP (notify-set / notify-none); notify-set = "SET" [SP "STATUS"] SP event-group *(SP event-group)
Notify parse_notify(Cursor& in) {
    Notify notify;
    in.space();
    if (in.accept_word("NONE")) return notify;
    if (!in.accept_word("SET")) in.fail("Expected SET or NONE");
    in.space();
    notify.status = in.accept_word("STATUS");
    if (notify.status) in.space();
    std::size_t names = 0;
    do {
        notify.groups.push_back(parse_group(in, notify));
        names += notify.groups.back().filter.names.size();
        if (notify.groups.size() > group_limit || names > name_limit)
            in.refuse("[NOTIFICATIONOVERFLOW] That is too much to watch");
    } while (in.accept(' '));
    if (std::ranges::count_if(notify.groups, is_of_selected) > 1) in.fail("The selected mailbox is named twice");
    return notify;
}

} // namespace postern::wire::imap
