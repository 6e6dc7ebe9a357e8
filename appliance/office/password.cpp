#include "office/password.h"

#include "core/log.h"
#include "office/login.h"
#include "store/accounts.h"
#include "store/audit.h"

#include <format>
#include <utility>

namespace postern::office {

asio::awaitable<std::optional<store::ScramVerifier>> hash_password(Office& office, core::Secret password) {
    co_return co_await office.storage.compute(
        [password = std::move(password), salt = office.random.bytes(scram_salt_octets),
         iterations = static_cast<std::uint32_t>(office.settings->count("login.iterations"))] {
            return make_verifier(password, salt, iterations);
        });
}

asio::awaitable<store::Result<void>> set_password(Office& office, std::string login, store::ScramVerifier verifier,
                                                  std::string by) {
    auto const set =
        co_await office.storage.write([login, verifier = std::move(verifier), by, now = office.clock.wall()](
                                          store::WriteTransaction& transaction) -> store::Result<store::AccountId> {
            auto const account = store::find_account(transaction, login);
            if (!account) return std::unexpected(store::StoreError::no_such_account);
            if (auto const kept = store::set_verifier(transaction, account->id, verifier); !kept)
                return std::unexpected(kept.error());
            auto const noted =
                store::audit(transaction, "account.password", std::format("account={} by={}", login, by), now);
            if (!noted) return std::unexpected(noted.error());
            return account->id;
        });
    if (!set) co_return std::unexpected(set.error());
    office.sign_ins.end(*set);
    core::log(core::Event::account_changed, {{"change", "new password"}, {"account", login}, {"by", by}});
    co_return store::Result<void>{};
}

} // namespace postern::office
