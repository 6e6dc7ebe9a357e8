// The mailboxes of the office: those under "Shared/", as their names are given and shown here.
#include "control/actions.h"
#include "control/daemon.h"
#include "control/rights_words.h"
#include "control/shared_name.h"
#include "core/log.h"
#include "office/access.h"
#include "store/acl.h"
#include "store/aliases.h"
#include "store/audit.h"
#include "store/mailboxes.h"
#include "text/utf8.h"
#include "wire/imap_acl.h"

#include <algorithm>
#include <format>
#include <map>
#include <utility>

namespace postern::control {

namespace {

// In the audit log a name stands last: it may have blanks.
store::Result<void> audit_shared(store::WriteTransaction& transaction, std::string_view event, std::string_view details,
                                 std::string_view caller, std::string_view mailbox, core::WallTime now) {
    return store::audit(transaction, event, std::format("{}by={} mailbox={}", details, caller, mailbox), now);
}

void report_shared(Call const& call, std::string_view change, std::string_view mailbox) {
    core::log(core::Event::account_changed, {{"change", change}, {"mailbox", mailbox}, {"by", call.caller}});
}

// Why it is to stay; nothing: it may go.
std::optional<std::string> removal_refusal(store::ReadTransaction const& transaction, SharedName const& shared,
                                           store::Mailbox const& mailbox, bool with_mail) {
    std::string const below = mailbox.name + "/";
    for (store::Mailbox const& other : store::list_mailboxes(transaction, store::the_office))
        if (other.name.starts_with(below))
            return std::format("{} is below {}; remove that first", shown_name(other), shared.whole);
    auto const addresses = store::aliases_to(transaction, mailbox.id);
    if (!addresses.empty())
        return std::format("mail to {} goes to {}; lead it elsewhere first, by `postern alias`", addresses.front(),
                           shared.whole);
    if (mailbox.messages > 0 && !with_mail)
        return std::format("{} holds mail (messages: {}), which would be gone for good; move it elsewhere, or say "
                           "--with-mail",
                           shared.whole, mailbox.messages);
    return std::nullopt;
}

json::object rights_row(std::string_view who, core::Rights rights) {
    json::array words;
    for (std::string const& word : rights_in_words(rights)) words.emplace_back(word);
    return {{"who", who}, {"rights", std::move(words)}, {"letters", wire::imap::to_string(rights)}};
}

asio::awaitable<Answer> change_rights(Call call, RightsChange change) {
    office::Office& office = call.daemon.office;
    auto shared = read_shared_name(call.arguments.word("name"));
    if (!shared) co_return refused(std::move(shared.error()));
    auto const rights = read_rights(call.arguments.words("rights"), change);
    if (!rights) co_return refused(rights.error());
    struct Changed {
        core::Rights now; // what he may, all in all
        std::optional<std::string> refusal;
    };
    std::string const& who = call.arguments.word("who");
    auto const changed = co_await office.storage.write(
        [shared = *shared, who, rights = *rights, change, caller = call.caller, domain = office.domain,
         now = office.clock.wall()](store::WriteTransaction& transaction) -> store::Result<Changed> {
            auto const mailbox = store::find_mailbox(transaction, store::the_office, shared.name);
            if (!mailbox) return std::unexpected(store::StoreError::no_such_mailbox);
            auto const meant = office::find_identified(transaction, who, domain);
            if (!meant)
                return Changed{{}, std::format("{} is no account; name one of `postern account list`, or anyone", who)};
            if (!office::inherent_rights(transaction, *meant, *mailbox).empty())
                return Changed{{},
                               std::format("{} is an administrator, and keeps all rights to {}", who, shared.whole)};
            store::AclEntry entry = store::get_acl_entry(transaction, mailbox->id, *meant);
            if (change == RightsChange::give) {
                entry.granted = entry.granted | rights;
                entry.denied = entry.denied - rights;
            } else {
                entry.granted = entry.granted - rights;
            }
            if (auto const set = store::set_acl_entry(transaction, mailbox->id, entry); !set)
                return std::unexpected(set.error());
            auto const details = std::format("who={} rights={} ", who, wire::imap::to_string(rights));
            auto const noted = audit_shared(transaction, change == RightsChange::give ? "shared.give" : "shared.take",
                                            details, caller, shared.whole, now);
            if (!noted) return std::unexpected(noted.error());
            return Changed{office::rights_in(store::get_acl(transaction, mailbox->id), *meant), std::nullopt};
        });
    if (!changed) co_return answer(std::unexpected(changed.error()), shared->whole);
    if (changed->refusal) co_return refused(*changed->refusal);
    report_shared(call, change == RightsChange::give ? "rights given" : "rights taken", shared->whole);
    co_return rights_row(who, changed->now);
}

} // namespace

asio::awaitable<Answer> add_shared(Call call) {
    office::Office& office = call.daemon.office;
    auto shared = read_shared_name(call.arguments.word("name"));
    if (!shared) co_return refused(std::move(shared.error()));
    auto const outcome =
        co_await office.storage.write([shared = *shared, caller = call.caller,
                                       now = office.clock.wall()](store::WriteTransaction& transaction) -> Outcome {
            auto const made = store::create_mailbox(transaction, store::the_office, shared.name, {}, now);
            if (!made) return std::unexpected(made.error());
            // An address that an administrator makes for it is to work. What it inherited, if anything, stays as it is.
            if (store::get_acl(transaction, *made).empty())
                if (auto const set = store::set_acl_entry(transaction, *made, {store::anyone, core::Right::post, {}});
                    !set)
                    return std::unexpected(set.error());
            auto const noted = audit_shared(transaction, "shared.add", "", caller, shared.whole, now);
            if (!noted) return std::unexpected(noted.error());
            return std::nullopt;
        });
    if (outcome) report_shared(call, "shared mailbox added", shared->whole);
    co_return answer(outcome, shared->whole);
}

asio::awaitable<Answer> list_shared(Call call) {
    struct Row {
        store::Mailbox mailbox;
        std::vector<std::string> addresses;
    };
    auto const found = co_await call.daemon.office.storage.read(
        [](store::ReadTransaction const& transaction) -> store::Result<std::vector<Row>> {
            std::map<store::MailboxId, std::vector<std::string>> addresses;
            for (store::Alias const& alias : store::list_aliases(transaction))
                for (store::MailboxId const mailbox : alias.mailboxes) addresses[mailbox].push_back(alias.address);
            std::vector<Row> rows;
            for (store::Mailbox& mailbox : store::list_mailboxes(transaction, store::the_office)) {
                auto& leading = addresses[mailbox.id];
                rows.push_back({std::move(mailbox), std::move(leading)});
            }
            return rows;
        });
    if (!found) co_return refused(std::string(store::describe(found.error())));
    json::array rows;
    for (auto const& [mailbox, addresses] : *found) {
        // A name that only has others below it holds nothing, not even no messages.
        auto const held = [&](std::uint64_t count) { return mailbox.selectable ? json::value(count) : json::value(); };
        json::array leading;
        for (std::string const& address : addresses) leading.emplace_back(text::to_valid_utf8(address));
        rows.push_back({{"name", shown_name(mailbox)},
                        {"messages", held(mailbox.messages)},
                        {"octets", held(mailbox.octets)},
                        {"addresses", std::move(leading)},
                        {"created", written(mailbox.created)}});
    }
    co_return rows;
}

asio::awaitable<Answer> remove_shared(Call call) {
    office::Office& office = call.daemon.office;
    auto shared = read_shared_name(call.arguments.word("name"));
    if (!shared) co_return refused(std::move(shared.error()));
    auto const outcome = co_await office.storage.write(
        [shared = *shared, with_mail = call.arguments.flag("with-mail"), caller = call.caller,
         now = office.clock.wall()](store::WriteTransaction& transaction) -> Outcome {
            auto const mailbox = store::find_mailbox(transaction, store::the_office, shared.name);
            if (!mailbox) return std::unexpected(store::StoreError::no_such_mailbox);
            if (auto why = removal_refusal(transaction, shared, *mailbox, with_mail)) return why;
            if (auto const removed = store::delete_mailbox(transaction, store::the_office, shared.name); !removed)
                return std::unexpected(removed.error());
            auto const noted = audit_shared(transaction, "shared.remove",
                                            std::format("messages={} ", mailbox->messages), caller, shared.whole, now);
            if (!noted) return std::unexpected(noted.error());
            return std::nullopt;
        });
    if (outcome && !*outcome) report_shared(call, "shared mailbox removed", shared->whole);
    co_return answer(outcome, shared->whole);
}

asio::awaitable<Answer> give_shared(Call call) { return change_rights(std::move(call), RightsChange::give); }

asio::awaitable<Answer> take_shared(Call call) { return change_rights(std::move(call), RightsChange::take); }

asio::awaitable<Answer> show_shared_rights(Call call) {
    auto shared = read_shared_name(call.arguments.word("name"));
    if (!shared) co_return refused(std::move(shared.error()));
    using Identifiers = std::vector<std::pair<std::string, core::Rights>>;
    auto const identifiers = co_await call.daemon.office.storage.read(
        [name = shared->name](store::ReadTransaction const& transaction) -> store::Result<Identifiers> {
            auto const mailbox = store::find_mailbox(transaction, store::the_office, name);
            if (!mailbox) return std::unexpected(store::StoreError::no_such_mailbox);
            return office::list_identifiers(transaction, *mailbox);
        });
    if (!identifiers) co_return answer(std::unexpected(identifiers.error()), shared->whole);
    json::array rows;
    for (auto const& [who, rights] : *identifiers) rows.emplace_back(rights_row(who, rights));
    co_return rows;
}

} // namespace postern::control
