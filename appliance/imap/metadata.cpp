#include "imap/metadata.h"

#include "imap/mailboxes.h"
#include "office/access.h"
#include "store/mailboxes.h"
#include "store/metadata.h"
#include "text/ascii.h"

#include <algorithm>
#include <format>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace postern::imap {

using store::StoreError;

namespace {

static_assert(wire::imap::entry_name_limit <= store::max_entry_name_octets);

constexpr std::string_view admin_entry = "/shared/admin";

// Who may do what besides (RFC 5464 §3.3): the server's entries are everybody's to see, and its shared ones
// administrators' to set.
bool may_set_for_all(office::Identity const& who) { return who.administrator; }
// What a mailbox is used for is its owner's business.
bool may_set_use(office::Identity const& who, store::Mailbox const& mailbox) { return mailbox.account == who.account; }

bool is_shared(std::string_view entry) { return text::istarts_with(entry, "/shared"); }

// What a command is about: nothing is the server. Errors: no_such_mailbox, not_permitted.
store::Result<std::optional<office::Reached>> find_annotated(store::ReadTransaction const& transaction,
                                                             office::Identity const& who, std::string_view name) {
    if (name.empty()) return std::nullopt;
    auto reached = office::reach(transaction, who.account, name, office::Right::lookup);
    if (!reached) return std::unexpected(reached.error());
    if (!may_annotate(reached->rights)) return std::unexpected(StoreError::not_permitted);
    return std::move(*reached);
}

store::Annotated annotated(office::Identity const& who, std::optional<office::Reached> const& reached) {
    return {who.account, reached ? &reached->mailbox : nullptr};
}

store::Depth depth_of(wire::imap::MetadataDepth depth) {
    switch (depth) {
    case wire::imap::MetadataDepth::zero: return store::Depth::zero;
    case wire::imap::MetadataDepth::one: return store::Depth::one;
    case wire::imap::MetadataDepth::infinity: return store::Depth::infinity;
    }
    std::unreachable();
}

// ---- GETMETADATA

struct Got {
    std::string text;
    std::uint64_t longest = 0; // of what passed MAXSIZE
};

// The server's own entry, which is no row; of the rest `found` has what there is.
void add_admin(std::vector<store::Entry>& found, std::string_view wanted, store::Depth depth,
               std::string_view admin_uri) {
    std::string const above = text::lower(wanted);
    bool const below = depth != store::Depth::zero && above == "/shared";
    if (above == admin_entry || below) found.push_back({std::string(admin_entry), std::string(admin_uri)});
}

// `name`: of the mailbox, as the client knows it.
Got get(store::ReadTransaction const& transaction, store::Annotated const& annotated, std::string_view name,
        wire::imap::GetMetadata const& command, std::string_view admin_uri, bool utf8) {
    Got got;
    std::vector<store::Entry> found;
    std::set<std::string> names; // of those
    std::vector<std::string_view> absent;
    for (std::string const& wanted : command.entries) {
        auto entries = store::find_entries(transaction, annotated, wanted, depth_of(command.depth));
        if (annotated.mailbox == nullptr) add_admin(entries, wanted, depth_of(command.depth), admin_uri);
        // One that was asked for by its name is told by that, and told to be absent, since it was asked for.
        if (command.depth == wire::imap::MetadataDepth::zero && entries.empty()) absent.push_back(wanted);
        for (store::Entry& entry : entries) {
            if (text::iequals(entry.name, wanted)) entry.name = wanted;
            if (names.insert(text::lower(entry.name)).second) found.push_back(std::move(entry));
        }
    }
    std::vector<wire::imap::MetadataItem> items;
    for (store::Entry const& entry : found) {
        if (command.max_size && entry.value.size() > *command.max_size)
            got.longest = std::max<std::uint64_t>(got.longest, entry.value.size()); // §4.2.1
        else
            items.push_back({entry.name, entry.value});
    }
    for (std::string_view const wanted : absent) items.push_back({wanted, std::nullopt});
    if (!items.empty()) wire::imap::put_metadata(got.text, name, items, utf8);
    return got;
}

// ---- SETMETADATA

// What came of it, besides that it is done.
struct Set {
    std::string name;                  // of the mailbox, as the client knows it; "" is the server
    store::AccountId owner{};          // of the mailbox
    std::string owners_name;           // as he knows it
    std::optional<std::string> unused; // the mailbox that lost its use
};

// A use as it is given (RFC 6154 §4); nothing: it is none that a mailbox can have. Only one, as with CREATE.
std::optional<std::string_view> use_of(std::optional<std::string> const& value) {
    if (!value || value->empty()) return "";
    auto const use = find_use(*value);
    return use.empty() ? std::nullopt : std::optional(use);
}

store::Result<Set> set(store::WriteTransaction& transaction, office::Identity const& who, std::string_view name,
                       std::span<store::EntryChange const> changes, std::optional<std::string_view> use) {
    auto const found = find_annotated(transaction, who, name);
    if (!found) return std::unexpected(found.error());
    auto const& reached = *found;
    if (use && !may_set_use(who, reached->mailbox)) return std::unexpected(StoreError::not_permitted);
    if (auto const done = store::set_entries(transaction, annotated(who, reached), changes); !done)
        return std::unexpected(done.error());
    Set result;
    if (reached) result = {reached->name, reached->mailbox.account, reached->mailbox.name, std::nullopt};
    if (use) {
        auto const unused = store::set_special_use(transaction, reached->mailbox.id, *use);
        if (!unused) return std::unexpected(unused.error());
        result.unused = *unused;
    }
    return result;
}

} // namespace

