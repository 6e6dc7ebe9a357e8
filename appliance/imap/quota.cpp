#include "imap/quota.h"

#include "core/log.h"
#include "office/access.h"
#include "office/quota.h"
#include "store/accounts.h"
#include "store/quota.h"

#include <optional>
#include <utility>
#include <vector>

namespace postern::imap {

namespace {

constexpr std::string_view root_prefix = "#user/";

constexpr std::uint64_t storage_unit = 1024; // octets (RFC 9208 §5.1)

// Who may do what: each sees how much his own account holds, and administrators how much any does; only they set
// limits.
bool may_see(office::Identity const& who, store::AccountId whose) { return who.administrator || who.account == whose; }
bool may_set(office::Identity const& who) { return who.administrator; }

std::string root_of(store::Account const& account) { return std::string(root_prefix).append(account.login); }

// The login whose root that is.
std::optional<std::string_view> login_of(std::string_view root) {
    if (!root.starts_with(root_prefix)) return std::nullopt;
    return root.substr(root_prefix.size());
}

// The same for every root that a client may not see, or nobody could tell who has an account here.
Answer no_such_root() { return no("[NONEXISTENT] There is no such quota root"); }

// Rounded up, limit and usage alike, so that the one is not below the other.
std::uint64_t to_units(std::uint64_t octets) { return octets / storage_unit + (octets % storage_unit != 0 ? 1 : 0); }

std::uint64_t to_octets(std::uint64_t units) {
    return units > store::no_limit / storage_unit ? store::no_limit : units * storage_unit;
}

void put_quota(std::string& out, store::Account const& account, store::Quota const& office) {
    auto const quota = store::quota_of(account, office);
    std::vector<wire::imap::QuotaResource> resources; // those that are limited (§4.2.1)
    if (quota.octets != store::no_limit)
        resources.push_back({"STORAGE", to_units(account.usage.octets), to_units(quota.octets)});
    if (quota.messages != store::no_limit) resources.push_back({"MESSAGE", account.usage.messages, quota.messages});
    wire::imap::put_quota(out, root_of(account), resources);
}

} // namespace

asio::awaitable<Answer> get_quota(Session& session, wire::imap::GetQuota& command) {
    auto const line = co_await session.storage().read(
        [root = std::move(command.root), who = session.identity(), office = office::office_quota(session.settings())](
            store::ReadTransaction const& transaction) -> store::Result<std::string> {
            auto const login = login_of(root);
            auto const account = login ? store::find_account(transaction, *login) : std::nullopt;
            std::string text;
            if (account && may_see(who, account->id)) put_quota(text, *account, office);
            return text;
        });
    if (!line) co_return no(line.error());
    if (line->empty()) co_return no_such_root();
    session.queue(*line);
    co_return ok("That is the quota");
}

// The mailbox need not be there (§4.1.2). Of one that is there, "r" is needed (§6).
asio::awaitable<Answer> get_quota_root(Session& session, wire::imap::GetQuotaRoot& command) {
    auto const lines =
        co_await session.storage().read([name = std::move(command.mailbox), who = session.account(),
                                         utf8 = session.utf8(), office = office::office_quota(session.settings())](
                                            store::ReadTransaction const& transaction) -> store::Result<std::string> {
            auto const reached = office::reach(transaction, who, name, office::Right::read);
            if (!reached && reached.error() != store::StoreError::no_such_mailbox)
                return std::unexpected(reached.error());
            auto const place = reached ? store::Result<office::Place>() : office::find_place(transaction, who, name);
            if (!place) return std::unexpected(place.error());
            auto const owner = reached ? reached->mailbox.account : place->owner;
            auto const account = store::get_account(transaction, owner);
            if (!account && owner != store::the_office) return std::unexpected(store::StoreError::no_such_account);
            std::string text;
            wire::imap::put_quota_root(text, reached ? reached->name : name,
                                       account ? std::optional(root_of(*account)) : std::nullopt, utf8);
            if (!account) return text;
            put_quota(text, *account, office);
            return text;
        });
    if (!lines) co_return no(lines.error());
    session.queue(*lines);
    co_return ok("That is the quota root");
}

// A limit that is not named is taken away (§4.1.3), also where the office's settings have one.
asio::awaitable<Answer> set_quota(Session& session, wire::imap::SetQuota& command) {
    if (!may_set(session.identity())) co_return no("[NOPERM] Quotas are for administrators to set");
    auto const login = login_of(command.root);
    if (!login) co_return no_such_root();
    store::OwnQuota const quota{to_octets(command.storage.value_or(store::no_limit)),
                                command.messages.value_or(store::no_limit)};
    auto const line = co_await session.storage().write(
        [login = std::string(*login), quota, by = "login " + session.identity().login,
         office = office::office_quota(session.settings()),
         now = session.office().clock.wall()](store::WriteTransaction& transaction) -> store::Result<std::string> {
            auto const done = office::set_quota(transaction, login, quota, by, now);
            if (!done) return std::unexpected(done.error());
            std::string text;
            put_quota(text, *store::find_account(transaction, login), office);
            return text;
        });
    if (!line && line.error() == store::StoreError::no_such_account) co_return no_such_root();
    if (!line) co_return no(line.error());
    core::log(core::Event::account_changed,
              {{"change", "new quota"}, {"account", *login}, {"by", session.identity().login}});
    session.queue(*line);
    co_return ok("The quota is set");
}

} // namespace postern::imap
