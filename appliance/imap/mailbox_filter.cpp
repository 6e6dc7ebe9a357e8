#include "imap/mailbox_filter.h"

#include "office/mailbox_name.h"

#include <algorithm>
#include <utility>

namespace postern::imap {

using wire::imap::MailboxFilter;

namespace {

constexpr std::size_t name_octets = 64; // of an entry in a set, besides the name

bool is_own(std::string_view name) {
    auto const parsed = office::parse_mailbox_name(name);
    return parsed && parsed->in == office::Namespace::personal;
}

void take_names(MailboxFilter const& filter, MailboxChoice::Names& names) {
    for (std::string_view name : filter.names) {
        if (name.ends_with('/')) name.remove_suffix(1);
        // "Shared" is no mailbox's name, but above some.
        names.insert(office::canonical_mailbox_name(name).value_or(std::string(name)));
    }
}

} // namespace

MailboxChoice::MailboxChoice(std::span<MailboxFilter const> filters) {
    for (MailboxFilter const& filter : filters) {
        using enum MailboxFilter::Kind;
        switch (filter.kind) {
        case selected:
        case selected_delayed: selected_ = true; break;
        case personal: personal_ = true; break;
        case inboxes: names_.emplace("INBOX"); break; // where mail is delivered to
        case subscribed: subscribed_ = true; break;
        case subtree: take_names(filter, below_); break;
        case subtree_one: take_names(filter, just_below_); break;
        case mailboxes: take_names(filter, names_); break;
        }
    }
}

bool MailboxChoice::has(Candidate const& mailbox, Names const& subscriptions) const {
    std::string_view name = mailbox.name;
    if ((selected_ && mailbox.selected) || names_.contains(name) || (subscribed_ && subscriptions.contains(name)) ||
        just_below_.contains(name) || just_below_.contains(office::name_above(name)))
        return true;
    if (personal_ && mailbox.selectable && is_own(name)) return true; // RFC 5465 §6.2
    for (; !name.empty(); name = office::name_above(name))
        if (below_.contains(name)) return true;
    return below_.contains("");
}

bool MailboxChoice::reaches_shared() const {
    auto const some = [](Names const& names) {
        return std::ranges::any_of(names, [](std::string_view name) { return name.empty() || !is_own(name); });
    };
    return subscribed_ || some(names_) || some(below_) || some(just_below_);
}

std::size_t MailboxChoice::held_octets() const {
    std::size_t octets = 0;
    for (Names const* names : {&names_, &below_, &just_below_})
        for (std::string const& name : *names) octets += name_octets + name.size();
    return octets;
}

std::vector<office::Reached> filter_mailboxes(std::span<MailboxFilter const> filters,
                                              std::vector<office::Reached> mailboxes,
                                              std::vector<std::string> const& subscriptions,
                                              std::optional<store::MailboxId> selected) {
    MailboxChoice const choice(filters);
    MailboxChoice::Names const subscribed(subscriptions.begin(), subscriptions.end());
    std::erase_if(mailboxes, [&](office::Reached const& reached) {
        auto const& [mailbox, name, rights] = reached;
        return !mailbox.selectable || !rights.has(office::Right::read) ||
               !choice.has({name, mailbox.selectable, mailbox.id == selected}, subscribed);
    });
    return mailboxes;
}

} // namespace postern::imap