bool may_annotate(core::Rights rights) {
    using enum core::Right;
    return rights.has_any(read | seen | write | insert | post);
}

std::optional<Answer> annotation_too_long(std::uint64_t octets) {
    if (octets <= store::max_entry_octets) return std::nullopt;
    return no(std::format("[METADATA MAXSIZE {}] The value is too long", store::max_entry_octets));
}

asio::awaitable<Answer> get_metadata(Session& session, wire::imap::GetMetadata& command) {
    auto const got =
        co_await session.storage().read([command = std::move(command), who = session.identity(), utf8 = session.utf8(),
                                         admin_uri = "mailto:postmaster@" + session.office().domain](
                                            store::ReadTransaction const& transaction) -> store::Result<Got> {
            auto const reached = find_annotated(transaction, who, command.mailbox);
            if (!reached) return std::unexpected(reached.error());
            return get(transaction, annotated(who, *reached), *reached ? (*reached)->name : "", command, admin_uri,
                       utf8);
        });
    if (!got) co_return no(got.error());
    if (!session.make_room(got->text.size())) co_return no_room();
    session.queue(got->text);
    if (got->longest > 0)
        co_return ok(std::format("[METADATA LONGENTRIES {}] That is all but long ones", got->longest));
    co_return ok("Those are the annotations");
}

asio::awaitable<Answer> set_metadata(Session& session, wire::imap::SetMetadata& command) {
    bool const is_server = command.mailbox.empty();
    std::vector<store::EntryChange> changes;
    std::optional<std::string_view> use;
    std::vector<std::string> names;
    for (auto& [entry, value] : command.values) {
        if (auto too_long = annotation_too_long(value ? value->size() : 0)) co_return std::move(*too_long);
        if (is_server && text::iequals(entry, admin_entry)) co_return no("[CANNOT] That entry is the server's own");
        if (is_server && is_shared(entry) && !may_set_for_all(session.identity()))
            co_return no("[NOPERM] That entry is for administrators to set");
        names.push_back(entry);
        if (!is_server && text::iequals(entry, store::special_use_entry)) {
            use = use_of(value);
            if (!use) co_return no("[USEATTR] A mailbox cannot be used for that");
        } else {
            changes.push_back({std::move(entry), std::move(value)});
        }
    }
    auto const done = co_await session.storage().write(
        [who = session.identity(), name = std::move(command.mailbox), changes = std::move(changes),
         use](store::WriteTransaction& transaction) { return set(transaction, who, name, changes, use); });
    if (!done && done.error() == StoreError::over_quota) co_return no("[METADATA TOOMANY] There is no room for more");
    if (!done) co_return no(done.error());

    auto const [private_names, shared_names] = [&] {
        auto const shared = std::ranges::stable_partition(names, [](auto const& name) { return !is_shared(name); });
        return std::pair{std::span(names.begin(), shared.begin()), std::span(shared.begin(), shared.end())};
    }();
    session.publish_metadata(session.account(), done->name, private_names);
    session.publish_metadata(done->owner, done->owners_name, shared_names);
    if (done->unused) {
        std::string const entry(store::special_use_entry);
        session.publish_metadata(session.account(), *done->unused, std::span(&entry, 1));
        // RFC 6154 §5.4: and this client is told, which did not ask for it.
        wire::imap::MetadataItem const item{entry, std::nullopt};
        std::string line;
        wire::imap::put_metadata(line, *done->unused, std::span(&item, 1), session.utf8());
        session.queue(line);
    }
    co_return ok("Set");
}

void put_listed_metadata(std::string& out, store::ReadTransaction const& transaction, store::AccountId reader,
                         store::Mailbox const& mailbox, std::string_view name, std::span<std::string const> entries,
                         bool utf8) {
    std::vector<std::vector<store::Entry>> found; // one of each, or none
    for (std::string const& entry : entries)
        found.push_back(store::find_entries(transaction, {reader, &mailbox}, entry, store::Depth::zero));
    std::vector<wire::imap::MetadataItem> items;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        items.push_back({entries[i], std::nullopt});
        if (!found[i].empty()) items.back().value = found[i].front().value;
    }
    wire::imap::put_metadata(out, name, items, utf8);
}

void put_metadata_news(std::string& out, office::MetadataNews::Listener& listener,
                       std::function<bool(std::string_view mailbox)> const& wanted, bool utf8) {
    for (auto const& [mailbox, entries] : listener.take())
        if (wanted(mailbox)) wire::imap::put_metadata_names(out, mailbox, entries, utf8);
}

} // namespace postern::imap
