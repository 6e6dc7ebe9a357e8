#include "imap/mailbox_filter.h"

#include "store/mailboxes.h"

#include <functional>
#include <set>
#include <string_view>
#include <utility>

namespace postern::imap {

namespace {

using wire::imap::MailboxFilter;
using Names = std::set<std::string, std::less<>>;

// The name of the level above; that of the first level is "".
std::string_view above(std::string_view name) {
    auto const end = name.rfind('/');
    return end == std::string_view::npos ? std::string_view() : name.substr(0, end);
}

// Filters written out: time to look at a mailbox does not grow with their number.
class Choice {
public:
    Choice(std::span<MailboxFilter const> filters, std::vector<std::string> const& subscriptions) {
        for (MailboxFilter const& filter : filters) {
            using enum MailboxFilter::Kind;
            switch (filter.kind) {
            case selected:
            case selected_delayed: selected_ = true; break;
            case personal: all_ = true; break;
            case inboxes: names_.emplace("INBOX"); break; // where mail is delivered to
            case subscribed: names_.insert(subscriptions.begin(), subscriptions.end()); break;
            case subtree: take(filter, below_); break;
            case subtree_one: take(filter, just_below_); break;
            case mailboxes: take(filter, names_); break;
            }
        }
    }

    [[nodiscard]] bool has(std::string_view name, bool is_selected) const {
        if (all_ || (selected_ && is_selected) || names_.contains(name) || just_below_.contains(name) ||
            just_below_.contains(above(name)))
            return true;
        for (; !name.empty(); name = above(name))
            if (below_.contains(name)) return true;
        return below_.contains("");
    }

private:
    static void take(MailboxFilter const& filter, Names& names) {
        for (std::string const& name : filter.names)
            if (name.empty())
                names.emplace();
            else if (auto canonical = store::canonical_name(name))
                names.insert(std::move(*canonical));
    }

    Names names_;
    Names below_;
    Names just_below_;
    bool all_ = false;
    bool selected_ = false;
};

} // namespace

std::vector<store::Mailbox> filter_mailboxes(std::span<MailboxFilter const> filters,
                                             std::vector<store::Mailbox> mailboxes,
                                             std::vector<std::string> const& subscriptions,
                                             std::optional<store::MailboxId> selected) {
    Choice const choice(filters, subscriptions);
    std::erase_if(mailboxes, [&](store::Mailbox const& mailbox) {
        return !mailbox.selectable || !choice.has(mailbox.name, mailbox.id == selected);
    });
    return mailboxes;
}

} // namespace postern::imap
