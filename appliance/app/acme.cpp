#include "app/acme.h"

#include "app/acme_client.h"
#include "app/sleep.h"
#include "control/daemon.h"
#include "core/log.h"
#include "net/dns_update.h"
#include "net/own_certificate.h"
#include "store/settings.h"
#include "text/base64.h"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>
#include <charconv>
#include <exception>
#include <format>
#include <optional>
#include <utility>
#include <variant>

namespace postern::app {

namespace {

using asio::experimental::awaitable_operators::operator||;
using namespace std::chrono_literals;

constexpr auto look = 1min; // between two looks whether it is time
constexpr std::chrono::steady_clock::duration first_pause = 10min, last_pause = 24h;
constexpr auto patience = 1min; // with a name server
constexpr auto longest_renewal_time = std::chrono::days(30);

// As dns.servers has them, and names as well.
std::optional<net::UpdateServer> read_server(std::string_view written) {
    net::UpdateServer server{.host = std::string(written.substr(0, written.find('#')))};
    if (server.host.size() == written.size()) return server.host.empty() ? std::nullopt : std::optional(server);
    auto const digits = written.substr(server.host.size() + 1);
    auto const [end, error] = std::from_chars(digits.begin(), digits.end(), server.port);
    if (server.host.empty() || error != std::errc{} || end != digits.end()) return std::nullopt;
    return server;
}

} // namespace

void Acme::wake() {
    pause_ = {};
    next_try_ = {};
    woken_.raise();
}

void Acme::settings_changed() {
    std::string now;
    for (core::SettingRow const& row : core::setting_table())
        if (row.name.starts_with("acme.")) now += office_.settings->written(row.name).value_or("") + '\n';
    for (std::string const& name : surroundings_.names()) now += name + '\n';
    if (now != std::exchange(settings_, now)) wake();
}

bool Acme::is_due() const {
    if (!is_set()) return false;
    auto const names = surroundings_.names();
    auto const now = office_.clock.wall();
    auto const own = net::load_own_certificate(directory_, "acme", names.front(), now);
    if (!own || !*own) return true;
    auto const& certificates = (*own)->certificates;
    if (!std::ranges::all_of(names, [&](auto const& name) { return net::covers(certificates, name); })) return true;
    auto const end = net::end_of(certificates);
    return now > end - std::min<std::chrono::seconds>(longest_renewal_time, (end - net::begin_of(certificates)) / 3);
}

asio::awaitable<bool> Acme::may_leave() {
    if (!office_.link.leave(office_.settings, office_.clock).open()) co_return false;
    co_return (co_await surroundings_.internet()).reachability == dns::Reachability::State::there;
}

asio::awaitable<void> Acme::run() {
    while (!office_.stop.raised()) {
        woken_.clear();
        if (!is_due()) {
            trouble_.clear();
        } else if (!co_await may_leave()) {
            trouble_ = "a certificate of the public authority is ordered once the link is there";
        } else if (office_.clock.steady() >= next_try_) {
            auto const made = co_await make_or_say();
            pause_ = made ? decltype(pause_){} : std::clamp(pause_ * 2, first_pause, last_pause);
            // Who changed something meanwhile does not wait.
            next_try_ = woken_.raised() ? core::SteadyTime{} : office_.clock.steady() + pause_;
            trouble_ = made ? "" : made.error();
            if (made)
                surroundings_.made();
            else
                core::log(core::Event::acme_failed, {{"reason", trouble_}});
        }
        co_await (sleep(look) || woken_.wait() || office_.stop.wait());
    }
}

asio::awaitable<std::expected<void, std::string>> Acme::make_or_say() {
    try {
        co_return co_await make();
    } catch (std::exception const& error) {
        co_return std::unexpected(error.what());
    }
}

asio::awaitable<std::expected<void, std::string>> Acme::make() {
    auto const names = surroundings_.names();
    auto done = co_await ask_authority(names);
    // What is there no longer proves anything.
    for (std::string const& host : std::exchange(published_, {})) (void)co_await set_text(host, "");
    if (!done) co_return done;
    auto const made = directory_ / "acme";
    co_return net::keep_certificate(directory_, "acme", made / names.front() / "cert.pem",
                                    made / "private" / names.front() / "key.pem");
}

// Its own directory has the account's key, and that of the certificate, which stays the same.
asio::awaitable<std::expected<void, std::string>> Acme::ask_authority(std::vector<std::string> const& names) {
    std::string const url(office_.settings->text("acme.directory"));
    std::string const contact(office_.settings->text("acme.contact"));
    std::string const hook(office_.settings->text("acme.hook"));
    std::vector<std::string> const usual{"-v", "-y", "-c", directory_ / "acme", "-a", url};
    std::vector<std::string> account = usual, order = usual;
    account.insert(account.end(), {"--", "new"});
    if (!contact.empty()) account.push_back(contact);
    // Whether it is time is our decision.
    order.insert(order.end(), {"-t", "EC", "-f", "-i"});
    if (!hook.empty()) order.insert(order.end(), {"-h", hook});
    order.insert(order.end(), {"--", "issue"});
    order.insert(order.end(), names.begin(), names.end());

    std::string untaken;
    TakeChallenge const take = [this, &untaken](DnsChallenge challenge) -> asio::awaitable<bool> {
        return [](Acme& self, DnsChallenge taken, std::string& why) -> asio::awaitable<bool> {
            auto const published = co_await self.publish(std::move(taken));
            if (!published) why = published.error();
            co_return published.has_value();
        }(*this, std::move(challenge), untaken);
    };
    // An account that is there already is none to be made, which it calls a failure, too.
    auto const known = co_await run_acme_client(std::move(account), take);
    if (!known && known.error().starts_with("failed to fetch directory")) co_return known;
    if (office_.stop.raised()) co_return std::unexpected("the box stops");
    auto done = co_await run_acme_client(std::move(order), take);
    if (done) co_return done;
    if (!untaken.empty()) co_return std::unexpected(untaken);
    co_return std::unexpected(known ? done.error() : std::format("{}; before that: {}", done.error(), known.error()));
}

asio::awaitable<std::expected<void, std::string>> Acme::publish(DnsChallenge challenge) {
    auto set = co_await set_text(challenge.host, challenge.text);
    if (!set) co_return set;
    published_.insert(challenge.host);
    // The zone's other servers have it a little later.
    auto const wait = office_.settings->seconds("acme.dns_wait");
    if (wait > 0s) co_await (sleep(wait) || office_.stop.wait());
    co_return set;
}

asio::awaitable<std::expected<void, std::string>> Acme::set_text(std::string host, std::string text) {
    auto const& settings = *office_.settings;
    auto const server = read_server(settings.text("acme.dns_server"));
    auto const key_name = wire::dns::Name::parse(settings.text("acme.dns_key_name"));
    auto const name = wire::dns::Name::parse("_acme-challenge." + host);
    auto const kept = co_await office_.storage.read(
        [](store::ReadTransaction const& transaction) -> store::Result<std::shared_ptr<core::Secret const>> {
            std::shared_ptr<core::Secret const> key;
            for (auto& [setting, value] : store::list_settings(transaction)) {
                if (setting != control::acme_key_setting) continue;
                key = std::make_shared<core::Secret const>(value);
                core::wipe(value);
            }
            return key;
        });
    if (!kept) co_return std::unexpected(std::format("the key cannot be read: {}", store::describe(kept.error())));
    auto decoded = *kept ? text::base64_decode((*kept)->reveal()) : std::nullopt;
    if (!server || !key_name || !name || !decoded)
        co_return std::unexpected(
            "it is not told how the office's names in the internet are to be changed: that are the "
            "settings acme.dns_server and acme.dns_key_name with `postern acme key`, or acme.hook");
    wire::dns::TsigKey const key{.name = *key_name, .secret = core::Secret(*decoded)};
    core::wipe(*decoded);
    auto done = co_await (net::set_text(dialer_, *server, key, *name, std::move(text), office_.clock, office_.random) ||
                          sleep(patience) || office_.stop.wait());
    if (auto* const answered = std::get_if<0>(&done)) co_return std::move(*answered);
    co_return std::unexpected(std::format("the name server {} does not answer", server->host));
}

} // namespace postern::app
