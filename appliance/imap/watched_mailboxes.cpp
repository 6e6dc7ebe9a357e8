#include "imap/watched_mailboxes.h"

#include "imap/list.h"
#include "office/access.h"
#include "office/mailbox_name.h"
#include "store/accounts.h"
#include "store/mailboxes.h"
#include "wire/imap_response.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace postern::imap {

using wire::imap::EventGroup;
using wire::imap::NotifyEvent;
using wire::imap::NotifyEvents;
using wire::imap::StatusItem;
using wire::imap::StatusValue;

namespace {

constexpr std::size_t node_octets = 64; // of a map's or a set's entry, besides what it holds

// Names of which a LIST response is due, each with the name it had before, if it has another one now.
using Affected = std::map<std::string, std::string, std::less<>>;

// How they are now, a response each; with `attribute` besides, if there is one.
void put_lines(std::string& out, Affected const& affected, Listing const& listing, bool utf8,
               std::string_view attribute = {}) {
    if (affected.empty()) return;
    wire::imap::List all;
    all.patterns = {"*"};
    all.returns.subscribed = true;
    auto const lines = select_listed(all, listing.mailboxes, listing.subscriptions);
    for (auto const& [name, old_name] : affected) {
        auto const line = std::ranges::lower_bound(lines, name, {}, &Listed::name);
        std::vector<std::string_view> attributes;
        if (line != lines.end() && line->name == name) {
            attributes.assign(line->attributes.begin(), line->attributes.end());
        } else {
            attributes.emplace_back("\\NonExistent");
            if (std::ranges::binary_search(listing.subscriptions, name)) attributes.emplace_back("\\Subscribed");
        }
        if (!attribute.empty()) attributes.push_back(attribute);
        wire::imap::put_list(out, {.attributes = std::move(attributes), .name = name, .old_name = old_name}, utf8);
    }
}

} // namespace

Listing read_listing(store::ReadTransaction const& transaction, Scope const& scope, std::string_view name) {
    auto const [account, shared] = scope;
    if (name.empty())
        return {shared ? office::list_reachable(transaction, account) : office::list_own(transaction, account),
                store::list_subscriptions(transaction, account)};
    Listing listing;
    if (auto reached = office::reach(transaction, account, name, core::Right::lookup);
        reached && (shared || reached->mailbox.account == account))
        listing.mailboxes.push_back(std::move(*reached));
    return listing;
}

WatchedMailboxes::WatchedMailboxes(store::AccountId account, std::span<EventGroup const> groups)
    : scope_{.account = account, .shared = false} {
    for (EventGroup const& group : groups) {
        if (wire::imap::is_of_selected(group)) continue;
        groups_.push_back({MailboxChoice(std::span(&group.filter, 1)), group.events});
        scope_.shared = scope_.shared || groups_.back().choice.reaches_shared();
    }
}

// RFC 5465 §5: of messages nothing is known to whoever may not read them.
WatchedMailboxes::Known WatchedMailboxes::known(office::Reached const& reached) {
    store::Mailbox const& mailbox = reached.mailbox;
    Known known{.name = reached.name,
                .selectable = mailbox.selectable,
                .readable = mailbox.selectable && reached.rights.has(core::Right::read)};
    if (!known.readable) return known;
    known.uid_validity = mailbox.uid_validity;
    known.uid_next = mailbox.uid_next;
    known.highest_modseq = mailbox.highest_modseq;
    known.messages = mailbox.messages;
    known.unseen = mailbox.unseen;
    return known;
}

WatchedMailboxes::State WatchedMailboxes::known(Listing const& listing) {
    State state;
    for (office::Reached const& reached : listing.mailboxes)
        state.mailboxes.emplace(reached.mailbox.id, known(reached));
    state.subscriptions.insert(listing.subscriptions.begin(), listing.subscriptions.end());
    return state;
}

NotifyEvents WatchedMailboxes::wanted(std::string_view name, bool selectable, Names const& subscriptions) const {
    NotifyEvents events;
    for (Group const& group : groups_)
        if (group.choice.has({name, selectable}, subscriptions)) events = events | group.events;
    return events;
}

// Which names there is something to say of.
class WatchedMailboxes::Comparison {
public:
    Comparison(WatchedMailboxes const& watched, State const& before, State const& now)
        : watched_(watched), before_(before), now_(now) {
        for (auto const& [id, mailbox] : now.mailboxes) selectable_.emplace(mailbox.name, mailbox.selectable);
    }

    Affected affected() && {
        find_created();
        find_deleted();
        find_renamed();
        find_subscriptions();
        return std::move(affected_);
    }

private:
    // Told of the name as it was or as it is.
    bool wanted(NotifyEvent event, std::string_view name, bool selectable) const {
        return watched_.wanted(name, selectable, before_.subscriptions).has(event) ||
               watched_.wanted(name, selectable, now_.subscriptions).has(event);
    }

