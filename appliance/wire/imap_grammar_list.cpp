// LIST with its extensions (RFC 5258, RFC 5819, RFC 6154, RFC 8440, RFC 9590), LSUB and STATUS.
#include "text/ascii.h"
#include "wire/imap_grammar.h"

#include <algorithm>

namespace postern::wire::imap {

namespace {

constexpr std::size_t pattern_limit = 100;

struct StatusRow {
    std::string_view name;
    StatusItem item;
};
constexpr StatusRow status_rows[] = {
    {"MESSAGES", StatusItem::messages},
    {"RECENT", StatusItem::recent},
    {"UIDNEXT", StatusItem::uid_next},
    {"UIDVALIDITY", StatusItem::uid_validity},
    {"UNSEEN", StatusItem::unseen},
    {"HIGHESTMODSEQ", StatusItem::highest_modseq},
    {"SIZE", StatusItem::size},
    {"DELETED", StatusItem::deleted},
    {"MAILBOXID", StatusItem::mailbox_id},
    {"APPENDLIMIT", StatusItem::append_limit},
    {"DELETED-STORAGE", StatusItem::deleted_storage},
};

// "(" status-att *(SP status-att) ")"
std::vector<StatusItem> parse_status_items(Cursor& in) {
    std::vector<StatusItem> items;
    in.expect('(');
    do {
        std::string_view const name = in.atom("a status item");
        auto const* row = std::ranges::find_if(status_rows, [&](auto const& r) { return text::iequals(r.name, name); });
        if (row == std::end(status_rows))
            in.fail("Unknown status item", name);
        else if (!std::ranges::contains(items, row->item))
            items.push_back(row->item);
    } while (in.accept(' '));
    in.expect(')');
    return items;
}

// RFC 5258 §6: list-select-opts, after the "("
void parse_selection(Cursor& in, List& list) {
    if (in.accept(')')) return;
    do {
        std::string_view const option = in.atom("a selection option");
        if (text::iequals(option, "SUBSCRIBED"))
            list.selection.subscribed = true;
        else if (text::iequals(option, "REMOTE"))
            list.selection.remote = true;
        else if (text::iequals(option, "RECURSIVEMATCH"))
            list.selection.recursive_match = true;
        else if (text::iequals(option, "SPECIAL-USE"))
            list.selection.special_use = true;
        else
            in.fail("Unknown selection option", option);
    } while (in.accept(' '));
    in.expect(')');
    // RFC 5258 §3.1
    if (list.selection.recursive_match && !list.selection.subscribed && !list.selection.special_use)
        in.fail("RECURSIVEMATCH needs another selection option");
    if (list.selection.subscribed) list.returns.subscribed = true;
}

// RFC 5258 §6: list-return-opts, after "RETURN"
void parse_returns(Cursor& in, List& list) {
    in.space();
    in.expect('(');
    if (in.accept(')')) return;
    do {
        std::string_view const option = in.atom("a return option");
        if (text::iequals(option, "SUBSCRIBED")) {
            list.returns.subscribed = true;
        } else if (text::iequals(option, "CHILDREN")) {
            list.returns.children = true;
        } else if (text::iequals(option, "SPECIAL-USE")) {
            list.returns.special_use = true;
        } else if (text::iequals(option, "MYRIGHTS")) {
            list.returns.my_rights = true;
        } else if (text::iequals(option, "STATUS")) {
            in.space();
            list.returns.status = parse_status_items(in);
        } else if (text::iequals(option, "METADATA")) {
            list.returns.metadata = parse_listed_entries(in);
        } else {
            in.fail("Unknown return option", option);
        }
    } while (in.accept(' '));
    in.expect(')');
}

List parse_plain_list(Cursor& in) {
    List list;
    in.space();
    list.reference = in.mailbox();
    in.space();
    list.patterns.push_back(in.list_mailbox());
    return list;
}

} // namespace

// RFC 5258 §6: list = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat [SP list-return-opts]
List parse_list(Cursor& in) {
    List list;
    in.space();
    if (in.accept('(')) {
        list.extended = true;
        parse_selection(in, list);
        in.space();
    }
    list.reference = in.mailbox();
    in.space();
    if (in.accept('(')) {
        list.extended = true;
        do {
            list.patterns.push_back(in.list_mailbox());
            if (list.patterns.size() > pattern_limit) in.fail("Too many patterns");
        } while (in.accept(' '));
        in.expect(')');
    } else {
        list.patterns.push_back(in.list_mailbox());
    }
    if (in.accept(' ')) {
        list.extended = true;
        if (!in.accept_word("RETURN")) in.fail("Expected RETURN");
        parse_returns(in, list);
    }
    return list;
}

// RFC 3501 §9: lsub = "LSUB" SP mailbox SP list-mailbox
List parse_lsub(Cursor& in) {
    List list = parse_plain_list(in);
    list.lsub = true;
    return list;
}

List parse_xlist(Cursor& in) {
    List list = parse_plain_list(in);
    list.xlist = true;
    return list;
}

Status parse_status(Cursor& in) {
    Status status;
    in.space();
    status.mailbox = in.mailbox();
    in.space();
    status.items = parse_status_items(in);
    return status;
}

} // namespace postern::wire::imap
