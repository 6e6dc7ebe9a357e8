// Mailbox filters (RFC 5465 §8, RFC 7377 §4).
#include "text/ascii.h"
#include "wire/imap_grammar.h"

#include <algorithm>
#include <iterator>

namespace postern::wire::imap {

namespace {

using Kind = MailboxFilter::Kind;

struct FilterRow {
    std::string_view name;
    Kind kind;
    bool named; // one-or-more-mailbox follows
};

constexpr FilterRow filter_rows[] = {
    {"inboxes", Kind::inboxes, false},
    {"mailboxes", Kind::mailboxes, true},
    {"personal", Kind::personal, false},
    {"selected", Kind::selected, false},
    {"selected-delayed", Kind::selected_delayed, false},
    {"subscribed", Kind::subscribed, false},
    {"subtree", Kind::subtree, true},
    {"subtree-one", Kind::subtree_one, true},
};

} // namespace

// filter-mailboxes-other = ... / ("subtree" SP one-or-more-mailbox); one-or-more-mailbox = mailbox / "(" mailbox
// *(SP mailbox) ")"
MailboxFilter parse_mailbox_filter(Cursor& in) {
    std::string_view const name = in.atom("which mailboxes");
    auto const* row =
        std::ranges::find_if(filter_rows, [&](FilterRow const& known) { return text::iequals(known.name, name); });
    if (row == std::end(filter_rows)) {
        in.fail("Unknown choice of mailboxes", name);
        return {Kind::personal};
    }
    MailboxFilter filter{row->kind};
    if (!row->named) return filter;
    in.space();
    bool const several = in.accept('(');
    do {
        filter.names.push_back(in.mailbox());
    } while (several && in.accept(' '));
    if (several) in.expect(')');
    return filter;
}

} // namespace postern::wire::imap