    // RFC 5465 §5.4: a name that was made or deleted, and the one above it, if that is a mailbox. Rights that come or
    // go make or delete it for this client.
    void add_with_parent(std::string_view name, bool selectable) {
        if (wanted(NotifyEvent::mailbox_name, name, selectable)) affected_.emplace(name, std::string());
        auto const parent = selectable_.find(office::name_above(name));
        if (parent != selectable_.end() && wanted(NotifyEvent::mailbox_name, parent->first, parent->second))
            affected_.emplace(parent->first, std::string());
    }

    void find_created() {
        for (auto const& [id, mailbox] : now_.mailboxes)
            if (!before_.mailboxes.contains(id)) add_with_parent(mailbox.name, mailbox.selectable);
    }

    void find_deleted() {
        for (auto const& [id, mailbox] : before_.mailboxes) {
            auto const at = now_.mailboxes.find(id);
            if (at == now_.mailboxes.end())
                add_with_parent(mailbox.name, mailbox.selectable);
            else if (at->second.selectable != mailbox.selectable) // a name stays for its children, or is used again
                add_with_parent(at->second.name, true);
        }
    }

    // §5.4: with a mailbox its children are renamed, and nothing is said of them.
    void find_renamed() {
        std::vector<std::pair<std::string_view, std::string_view>> names; // before and now
        for (auto const& [id, mailbox] : before_.mailboxes)
            if (auto const at = now_.mailboxes.find(id); at != now_.mailboxes.end() && at->second.name != mailbox.name)
                names.emplace_back(mailbox.name, at->second.name);
        std::ranges::sort(names); // parents first
        std::map<std::string_view, std::string_view> renamed;
        for (auto const& [before, now] : names) {
            bool with_parent = false;
            for (auto parent = office::name_above(before); !parent.empty() && !with_parent;
                 parent = office::name_above(parent)) {
                auto const above = renamed.find(parent);
                with_parent = above != renamed.end() && now.starts_with(above->second) &&
                              now.substr(above->second.size()) == before.substr(parent.size());
            }
            if (with_parent) continue;
            renamed.emplace(before, now);
            if (wanted(NotifyEvent::mailbox_name, before, true) || wanted(NotifyEvent::mailbox_name, now, true))
                affected_.insert_or_assign(std::string(now), std::string(before));
        }
    }

    // §5.5
    void find_subscriptions() {
        std::vector<std::string> changed;
        std::ranges::set_symmetric_difference(before_.subscriptions, now_.subscriptions, std::back_inserter(changed));
        for (std::string& name : changed) {
            auto const mailbox = selectable_.find(name);
            if (wanted(NotifyEvent::subscription_change, name, mailbox != selectable_.end() && mailbox->second))
                affected_.emplace(std::move(name), std::string());
        }
    }

    WatchedMailboxes const& watched_;
    State const& before_;
    State const& now_;
    std::map<std::string_view, bool> selectable_; // by name, now
    Affected affected_;
};

store::Result<std::string> WatchedMailboxes::begin(store::ReadTransaction const& transaction, bool status,
                                                   Client const& client) {
    if (!store::login_of(transaction, scope_.account)) return std::unexpected(store::StoreError::no_such_account);
    Listing const listing = read_listing(transaction, scope_);
    state_ = known(listing);
    measure();
    std::string text;
    Affected inaccessible;
    for (auto const& [id, mailbox] : state_.mailboxes)
        if (mailbox.selectable && !mailbox.readable &&
            wanted(mailbox.name, true, state_.subscriptions).has(NotifyEvent::message_new))
            inaccessible.emplace(mailbox.name, std::string());
    put_lines(text, inaccessible, listing, client.utf8, "\\NoAccess");
    if (!status) return text;
    for (auto const& [id, mailbox] : state_.mailboxes) {
        if (!mailbox.readable || client.selected == id) continue;
        NotifyEvents const events = wanted(mailbox.name, true, state_.subscriptions);
        bool const snapshot = std::ranges::any_of(groups_, [&](Group const& group) {
            return group.events.empty() && group.choice.has({mailbox.name, true}, state_.subscriptions);
        });
        if (!events.has(NotifyEvent::message_new) && !snapshot) continue;
        std::vector<StatusValue> values{{StatusItem::messages, mailbox.messages},
                                        {StatusItem::uid_next, core::number(mailbox.uid_next)},
                                        {StatusItem::uid_validity, core::number(mailbox.uid_validity)}};
        if (events.has(NotifyEvent::flag_change) || client.condstore)
            values.push_back({StatusItem::highest_modseq, core::number(mailbox.highest_modseq)});
        if (events.has(NotifyEvent::flag_change)) values.push_back({StatusItem::unseen, mailbox.unseen});
        wire::imap::put_status(text, mailbox.name, values, client.utf8);
    }
    return text;
}

