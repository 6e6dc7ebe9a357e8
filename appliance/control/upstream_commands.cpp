#include "control/actions.h"
#include "control/daemon.h"
#include "control/servers.h"
#include "net/address.h"
#include "net/tls.h"
#include "office/login.h"
#include "office/password.h"
#include "store/upstreams.h"
#include "text/ascii.h"
#include "text/utf8.h"

#include <algorithm>
#include <format>
#include <functional>
#include <memory>
#include <utility>

namespace postern::control {

namespace {

using store::Upstream;

constexpr std::size_t most_addresses = 100, longest_login = 255;

// "203.0.113.5, 2001:db8::/48"; the error is a sentence.
std::expected<std::vector<std::string>, std::string> read_addresses(std::string_view given) {
    std::vector<std::string> addresses;
    for (std::string_view rest = given; !rest.empty();) {
        auto const one = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(one.size() + 1, rest.size()));
        std::string_view const address = text::trim(one);
        if (!net::Network::parse(address)) return std::unexpected(std::format("{} is no address or range", address));
        addresses.emplace_back(address);
    }
    if (addresses.empty()) return std::unexpected("where it comes from is an address, or several");
    if (addresses.size() > most_addresses) return std::unexpected("so many addresses are not one server's");
    return addresses;
}

bool overlap(std::string_view one, std::string_view other) {
    auto const holds = [](std::string_view range, std::string_view in) {
        auto const network = net::Network::parse(range);
        return network && network->contains(in.substr(0, in.find('/')));
    };
    return holds(one, other) || holds(other, one);
}

// Whose these addresses are already, of others.
std::optional<std::string> taken_by(store::ReadTransaction const& transaction, Upstream const& upstream) {
    for (Upstream const& other : store::list_upstreams(transaction)) {
        if (other.name == upstream.name) continue;
        for (std::string const& address : upstream.addresses)
            if (std::ranges::any_of(other.addresses, [&](auto const& its) { return overlap(address, its); }))
                return std::format("{} is among the addresses of {}", address, other.name);
    }
    return std::nullopt;
}

// What of it is given; the rest stays. Nothing: it was done; otherwise a sentence.
std::optional<std::string> apply(Arguments const& arguments, std::string_view office_domain, Upstream& upstream) {
    if (auto const given = arguments.option("address")) {
        auto addresses = read_addresses(*given);
        if (!addresses) return addresses.error();
        upstream.addresses = std::move(*addresses);
    }
    auto const login = arguments.option("login");
    auto const certificate = arguments.option("certificate");
    if (login && certificate) return "it proves who it is by a login or by a certificate, not by both";
    if (login) {
        if (login->empty() || login->size() > longest_login || !text::is_utf8(*login) ||
            std::ranges::any_of(*login, text::is_control))
            return "that is no login";
        auto canonical = office::canonical_login(*login, office_domain);
        if (canonical != upstream.login) upstream.verifier = {};
        upstream.login = std::move(canonical);
        upstream.certificate.clear();
    }
    if (certificate) {
        if (auto const client = net::TlsClient::make({.trusted = *certificate, .alpn = {}});
            certificate->empty() || !client)
            return "the certificate's file: " + (client ? "it is empty" : client.error());
        upstream.certificate = *certificate;
        upstream.login.clear();
        upstream.verifier = {};
    }
    if (upstream.addresses.empty()) return "where it comes from has to be told: --address 203.0.113.5";
    if (upstream.login.empty() && upstream.certificate.empty())
        return "how it proves who it is has to be told: --login office, or --certificate FILE";
    return std::nullopt;
}

asio::awaitable<Answer> change_upstream(Call call, std::string event,
                                        std::function<Outcome(store::WriteTransaction&, std::string const&)> edit) {
    return change_row(std::move(call), std::move(event), "upstream", std::move(edit),
                      [](Daemon& daemon) { return daemon.office.upstreams.read(daemon.office.storage); });
}

std::string none_of_that(std::string_view name) { return std::format("{}: there is no such upstream", name); }

} // namespace

asio::awaitable<Answer> add_upstream(Call call) {
    auto arguments = std::make_shared<Arguments>(std::move(call.arguments));
    call.arguments = {};
    call.arguments.put("name", arguments->word("name"));
    std::string domain = call.daemon.office.domain;
    co_return co_await change_upstream(
        std::move(call), "upstream.add",
        [arguments, domain](store::WriteTransaction& transaction, std::string const& name) -> Outcome {
            auto upstream = store::find_upstream(transaction, name).value_or(Upstream{});
            upstream.name = name;
            if (auto wrong = apply(*arguments, domain, upstream)) return wrong;
            if (auto taken = taken_by(transaction, upstream)) return taken;
            if (!store::set_upstream(transaction, upstream))
                return std::format("{}: the name has lower-case letters, digits and dashes", name);
            return std::nullopt;
        });
}

asio::awaitable<Answer> set_upstream_password(Call call) {
    auto const verifier = co_await office::hash_password(call.daemon.office, call.arguments.secret("password").clone());
    if (!verifier) co_return refused(std::string(password_refusal));
    co_return co_await change_upstream(
        std::move(call), "upstream.password",
        [verifier = *verifier](store::WriteTransaction& transaction, std::string const& name) -> Outcome {
            auto upstream = store::find_upstream(transaction, name);
            if (!upstream) return none_of_that(name);
            if (upstream->login.empty()) return std::format("{} is known by its certificate", name);
            upstream->verifier = verifier;
            if (auto const set = store::set_upstream(transaction, *upstream); !set) return std::unexpected(set.error());
            return std::nullopt;
        });
}

asio::awaitable<Answer> remove_upstream(Call call) {
    co_return co_await change_upstream(std::move(call), "upstream.remove",
                                       [](store::WriteTransaction& transaction, std::string const& name) -> Outcome {
                                           if (!store::remove_upstream(transaction, name)) return none_of_that(name);
                                           return std::nullopt;
                                       });
}

asio::awaitable<Answer> list_upstreams(Call call) {
    auto const found = co_await call.daemon.office.storage.read(
        [](store::ReadTransaction const& transaction) -> store::Result<std::vector<Upstream>> {
            return store::list_upstreams(transaction);
        });
    if (!found) co_return refused(std::string(store::describe(found.error())));
    json::array rows;
    for (Upstream const& upstream : *found) {
        std::string addresses;
        for (std::string const& address : upstream.addresses) addresses += (addresses.empty() ? "" : ",") + address;
        bool const lacks_password = !upstream.login.empty() && upstream.verifier.iterations == 0;
        rows.push_back({{"name", upstream.name},
                        {"addresses", addresses},
                        {"login", upstream.login},
                        {"certificate", !upstream.certificate.empty()},
                        {"trouble", lacks_password ? std::format("it has no password yet: `postern upstream password "
                                                                 "{}` gives it one",
                                                                 upstream.name)
                                                   : ""}});
    }
    co_return rows;
}

} // namespace postern::control
