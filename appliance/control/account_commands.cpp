#include "control/actions.h"
#include "control/daemon.h"
#include "core/log.h"
#include "core/settings.h"
#include "office/password.h"
#include "office/quota.h"
#include "store/accounts.h"
#include "store/audit.h"
#include "store/quota.h"
#include "text/ascii.h"

#include <algorithm>
#include <format>
#include <memory>

namespace postern::control {

namespace {

constexpr std::size_t longest_name = 64; // RFC 5321 §4.5.3.1.1

void report_account(Call const& call, std::string_view change, std::string_view login) {
    core::log(core::Event::account_changed, {{"change", change}, {"account", login}, {"by", call.caller}});
}

// A limit as an administrator writes it; nothing: it cannot be read. Not 0, which in settings means none.
std::optional<std::optional<std::uint64_t>> read_limit(std::string_view written,
                                                       std::optional<std::uint64_t> (*parse)(std::string_view)) {
    if (written == "default") return std::optional<std::uint64_t>();
    if (written == "none") return store::no_limit;
    auto const limit = parse(written);
    if (!limit || *limit == 0 || *limit >= store::no_limit) return std::nullopt;
    return limit;
}

json::value shown_limit(std::uint64_t limit) { return limit == store::no_limit ? json::value() : json::value(limit); }

bool is_only_administrator(store::ReadTransaction const& transaction, store::Account const& account) {
    auto const accounts = store::list_accounts(transaction);
    return account.administrator && accounts.size() > 1 &&
           std::ranges::count(accounts, true, &store::Account::administrator) == 1;
}

} // namespace

std::optional<std::string> account_name_refusal(std::string_view name) {
    auto const fits = [](char c) { return text::is_lower(c) || text::is_digit(c) || c == '.' || c == '_' || c == '-'; };
    if (name.empty() || name.size() > longest_name || !std::ranges::all_of(name, fits) || name.starts_with('.') ||
        name.ends_with('.') || name.contains(".."))
        return std::format("an account's name is made of up to {} lower-case letters, digits, dots (within), dashes "
                           "and underscores",
                           longest_name);
    if (name == "anyone" || name.starts_with('-')) // RFC 4314 §2
        return std::format("{} means something else where a mailbox is shared", name);
    if (name == "postmaster" || name == "abuse") // RFC 5321 §4.5.1, RFC 2142
        return std::format("{} always is the administrator; an alias can lead it elsewhere", name);
    return std::nullopt;
}

asio::awaitable<Answer> add_account(Call call) {
    office::Office& office = call.daemon.office;
    std::string const& name = call.arguments.word("name");
    if (auto why = account_name_refusal(name)) co_return refused(std::move(*why));
    auto const verifier = co_await office::hash_password(office, call.arguments.secret("password").clone());
    if (!verifier) co_return refused(std::string(password_refusal));
    auto const outcome = co_await office.storage.write(
        [name, verifier = *verifier, wanted = call.arguments.flag("administrator"), caller = call.caller,
         now = office.clock.wall()](store::WriteTransaction& transaction) -> Outcome {
            bool const administrator = wanted || store::list_accounts(transaction).empty();
            auto const made = store::create_account(transaction, name, verifier, administrator, now);
            if (!made) return std::unexpected(made.error());
            auto const noted = store::audit(
                transaction, "account.add",
                std::format("account={} administrator={} by={}", name, administrator ? "yes" : "no", caller), now);
            if (!noted) return std::unexpected(noted.error());
            return std::nullopt;
        });
    if (outcome) report_account(call, "added", name);
    co_return answer(outcome, name);
}

asio::awaitable<Answer> list_accounts(Call call) {
    auto const accounts = co_await call.daemon.office.storage.read(
        [](store::ReadTransaction const& transaction) -> store::Result<std::vector<store::Account>> {
            return store::list_accounts(transaction);
        });
    if (!accounts) co_return refused(std::string(store::describe(accounts.error())));
    json::array rows;
    auto const office = office::office_quota(*call.daemon.office.settings);
    for (store::Account const& account : *accounts) {
        auto const quota = store::quota_of(account, office);
        rows.push_back({{"name", account.login},
                        {"administrator", account.administrator},
                        {"messages", account.usage.messages},
                        {"quota_messages", shown_limit(quota.messages)},
                        {"octets", account.usage.octets},
                        {"quota_octets", shown_limit(quota.octets)},
                        {"created", written(account.created)}});
    }
    co_return rows;
}

asio::awaitable<Answer> list_account_devices(Call call) {
    office::Office& office = call.daemon.office;
    std::string const& name = call.arguments.word("name");
    auto const account = co_await office.storage.read(
        [name](store::ReadTransaction const& transaction) -> store::Result<std::optional<store::Account>> {
            return store::find_account(transaction, name);
        });
    if (!account) co_return refused(std::string(store::describe(account.error())));
    if (!*account) co_return answer(std::unexpected(store::StoreError::no_such_account), name);
    json::array rows;
    for (office::Device const& device : office.sign_ins.of((*account)->id))
        rows.push_back({{"service", device.service},
                        {"address", device.address},
                        {"program", device.program},
                        {"sessions", device.sessions},
                        {"first", written(device.first)},
                        {"last", written(device.last)}});
    co_return rows;
}

asio::awaitable<Answer> set_account_password(Call call) {
    office::Office& office = call.daemon.office;
    std::string const& name = call.arguments.word("name");
    auto const verifier = co_await office::hash_password(office, call.arguments.secret("password").clone());
    if (!verifier) co_return refused(std::string(password_refusal));
    auto const set = co_await office::set_password(office, name, *verifier, call.caller);
    co_return answer(set.transform([]() -> std::optional<std::string> { return std::nullopt; }), name);
}

asio::awaitable<Answer> set_account_quota(Call call) {
    office::Office& office = call.daemon.office;
    std::string const& name = call.arguments.word("name");
    auto const octets = read_limit(call.arguments.word("octets"), core::parse_bytes);
    auto const messages = read_limit(call.arguments.word("messages"), core::parse_count);
    if (!octets || !messages)
        co_return refused(std::format("a limit is a number{}, none or default, not \"{}\"",
                                      octets ? "" : " such as 500M or 2G",
                                      call.arguments.word(octets ? "messages" : "octets")));
    auto const outcome =
        co_await office.storage.write([name, quota = store::OwnQuota{*octets, *messages}, caller = call.caller,
                                       now = office.clock.wall()](store::WriteTransaction& transaction) -> Outcome {
            auto const set = office::set_quota(transaction, name, quota, caller, now);
            if (!set) return std::unexpected(set.error());
            return std::nullopt;
        });
    if (outcome) report_account(call, "new quota", name);
    co_return answer(outcome, name);
}

asio::awaitable<Answer> remove_account(Call call) {
    office::Office& office = call.daemon.office;
    std::string const& name = call.arguments.word("name");
    auto const removed_account = std::make_shared<store::AccountId>();
    auto const outcome =
        co_await office.storage.write([name, caller = call.caller, removed_account,
                                       now = office.clock.wall()](store::WriteTransaction& transaction) -> Outcome {
            auto const account = store::find_account(transaction, name);
            if (!account) return std::unexpected(store::StoreError::no_such_account);
            *removed_account = account->id;
            if (is_only_administrator(transaction, *account))
                return std::format("{} is the only administrator; postmaster's mail would reach nobody. Make another "
                                   "administrator first",
                                   name);
            if (auto const removed = store::remove_account(transaction, account->id); !removed)
                return std::unexpected(removed.error());
            auto const noted =
                store::audit(transaction, "account.remove", std::format("account={} by={}", name, caller), now);
            if (!noted) return std::unexpected(noted.error());
            return std::nullopt;
        });
    if (outcome && !*outcome) {
        office.sign_ins.end(*removed_account);
        report_account(call, "removed", name);
    }
    co_return answer(outcome, name);
}

} // namespace postern::control