store::Result<std::string> WatchedMailboxes::catch_up(store::ReadTransaction const& transaction,
                                                      store::AccountMark const& touched, Client const& client) {
    if (!store::login_of(transaction, scope_.account)) return std::unexpected(store::StoreError::no_such_account);
    std::string text;
    if (touched.listing) {
        Listing const listing = read_listing(transaction, scope_);
        State now = known(listing);
        put_lines(text, Comparison(*this, state_, now).affected(), listing, client.utf8);
        for (auto const& [id, mailbox] : now.mailboxes) {
            auto const before = state_.mailboxes.find(id);
            put_news(text, id, before == state_.mailboxes.end() ? nullptr : &before->second, mailbox, now.subscriptions,
                     client);
        }
        state_ = std::move(now);
        measure();
        return text;
    }
    Mailboxes looked_at;
    for (store::MailboxId const id : touched.mailboxes) {
        auto const before = state_.mailboxes.find(id);
        if (before == state_.mailboxes.end()) continue;
        auto mailbox = store::get_mailbox(transaction, id);
        if (!mailbox) continue;
        auto const reached = office::as_reached(transaction, scope_.account, std::move(*mailbox));
        // Made, deleted or taken away by a commit that will have rung for the listing.
        if (!reached.rights.has(core::Right::lookup)) continue;
        Known const now = known(reached);
        put_news(text, id, &before->second, now, state_.subscriptions, client);
        looked_at.emplace(id, now);
    }
    for (auto& [id, mailbox] : looked_at) state_.mailboxes[id] = std::move(mailbox);
    return text;
}

// RFC 5465 §5.1 to §5.3: what happened to a mailbox's messages.
void WatchedMailboxes::put_news(std::string& out, store::MailboxId id, Known const* before, Known const& now,
                                Names const& subscriptions, Client const& client) const {
    Known const fresh;
    bool const is_new = before == nullptr || !before->readable;
    if (is_new) before = &fresh;
    NotifyEvents const events = wanted(now.name, now.selectable, subscriptions);
    if (!now.readable || client.selected == id || !events.has(NotifyEvent::message_new)) return;
    bool const came_or_went = now.uid_next != before->uid_next || now.messages != before->messages;
    bool const flags = events.has(NotifyEvent::flag_change);
    bool const renewed = flags && !is_new && now.uid_validity != before->uid_validity;
    bool const seen = flags && now.unseen != before->unseen;
    bool const changed = flags && client.condstore && !is_new && now.highest_modseq != before->highest_modseq;
    if (!came_or_went && !renewed && !seen && !changed) return;
    std::vector<StatusValue> values;
    if (came_or_went) {
        values.push_back({StatusItem::messages, now.messages});
        values.push_back({StatusItem::uid_next, core::number(now.uid_next)});
    }
    if (flags) values.push_back({StatusItem::uid_validity, core::number(now.uid_validity)});
    if (seen) values.push_back({StatusItem::unseen, now.unseen});
    if (client.condstore) values.push_back({StatusItem::highest_modseq, core::number(now.highest_modseq)});
    wire::imap::put_status(out, now.name, values, client.utf8);
}

void WatchedMailboxes::take_own_change(Listing const& before, Listing const& after) {
    State const then = known(before), now = known(after);
    for (auto const& [id, mailbox] : then.mailboxes)
        if (!now.mailboxes.contains(id)) state_.mailboxes.erase(id);
    for (auto const& [id, mailbox] : now.mailboxes) {
        auto const old = then.mailboxes.find(id);
        if (old == then.mailboxes.end())
            state_.mailboxes.emplace(id, mailbox);
        else if (auto const at = state_.mailboxes.find(id); at != state_.mailboxes.end() && at->second == old->second)
            at->second = mailbox;
    }
    for (std::string const& name : then.subscriptions)
        if (!now.subscriptions.contains(name)) state_.subscriptions.erase(name);
    for (std::string const& name : now.subscriptions)
        if (!then.subscriptions.contains(name)) state_.subscriptions.insert(name);
    measure();
}

bool WatchedMailboxes::wants_annotations() const {
    using enum NotifyEvent;
    return std::ranges::any_of(groups_, [](Group const& group) {
        return group.events.has(mailbox_metadata_change) || group.events.has(server_metadata_change);
    });
}

bool WatchedMailboxes::wants_annotations_of(std::string_view mailbox) const {
    using enum NotifyEvent;
    if (mailbox.empty()) // whatever mailboxes it was asked for with
        return std::ranges::any_of(groups_,
                                   [](Group const& group) { return group.events.has(server_metadata_change); });
    auto const known = std::ranges::find(state_.mailboxes, mailbox, [](auto const& one) { return one.second.name; });
    bool const selectable = known == state_.mailboxes.end() || known->second.selectable;
    return wanted(mailbox, selectable, state_.subscriptions).has(mailbox_metadata_change);
}

void WatchedMailboxes::measure() {
    held_octets_ = sizeof *this;
    for (auto const& [id, mailbox] : state_.mailboxes)
        held_octets_ += node_octets + sizeof(Known) + mailbox.name.size();
    for (std::string const& name : state_.subscriptions) held_octets_ += node_octets + sizeof name + name.size();
    for (Group const& group : groups_) held_octets_ += sizeof group + group.choice.held_octets();
}

} // namespace postern::imap
