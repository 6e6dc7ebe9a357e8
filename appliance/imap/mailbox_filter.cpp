#include "imap/mailbox_filter.h"

#include "office/mailbox_name.h"

#include <functional>
#include <set>
#include <string_view>
#include <utility>

namespace postern::imap {

namespace {

using wire::imap::MailboxFilter;
using Names = std::set<std::string, std::less<>>;

// Filters written out: time to look at a mailbox does not grow with their number.
class Choice {
public:
    Choice(std::span<MailboxFilter const> filters, std::vector<std::string> const& subscriptions) {
        for (MailboxFilter const& filter : filters) {
            using enum MailboxFilter::Kind;
            switch (filter.kind) {
            case selected:
            case selected_delayed: selected_ = true; break;
            case personal: own_ = true; break;
            case inboxes: names_.emplace("INBOX"); break; // where mail is delivered to
            case subscribed: names_.insert(subscriptions.begin(), subscriptions.end()); break;
            case subtree: take(filter, below_); break;
            case subtree_one: take(filter, just_below_); break;
            case mailboxes: take(filter, names_); break;
            }
        }
    }

    [[nodiscard]] bool has(office::Reached const& mailbox, bool is_selected) const {
        std::string_view name = mailbox.name;
        bool const is_own = name == mailbox.mailbox.name;
        if ((own_ && is_own) || (selected_ && is_selected) || names_.contains(name) || just_below_.contains(name) ||
            just_below_.contains(office::name_above(name)))
            return true;
        for (; !name.empty(); name = office::name_above(name))
            if (below_.contains(name)) return true;
        return below_.contains("");
    }

private:
    static void take(MailboxFilter const& filter, Names& names) {
        for (std::string_view name : filter.names) {
            if (name.ends_with('/')) name.remove_suffix(1);
            // "Shared" is no mailbox's name, but above some.
            names.insert(office::canonical_mailbox_name(name).value_or(std::string(name)));
        }
    }

    Names names_;
    Names below_;
    Names just_below_;
    bool own_ = false;
    bool selected_ = false;
};

} // namespace

std::vector<office::Reached> filter_mailboxes(std::span<MailboxFilter const> filters,
                                              std::vector<office::Reached> mailboxes,
                                              std::vector<std::string> const& subscriptions,
                                              std::optional<store::MailboxId> selected) {
    Choice const choice(filters, subscriptions);
    std::erase_if(mailboxes, [&](office::Reached const& reached) {
        return !reached.mailbox.selectable || !reached.rights.has(office::Right::read) ||
               !choice.has(reached, reached.mailbox.id == selected);
    });
    return mailboxes;
}

} // namespace postern::imap
