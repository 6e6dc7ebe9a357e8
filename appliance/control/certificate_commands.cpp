#include "control/actions.h"
#include "control/daemon.h"
#include "core/log.h"
#include "core/random.h"
#include "net/certificate.h"
#include "store/accounts.h"
#include "store/audit.h"

#include <format>

namespace postern::control {

namespace {

// Lets the account log in by the certificate with this serial number; by none if that is empty.
asio::awaitable<Answer> change(Call const& call, std::string serial, std::string_view audited, json::value result) {
    office::Office& office = call.daemon.office;
    std::string const& name = call.arguments.word("name");
    bool const revoked = serial.empty();
    auto const outcome =
        co_await office.storage.write([name, serial = std::move(serial), audited, caller = call.caller,
                                       now = office.clock.wall()](store::WriteTransaction& transaction) -> Outcome {
            auto const account = store::find_account(transaction, name);
            if (!account) return std::unexpected(store::StoreError::no_such_account);
            if (serial.empty() && account->certificate.empty()) return std::format("{} has no certificate", name);
            if (auto const set = store::set_certificate(transaction, account->id, serial); !set)
                return std::unexpected(set.error());
            auto const noted = store::audit(transaction, audited, std::format("account={} by={}", name, caller), now);
            if (!noted) return std::unexpected(noted.error());
            return std::nullopt;
        });
    if (outcome && !*outcome)
        core::log(
            core::Event::account_changed,
            {{"change", revoked ? "certificate revoked" : "new certificate"}, {"account", name}, {"by", call.caller}});
    co_return answer(outcome, name, std::move(result));
}

} // namespace

asio::awaitable<Answer> make_account_certificate(Call call) {
    office::Office& office = call.daemon.office;
    std::string const& name = call.arguments.word("name");
    auto const known =
        co_await office.storage.read([name](store::ReadTransaction const& transaction) -> store::Result<bool> {
            return store::find_login(transaction, name).has_value();
        });
    if (!known) co_return refused(std::string(store::describe(known.error())));
    if (!*known) co_return answer(std::unexpected(store::StoreError::no_such_account), name);
    auto made = co_await office.storage.compute(
        [directory = call.daemon.data / "tls", address = std::format("{}@{}", name, office.domain)] {
            core::SystemRandom random; // of this thread
            return net::make_client_certificate(directory, address, random);
        });
    if (!made) co_return refused(std::move(made.error()));
    json::string pem(made->identity.key.reveal());
    pem += made->identity.certificates;
    co_return co_await change(call, std::move(made->serial), "account.certificate", std::move(pem));
}

asio::awaitable<Answer> revoke_account_certificate(Call call) {
    co_return co_await change(call, {}, "account.revoke", nullptr);
}

} // namespace postern::control
