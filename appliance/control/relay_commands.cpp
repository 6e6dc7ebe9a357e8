#include "control/actions.h"
#include "control/daemon.h"
#include "control/servers.h"
#include "core/settings.h"
#include "store/queue.h"
#include "store/relays.h"
#include "text/ascii.h"
#include "text/idn.h"

#include <algorithm>
#include <format>
#include <functional>
#include <utility>

namespace postern::control {

namespace {

using store::RelaySecurity;

constexpr ServerPorts smtp_ports{465, 25}; // where it is no relay that takes the mail

// "a.example, .b.example"; the error is a sentence.
std::expected<std::vector<std::string>, std::string> read_domains(std::string_view given) {
    std::vector<std::string> domains;
    while (!given.empty()) {
        auto const end = std::min(given.find(','), given.size());
        std::string_view const one = text::trim(given.substr(0, end));
        given.remove_prefix(std::min(end + 1, given.size()));
        bool const below = one.starts_with('.');
        auto const domain = text::domain_to_ascii(one.substr(below ? 1 : 0));
        if (!domain || domain->empty()) return std::unexpected(std::format("{} is no domain", one));
        domains.push_back((below ? "." : "") + *domain);
    }
    return domains;
}

// What of it is given; the rest stays. Nothing: it was done; otherwise a sentence.
std::optional<std::string> apply(Arguments const& arguments, store::Relay& relay) {
    if (auto wrong = apply_server(arguments, {relay.host, relay.port, relay.security, relay.authority},
                                  arguments.has("host") ? submission_ports : smtp_ports, true))
        return wrong;
    if (auto const given = arguments.option("domains")) {
        auto domains = read_domains(*given);
        if (!domains) return domains.error();
        relay.domains = std::move(*domains);
    }
    if (auto const given = arguments.option("preference")) {
        auto const preference = core::parse_count(*given);
        if (!preference || *preference > 1000)
            return std::format("a preference is a number up to 1000, not {}", *given);
        relay.preference = static_cast<std::uint32_t>(*preference);
    }
    return std::nullopt;
}

// Keeps what `edit` makes of the relay of that name, and has what waits sent by it.
asio::awaitable<Answer> change_relay(Call call, std::string event,
                                     std::function<Outcome(store::WriteTransaction&, std::string const&)> edit) {
    return change_row(std::move(call), std::move(event), "relay", std::move(edit),
                      [](Daemon& daemon) { return daemon.dispatcher.relays_changed(); });
}

store::Relay anew(std::string name, RelaySecurity security) {
    store::Relay relay;
    relay.name = std::move(name);
    relay.security = security;
    return relay;
}

// Makes or changes the relay that is named. `begin`: what it is before the arguments are applied, of what there is.
template <typename Begin> asio::awaitable<Answer> keep_relay(Call call, Begin begin) {
    auto arguments = std::make_shared<Arguments>(std::move(call.arguments));
    call.arguments = {};
    call.arguments.put("name", arguments->word("name"));
    co_return co_await change_relay(
        std::move(call), "relay.add",
        [arguments, begin](store::WriteTransaction& transaction, std::string const& name) -> Outcome {
            auto relay = store::find_relay(transaction, name).value_or(store::Relay{});
            relay.name = name;
            begin(relay);
            if (auto wrong = apply(*arguments, relay)) return wrong;
            if (auto const set = store::set_relay(transaction, relay); !set) {
                if (set.error() == store::StoreError::name_invalid)
                    return std::format("{}: a relay's name has lower-case letters, digits and dashes", name);
                return std::unexpected(set.error());
            }
            return std::nullopt;
        });
}

asio::awaitable<Answer> set_hold(Call call, bool hold) {
    return change_setting(std::move(call), "link.hold", hold ? std::optional<std::string>("yes") : std::nullopt);
}

std::string_view mode(policy::LinkLeave const& leave) {
    switch (leave.why) {
    case policy::LinkLeave::Why::open: return "auto";
    case policy::LinkLeave::Why::held: return "hold";
    case policy::LinkLeave::Why::schedule: return "out of hours";
    case policy::LinkLeave::Why::budget: return "budget used up";
    }
    std::unreachable();
}

json::object row(relay::RelayStatus const& status) {
    return {{"relay", status.name},
            {"link", policy::describe(status.state)},
            {"waiting", status.waiting},
            {"sending", status.sending},
            {"trouble", status.trouble},
            {"refuses", status.refuses}};
}

} // namespace

asio::awaitable<Answer> add_relay(Call call) {
    return keep_relay(std::move(call), [](store::Relay& relay) {
        if (relay.is_direct()) relay = anew(relay.name, RelaySecurity::starttls); // nothing of that fits
    });
}

asio::awaitable<Answer> add_direct_relay(Call call) {
    return keep_relay(std::move(call), [](store::Relay& relay) {
        if (relay.port == 0 || !relay.is_direct()) relay = anew(relay.name, RelaySecurity::opportunistic);
    });
}

asio::awaitable<Answer> set_relay_login(Call call) {
    auto const password = std::make_shared<core::Secret>(call.arguments.secret("password").clone());
    std::string login = call.arguments.word("login");
    bool const token = call.arguments.flag("token");
    co_return co_await change_relay(
        std::move(call), "relay.login",
        [password, login, token](store::WriteTransaction& transaction, std::string const& name) -> Outcome {
            auto relay = store::find_relay(transaction, name);
            if (!relay) return std::unexpected(store::StoreError::no_such_relay);
            relay->login = login;
            relay->password = password->clone();
            relay->token = token;
            if (auto const set = store::set_relay(transaction, *relay); !set) return std::unexpected(set.error());
            return std::nullopt;
        });
}

asio::awaitable<Answer> remove_relay(Call call) {
    co_return co_await change_relay(std::move(call), "relay.remove",
                                    [](store::WriteTransaction& transaction, std::string const& name) -> Outcome {
                                        if (auto const removed = store::remove_relay(transaction, name); !removed)
                                            return std::unexpected(removed.error());
                                        return std::nullopt;
                                    });
}

asio::awaitable<Answer> list_relays(Call call) {
    auto const relays = co_await call.daemon.office.storage.read(
        [](store::ReadTransaction const& transaction) -> store::Result<std::vector<store::Relay>> {
            return store::list_relays(transaction);
        });
    if (!relays) co_return refused(std::string(store::describe(relays.error())));
    auto const status = call.daemon.dispatcher.status();
    json::array rows;
    for (store::Relay const& relay : *relays) {
        auto const link = std::ranges::find(status, relay.name, &relay::RelayStatus::name);
        std::string domains;
        for (std::string const& domain : relay.domains) domains += (domains.empty() ? "" : ",") + domain;
        rows.push_back({{"name", relay.name},
                        {"host", relay.is_direct() ? "each domain's own" : relay.host},
                        {"port", relay.port},
                        {"security", describe_security(relay.security)},
                        {"login", relay.login},
                        {"domains", domains.empty() ? "all" : domains},
                        {"preference", relay.preference},
                        {"link", link == status.end() ? "" : policy::describe(link->state)}});
    }
    co_return rows;
}

asio::awaitable<Answer> test_relay(Call call) {
    std::string const name = call.arguments.word("name");
    auto const relay = co_await call.daemon.office.storage.read(
        [name](store::ReadTransaction const& transaction) -> store::Result<std::optional<store::Relay>> {
            return store::find_relay(transaction, name);
        });
    std::string domain;
    if (relay && *relay && (*relay)->is_direct()) {
        auto const given = call.arguments.option("domain");
        if (!given) co_return refused("mail by it goes to each domain's own servers: name one by --domain example.org");
        domain = text::domain_to_ascii(*given).value_or(*given);
    }
    auto const tried = co_await call.daemon.dispatcher.test(name, domain);
    if (!tried) co_return refused(tried.error().reason);
    co_return json::object{{"works", *tried}};
}

asio::awaitable<Answer> show_link(Call call) {
    auto const queued = co_await call.daemon.office.storage.read(
        [](store::ReadTransaction const& transaction) -> store::Result<std::uint64_t> {
            return store::queue_length(transaction);
        });
    if (!queued) co_return refused(std::string(store::describe(queued.error())));
    json::array relays;
    for (relay::RelayStatus const& status : call.daemon.dispatcher.status()) relays.push_back(row(status));
    auto& office = call.daemon.office;
    auto const& settings = *office.settings;
    auto const usage = office.link.usage(office.clock);
    auto const leave = office.link.leave(office.settings, office.clock);
    auto const left = [](std::uint64_t budget, std::uint64_t used) {
        return budget == 0 ? json::value("unlimited") : json::value(budget - std::min(budget, used));
    };
    co_return json::object{{"mode", mode(leave)},
                           {"opens_in", leave.changes_in ? json::value(leave.changes_in->count()) : json::value()},
                           {"metered", office.link.metered(settings, office.clock)},
                           {"octets_today", usage.today},
                           {"left_today", left(settings.bytes("link.day_budget"), usage.today)},
                           {"octets_this_month", usage.this_month},
                           {"left_this_month", left(settings.bytes("link.month_budget"), usage.this_month)},
                           {"queue", *queued},
                           {"without_relay", call.daemon.dispatcher.unroutable()},
                           {"relays", std::move(relays)}};
}

asio::awaitable<Answer> hold_link(Call call) { co_return co_await set_hold(std::move(call), true); }
asio::awaitable<Answer> release_link(Call call) { co_return co_await set_hold(std::move(call), false); }

} // namespace postern::control
