#include "imap/list.h"

#include "imap/list_pattern.h"
#include "imap/mailboxes.h"
#include "store/accounts.h"
#include "store/mailboxes.h"

#include <algorithm>
#include <functional>
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

} // namespace

std::vector<Listed> select_listed(wire::imap::List const& command, std::vector<store::Mailbox> const& mailboxes,
                                  std::vector<std::string> const& subscriptions) {
    std::map<std::string_view, store::Mailbox const*> existing;
    Names names;
    for (store::Mailbox const& mailbox : mailboxes) {
        existing.emplace(mailbox.name, &mailbox);
        names.insert(mailbox.name);
    }
    Names const subscribed(subscriptions.begin(), subscriptions.end());
    Names const has_children = parents_of(names);
    Names const has_subscribed_children = parents_of(subscribed);
    if (command.lsub || command.selection.subscribed) names = subscribed;
    if (command.lsub) {
        // LSUB "%" shows the level above a subscribed name that it does not show itself (RFC 3501 §6.3.9).
        Names hidden = subscribed;
        std::erase_if(hidden, [&](std::string const& name) { return matches_any(command, name); });
        names.merge(parents_of(hidden));
    } else if (command.selection.recursive_match) {
        names.insert(has_subscribed_children.begin(), has_subscribed_children.end());
    }

    std::vector<Listed> result;
    for (std::string const& name : names) {
        if (!matches_any(command, name)) continue;
        auto const found = existing.find(name);
        Listed line{.name = name, .attributes = {}, .mailbox = found == existing.end() ? nullptr : found->second};
        if (command.selection.special_use && (line.mailbox == nullptr || line.mailbox->special_use.empty())) continue;
        if (command.lsub) {
            // Only whether it is subscribed matters here; a mere parent is marked \Noselect.
            if (!subscribed.contains(name)) line.attributes.emplace_back("\\Noselect");
            result.push_back(std::move(line));
            continue;
        }
        if (line.mailbox == nullptr)
            line.attributes.emplace_back("\\NonExistent"); // RFC 5258 §3
        else if (!line.mailbox->selectable)
            line.attributes.emplace_back("\\Noselect");
        if (line.mailbox != nullptr)
            line.attributes.emplace_back(has_children.contains(name) ? "\\HasChildren" : "\\HasNoChildren");
        if ((command.selection.subscribed || command.returns.subscribed) && subscribed.contains(name))
            line.attributes.emplace_back("\\Subscribed");
        if (line.mailbox != nullptr && !line.mailbox->special_use.empty())
            line.attributes.push_back(line.mailbox->special_use);
        line.child_info = command.selection.recursive_match && has_subscribed_children.contains(name);
        result.push_back(std::move(line));
    }
    return result;
}

asio::awaitable<Answer> list(Session& session, wire::imap::List& command) {
    if (!command.extended && command.patterns == std::vector<std::string>{""}) {
        // RFC 3501 §6.3.8: the delimiter, and the root of the reference.
        std::string line;
        wire::imap::put_list(line, {.lsub = command.lsub, .attributes = {"\\Noselect"}, .name = ""});
        session.queue(line);
        co_return ok("That is the delimiter");
    }
    // RFC 7162 §3.1.7
    if (std::ranges::contains(command.returns.status, wire::imap::StatusItem::highest_modseq))
        session.enable(Extension::condstore);
    // One text, since names, their number and what is said of each are bounded (store/mailboxes.h).
    auto const lines = co_await session.storage().read(
        [&store = session.storage().store(), account = session.account(), command = std::move(command),
         utf8 = session.utf8()](store::ReadTransaction const& transaction) -> store::Result<std::string> {
            if (!store::get_account(transaction, account)) return std::unexpected(store::StoreError::no_such_account);
            auto const mailboxes = store::list_mailboxes(transaction, account);
            std::string text;
            for (Listed const& line :
                 select_listed(command, mailboxes, store::list_subscriptions(transaction, account))) {
                wire::imap::put_list(text,
                                     {.lsub = command.lsub,
                                      .attributes = {line.attributes.begin(), line.attributes.end()},
                                      .name = line.name,
                                      .child_info = line.child_info},
                                     utf8);
                // RFC 5819 §2: what cannot be selected has no status.
                if (!command.returns.status.empty() && line.mailbox != nullptr && line.mailbox->selectable)
                    wire::imap::put_status(text, line.name,
                                           status_values(transaction, store, *line.mailbox, command.returns.status),
                                           utf8);
            }
            return text;
        });
    if (!lines) co_return no(lines.error());
    if (!session.make_room(lines->size())) co_return no_room();
    session.queue(*lines);
    co_return ok("That is all");
}

} // namespace postern::imap
