#include "imap/list.h"

#include "imap/list_pattern.h"
#include "imap/mailboxes.h"
#include "imap/metadata.h"
#include "office/mailbox_name.h"
#include "store/accounts.h"
#include "store/mailboxes.h"
#include "store/waiting.h"
#include "text/normal_form.h"
#include "text/utf8.h"
#include "wire/imap_acl.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <utility>

namespace postern::imap {

namespace {

using Names = std::set<std::string, std::less<>>;

// The names above `names`: "a" and "a/b" for "a/b/c".
Names parents_of(Names const& names) {
    Names parents;
    for (std::string_view const name : names)
        for (auto end = name.rfind('/'); end != std::string_view::npos && end > 0; end = name.rfind('/', end - 1))
            if (!parents.emplace(name.substr(0, end)).second) break;
    return parents;
}

bool matches_any(wire::imap::List const& command, std::string_view name) {
    return std::ranges::any_of(command.patterns,
                               [&](std::string const& pattern) { return matches(command.reference + pattern, name); });
}

// Names are in Unicode's form C (store/mailboxes.h), but for some of before that was demanded: a pattern in another
// form means both.
void take_form_c(wire::imap::List& command) {
    std::vector<std::string> also;
    for (std::string& pattern : command.patterns) {
        pattern.insert(0, command.reference);
        if (text::is_ascii(pattern) || !text::is_utf8(pattern)) continue;
        if (std::string form = text::to_form_c(pattern); form != pattern) also.push_back(std::move(form));
    }
    command.reference.clear();
    std::ranges::move(also, std::back_inserter(command.patterns));
}

// RFC 3501 §6.3.8: a pattern with "%" at its end shows levels that are no mailboxes, too: of namespaces, and above a
// mailbox that may be looked up while the one above it may not.
bool matches_as_level(wire::imap::List const& command, std::string_view name) {
    return std::ranges::any_of(command.patterns, [&](std::string const& pattern) {
        return pattern.ends_with('%') && matches(command.reference + pattern, name);
    });
}

// LSUB tells whether names are subscribed and nothing else of them (RFC 3501 §6.3.9). "%" shows the level above a
// subscribed name that it does not show itself, marked \Noselect.
std::vector<Listed> select_subscribed(wire::imap::List const& command, Names const& subscribed) {
    Names hidden = subscribed;
    std::erase_if(hidden, [&](std::string const& name) { return matches_any(command, name); });
    Names names = parents_of(hidden);
    names.insert(subscribed.begin(), subscribed.end());
    std::vector<Listed> result;
    for (std::string const& name : names) {
        if (!matches_any(command, name)) continue;
        Listed line{.name = name, .attributes = {}};
        if (!subscribed.contains(name)) line.attributes.emplace_back("\\Noselect");
        result.push_back(std::move(line));
    }
    return result;
}

// XLIST has its own names for some uses.
std::string_view xlist_name(std::string_view special_use) { return special_use == "\\Junk" ? "\\Spam" : special_use; }

// RFC 6154 §2: uses are its owner's; whoever files a message looks for a place of his own.
std::string_view use_of(office::Reached const& reached) {
    bool const told = reached.name == reached.mailbox.name && !store::is_waiting(reached.mailbox);
    return told ? std::string_view(reached.mailbox.special_use) : "";
}

} // namespace

std::vector<Listed> select_listed(wire::imap::List const& command, std::vector<office::Reached> const& mailboxes,
                                  std::vector<std::string> const& subscriptions) {
    std::map<std::string_view, office::Reached const*> existing;
    Names names;
    for (office::Reached const& reached : mailboxes) {
        existing.emplace(reached.name, &reached);
        names.insert(reached.name);
    }
    // A subscription to what others own is shown as long as that may be looked up (RFC 4314 §4, LSUB).
    Names subscribed(subscriptions.begin(), subscriptions.end());
    std::erase_if(subscribed, [&](std::string const& name) {
        auto const parsed = office::parse_mailbox_name(name);
        return (!parsed || parsed->in != office::Namespace::personal) && !existing.contains(name);
    });
    if (command.lsub) return select_subscribed(command, subscribed);

    auto const find = [&](std::string const& name) -> office::Reached const* {
        auto const found = existing.find(name);
        return found == existing.end() ? nullptr : found->second;
    };
    // RFC 5258 §3.1, §3.5: those that are selected, and with RECURSIVEMATCH those above them: any of them is told that
    // it has such children, and one that is not selected is shown only for children that do not show themselves.
    auto const& selection = command.selection;
    Names const has_children = parents_of(names);
    names.insert(subscribed.begin(), subscribed.end());
    std::erase_if(names, [&](std::string const& name) {
        auto const* mailbox = find(name);
        if (selection.subscribed && !subscribed.contains(name)) return true;
        if (selection.special_use && (mailbox == nullptr || use_of(*mailbox).empty())) return true;
        return !selection.subscribed && mailbox == nullptr;
    });
    Names const chosen = names;
    Names has_chosen_children;
    if (selection.recursive_match) {
        has_chosen_children = parents_of(chosen);
        std::erase_if(names, [&](std::string const& name) { return matches_any(command, name); });
        Names above = parents_of(names);
        names = chosen;
        names.merge(above);
    }

    Names levels;
    if (!selection.subscribed && !selection.special_use) {
        for (std::string const& name : has_children)
            if (find(name) == nullptr && matches_as_level(command, name)) levels.insert(name);
        names.insert(levels.begin(), levels.end());
    }

    std::vector<Listed> result;
    for (std::string const& name : names) {
        if (!matches_any(command, name)) continue;
        Listed line{.name = name, .attributes = {}, .mailbox = find(name)};
        line.chosen = chosen.contains(name);
        if (levels.contains(name)) {
            line.attributes = {"\\Noselect", "\\HasChildren"};
            result.push_back(std::move(line));
            continue;
        }
        if (line.mailbox == nullptr)
            line.attributes.emplace_back("\\NonExistent"); // RFC 5258 §3
        else if (!line.mailbox->mailbox.selectable)
            line.attributes.emplace_back("\\Noselect");
        if (line.mailbox != nullptr || command.returns.children) // who asks for it is told of every name (RFC 5258 §4)
            line.attributes.emplace_back(has_children.contains(name) ? "\\HasChildren" : "\\HasNoChildren");
        if ((selection.subscribed || command.returns.subscribed) && subscribed.contains(name))
            line.attributes.emplace_back("\\Subscribed");
        if (command.xlist && name == "INBOX") line.attributes.emplace_back("\\Inbox");
        if (auto const use = line.mailbox != nullptr ? use_of(*line.mailbox) : ""; !use.empty())
            line.attributes.emplace_back(command.xlist ? xlist_name(use) : use);
        if (has_chosen_children.contains(name)) {
            if (selection.subscribed) line.child_info.emplace_back("SUBSCRIBED");
            if (selection.special_use) line.child_info.emplace_back("SPECIAL-USE");
        }
        result.push_back(std::move(line));
    }
    return result;
}

asio::awaitable<Answer> list(Session& session, wire::imap::List& command) {
    if (!command.extended && command.patterns == std::vector<std::string>{""}) {
        // RFC 3501 §6.3.8: the delimiter, and the root of the reference.
        std::string line;
        wire::imap::put_list(line,
                             {.lsub = command.lsub, .xlist = command.xlist, .attributes = {"\\Noselect"}, .name = ""});
        session.queue(line);
        co_return ok("That is the delimiter");
    }
    take_form_c(command);
    // RFC 7162 §3.1.7
    if (std::ranges::contains(command.returns.status, wire::imap::StatusItem::highest_modseq))
        session.enable(Extension::condstore);
    // One text, since names, their number and what is said of each are bounded (store/mailboxes.h).
    auto const lines = co_await session.storage().read(
        [&store = session.storage().store(), who = session.account(), command = std::move(command),
         utf8 = session.utf8(), append_limit = session.settings().bytes("imap.append_limit")](
            store::ReadTransaction const& transaction) -> store::Result<std::string> {
            if (!store::login_of(transaction, who)) return std::unexpected(store::StoreError::no_such_account);
            auto const mailboxes = office::list_reachable(transaction, who);
            std::string text;
            for (Listed const& line : select_listed(command, mailboxes, store::list_subscriptions(transaction, who))) {
                wire::imap::put_list(text,
                                     {.lsub = command.lsub,
                                      .xlist = command.xlist,
                                      .attributes = {line.attributes.begin(), line.attributes.end()},
                                      .name = line.name,
                                      .child_info = {line.child_info.begin(), line.child_info.end()}},
                                     utf8);
                // RFC 5819 §2, RFC 8440 §4: what was not asked for, and what is not there, has neither.
                if (!line.chosen || line.mailbox == nullptr) continue;
                auto const& [mailbox, _, rights] = *line.mailbox;
                if (command.returns.my_rights) wire::imap::put_my_rights(text, line.name, rights, utf8);
                // Nor what cannot be selected a status.
                if (!command.returns.status.empty() && mailbox.selectable && rights.has(core::Right::read))
                    wire::imap::put_status(
                        text, line.name,
                        status_values(transaction, store, mailbox, command.returns.status, append_limit), utf8);
                // RFC 9590 §3, RFC 5464 §3.3
                if (!command.returns.metadata.empty() && may_annotate(rights))
                    put_listed_metadata(text, transaction, who, mailbox, line.name, command.returns.metadata, utf8);
            }
            return text;
        });
    if (!lines) co_return no(lines.error());
    if (!session.make_room(lines->size())) co_return no_room();
    session.queue(*lines);
    co_return ok("That is all");
}

} // namespace postern::imap
