#include "control/actions.h"
#include "control/daemon.h"
#include "core/crypto.h"
#include "core/log.h"
#include "core/random.h"
#include "core/secret.h"
#include "net/certificate.h"
#include "net/pkcs12.h"
#include "net/succession.h"
#include "store/accounts.h"
#include "store/audit.h"
#include "store/settings.h"
#include "text/base64.h"

#include <format>
#include <functional>
#include <memory>

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

// What is to be in the file, of the certificate that was made. Runs on a reader's thread; the error is a sentence.
using Pack = std::function<std::expected<std::string, std::string>(net::ClientCertificate const& made)>;

asio::awaitable<Answer> make(Call const& call, std::string_view audited, Pack pack) {
    office::Office& office = call.daemon.office;
    std::string const& name = call.arguments.word("name");
    auto const known =
        co_await office.storage.read([name](store::ReadTransaction const& transaction) -> store::Result<bool> {
            return store::find_login(transaction, name).has_value();
        });
    if (!known) co_return refused(std::string(store::describe(known.error())));
    if (!*known) co_return answer(std::unexpected(store::StoreError::no_such_account), name);
    struct Made {
        std::string serial, file;
    };
    auto made = co_await office.storage.compute([directory = call.daemon.data / "tls",
                                                 address = std::format("{}@{}", name, office.domain),
                                                 pack = std::move(pack)]() -> std::expected<Made, std::string> {
        core::SystemRandom random; // of this thread
        auto certificate = net::make_client_certificate(directory, address, random);
        if (!certificate) return std::unexpected(std::move(certificate.error()));
        auto file = pack(*certificate);
        if (!file) return std::unexpected(std::move(file.error()));
        Made done{std::move(certificate->serial), text::base64_encode(*file)};
        core::wipe(*file);
        return done;
    });
    if (!made) co_return refused(std::move(made.error()));
    co_return co_await change(call, std::move(made->serial), audited, json::string(made->file));
}

} // namespace

asio::awaitable<Answer> make_account_certificate(Call call) {
    co_return co_await make(call, "account.certificate",
                            [](net::ClientCertificate const& made) -> std::expected<std::string, std::string> {
                                return std::string(made.identity.key.reveal()) + made.identity.certificates;
                            });
}

asio::awaitable<Answer> make_account_pkcs12(Call call) {
    core::Secret const& password = call.arguments.secret("password");
    if (!net::is_pkcs12_password(password))
        co_return refused("that password cannot be used: it is empty, or not of printable ASCII characters, which all "
                          "programs read the same");
    // A std::function is copied, and a secret is not.
    auto const kept = std::make_shared<core::Secret>(password.clone());
    auto const name = std::format("{}@{}", call.arguments.word("name"), call.daemon.office.domain);
    co_return co_await make(
        call, "account.pkcs12", [kept, name, directory = call.daemon.data / "tls"](net::ClientCertificate const& made) {
            core::SystemRandom random;
            return net::make_pkcs12(made.identity, net::trusted_authorities(directory), name, *kept, random);
        });
}

asio::awaitable<Answer> revoke_account_certificate(Call call) {
    co_return co_await change(call, {}, "account.revoke", nullptr);
}

asio::awaitable<Answer> reload_certificate(Call call) {
    call.daemon.look_at_certificate();
    auto const status = call.daemon.certificate();
    if (!status.trouble.empty()) co_return refused(status.trouble);
    co_return certificate_status(status);
}

namespace {

// SHA-256 of the certificate itself, as the set-up page and mail programs show it.
std::string fingerprint(std::string_view pem) {
    constexpr std::string_view begin = "-----BEGIN CERTIFICATE-----", end = "-----END CERTIFICATE-----";
    auto const from = pem.find(begin);
    if (from == std::string_view::npos) return {};
    std::string body(pem.substr(from + begin.size(), pem.find(end) - from - begin.size()));
    std::erase_if(body, [](char c) { return c == '\n' || c == '\r'; });
    std::string out;
    for (char const c : core::sha256(text::base64_decode(body).value_or("")))
        out += std::format("{}{:02X}", out.empty() ? "" : ":", static_cast<unsigned char>(c));
    return out;
}

json::object authority_status(AuthorityStatus const& status) {
    return {{"until", written(status.until)},
            {"next_signs", status.next_signs ? json::value(written(*status.next_signs)) : json::value()},
            {"old", status.old},
            {"fingerprint", fingerprint(status.certificate)}};
}

asio::awaitable<Answer> change_authority(Call const& call, AuthorityChange change, std::string_view audited) {
    office::Office& office = call.daemon.office;
    // Noted first: what was done to keys is not to be found without who did it.
    auto const noted = co_await office.storage.write(
        [audited, caller = call.caller, now = office.clock.wall()](store::WriteTransaction& transaction) -> Outcome {
            if (auto const done = store::audit(transaction, audited, std::format("by={}", caller), now); !done)
                return std::unexpected(done.error());
            return std::nullopt;
        });
    if (!noted) co_return answer(noted, "the authority");
    if (auto const changed = call.daemon.change_authority(change); !changed) co_return refused(changed.error());
    co_return authority_status(call.daemon.authority());
}

} // namespace

asio::awaitable<Answer> set_acme_key(Call call) {
    auto const key = std::make_shared<core::Secret>(call.arguments.secret("password").clone());
    auto decoded = text::base64_decode(key->reveal());
    bool const good = decoded && !decoded->empty();
    if (decoded) core::wipe(*decoded);
    if (!good) co_return refused("that is no key: it is written in base64, as in secret \"...\" of a BIND or Knot key");
    office::Office& office = call.daemon.office;
    auto const kept = co_await office.storage.write(
        [key, caller = call.caller, now = office.clock.wall()](store::WriteTransaction& transaction) -> Outcome {
            if (auto const put = store::put_setting(transaction, acme_key_setting, key->reveal()); !put)
                return std::unexpected(put.error());
            if (auto const noted = store::audit(transaction, "acme.key", std::format("by={}", caller), now); !noted)
                return std::unexpected(noted.error());
            return std::nullopt;
        });
    if (kept && !*kept) call.daemon.look_at_certificate();
    co_return answer(kept, "the key");
}

asio::awaitable<Answer> show_authority(Call call) { co_return authority_status(call.daemon.authority()); }

asio::awaitable<Answer> renew_authority(Call call) {
    co_return co_await change_authority(call, AuthorityChange::prepare_next, "authority.renew");
}

asio::awaitable<Answer> finish_authority(Call call) {
    co_return co_await change_authority(call, AuthorityChange::begin_with_next, "authority.finish");
}

asio::awaitable<Answer> forget_authority(Call call) {
    co_return co_await change_authority(call, AuthorityChange::forget_old, "authority.forget");
}

} // namespace postern::control
