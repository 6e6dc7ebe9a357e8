#include "net/stub_resolver.h"

#include "net/dns_client.h"
#include "net/event.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <format>
#include <limits>
#include <optional>
#include <span>
#include <utility>

namespace postern::net {

namespace asio = boost::asio;
namespace dns = wire::dns;
using asio::experimental::awaitable_operators::operator&&;
using asio::experimental::awaitable_operators::operator||;
using namespace std::chrono_literals;

namespace {

// RFC 8305 §3 has 50 ms: for how long addresses of one family wait for those of the other. Ours has no hurry, and links
// on which one answer is that much later than the other.
constexpr auto resolution_delay = 500ms;

std::unexpected<LookUpError> fail(LookUpFailure failure, std::string reason) {
    return std::unexpected(LookUpError{failure, std::move(reason)});
}

std::unexpected<LookUpError> no_name() { return fail(LookUpFailure::no_such_name, "it is not a domain name"); }

dns::Name const& localhost() {
    static dns::Name const name = dns::Name::parse("localhost").value();
    return name;
}

// For std::shuffle.
struct Chance {
    using result_type = std::uint32_t;
    static constexpr result_type min() { return 0; }
    static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }
    result_type operator()() {
        result_type drawn{};
        random.fill(std::as_writable_bytes(std::span(&drawn, 1)));
        return drawn;
    }
    core::Random& random;
};

std::optional<asio::ip::address> address_of(dns::Data const& data) {
    if (auto const* a = std::get_if<dns::A>(&data)) return asio::ip::address_v4(a->address);
    if (auto const* aaaa = std::get_if<dns::Aaaa>(&data)) return asio::ip::address_v6(aaaa->address);
    return std::nullopt;
}

// "192.0.2.53", or "192.0.2.53#5353" as in the setting.
std::string written(asio::ip::udp::endpoint const& server) {
    std::string const address = server.address().to_string();
    return server.port() == core::NameServer{}.port ? address : std::format("{}#{}", address, server.port());
}

std::string what_it_said(dns::Message const& answer) {
    std::string said =
        std::format("answers {}", answer.code == dns::ResponseCode::no_error ? "that others are to be asked"
                                                                             : dns::describe(answer.code));
    if (answer.edns)
        for (dns::ExtendedError const& error : answer.edns->errors) said += std::format(" ({})", dns::describe(error));
    return said;
}

LookedUp<dns::Data> to_found(dns::Answer answer) {
    switch (answer.finding) {
    case dns::Finding::records: return std::move(answer.data);
    case dns::Finding::no_such_name:
        return fail(answer.lifetime ? LookUpFailure::no_such_name : LookUpFailure::perhaps_no_such_name,
                    "there is no such name");
    case dns::Finding::no_such_records: return fail(LookUpFailure::no_such_records, "it has no address");
    case dns::Finding::nothing: break;
    }
    std::unreachable();
}

// Of both families' failures the one that says more: that there is nothing is certain only if it is of both.
LookUpError more_telling(LookUpError a, LookUpError b) {
    auto const rank = [](LookUpError const& error) {
        switch (error.failure) {
        case LookUpFailure::no_such_name: return 0;
        case LookUpFailure::perhaps_no_such_name: return 1;
        case LookUpFailure::server_failed: return 2;
        case LookUpFailure::no_answer: return 3;
        case LookUpFailure::no_such_records:
        case LookUpFailure::no_mail: break;
        }
        return 4;
    };
    return rank(a) <= rank(b) ? a : b;
}

} // namespace

StubResolver::StubResolver(core::Clock const& clock, core::Random& random,
                           std::function<std::vector<core::NameServer>()> servers, ResolverFiles files)
    : clock_(clock),
      random_(random),
      named_servers_(std::move(servers)),
      hosts_file_(std::move(files.hosts)),
      resolv_conf_file_(std::move(files.resolv_conf)) {}

Hosts const& StubResolver::hosts() {
    if (std::string text; hosts_file_.changed(text)) hosts_ = parse_hosts(text);
    return hosts_;
}

// What other servers said may not be what these say.
void StubResolver::look_at_servers() {
    if (std::string text; resolv_conf_file_.changed(text)) resolv_conf_ = parse_resolv_conf(text);
    std::vector<Server> servers;
    for (core::NameServer const& server : named_servers_()) {
        if (!server.tls_name.empty()) continue; // nobody here speaks TLS
        boost::system::error_code error;        // an interface may be gone
        if (auto const address = asio::ip::make_address(server.address, error); !error)
            servers.emplace_back(address, server.port);
    }
    if (servers.empty())
        for (auto const& address : resolv_conf_.servers) servers.emplace_back(address, core::NameServer{}.port);
    if (servers == servers_) return;
    servers_ = std::move(servers);
    preferred_ = 0;
    cache_.clear();
}

asio::awaitable<LookedUp<asio::ip::address>> StubResolver::addresses(std::string written_name) {
    auto const name = dns::Name::parse(written_name);
    if (!name) co_return no_name();
    // RFC 6761 §6.3
    if (name->is_within(localhost()))
        co_return std::vector<asio::ip::address>{asio::ip::address_v6::loopback(), asio::ip::address_v4::loopback()};
    if (auto const known = hosts().find(name->text()); known != hosts_.end()) co_return known->second;

    Event found(co_await asio::this_coro::executor);
    std::optional<Found> six, four;
    auto const ask = [](StubResolver& self, dns::Question question, std::optional<Found>& into,
                        Event& some) -> asio::awaitable<void> {
        into = co_await self.look_up(std::move(question));
        if (*into) some.raise();
    };
    auto const rest = [](Event& some) -> asio::awaitable<void> {
        co_await some.wait();
        asio::steady_timer timer(co_await asio::this_coro::executor, resolution_delay);
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    };
    co_await ((ask(*this, {*name, dns::Type::aaaa}, six, found) && ask(*this, {*name, dns::Type::a}, four, found)) ||
              rest(found));
    std::vector<asio::ip::address> addresses;
    for (auto const* family : {&six, &four})
        if (*family && **family)
            for (dns::Data const& data : ***family)
                if (auto const address = address_of(data)) addresses.push_back(*address);
    if (!addresses.empty()) co_return addresses;
    co_return std::unexpected(more_telling(std::move(six->error()), std::move(four->error())));
}

asio::awaitable<LookedUp<MailExchanger>> StubResolver::mail_exchangers(std::string domain) {
    auto const name = dns::Name::parse(domain);
    if (!name) co_return no_name();
    std::vector<MailExchanger> exchangers;
    bool null_mx = false;
    if (!name->is_within(localhost())) {
        auto const found = co_await look_up({*name, dns::Type::mx});
        if (!found && found.error().failure != LookUpFailure::no_such_records) co_return std::unexpected(found.error());
        if (found) {
            for (dns::Data const& data : *found) {
                auto const* mx = std::get_if<dns::Mx>(&data);
                if (mx == nullptr) continue;
                if (mx->exchange == dns::Name())
                    null_mx = true; // and no other counts as one
                else
                    exchangers.push_back({mx->preference, mx->exchange.text()});
            }
        }
    }
    if (exchangers.empty() && null_mx) co_return fail(LookUpFailure::no_mail, "it takes no mail, and says so");
    if (exchangers.empty()) exchangers.push_back({0, std::move(domain)});
    std::ranges::shuffle(exchangers, Chance{random_});
    std::ranges::stable_sort(exchangers, {}, &MailExchanger::preference);
    co_return exchangers;
}

asio::awaitable<StubResolver::Found> StubResolver::look_up(dns::Question question) {
    look_at_servers();
    if (auto known = cache_.find(question, clock_.steady())) co_return to_found(std::move(*known));
    co_return co_await ask_all(std::move(question), servers_);
}

// Each in turn, beginning with the one that answered last; those that are silent several times.
asio::awaitable<StubResolver::Found> StubResolver::ask_all(dns::Question question, std::vector<Server> servers) {
    if (servers.empty())
        co_return fail(
            LookUpFailure::no_answer,
            "no name server is known: /etc/resolv.conf names none, and neither does the setting dns.servers");
    auto const first = preferred_;
    auto const timeout = resolv_conf_.timeout;
    auto const attempts = resolv_conf_.attempts;
    std::vector<std::string> said(servers.size());
    bool answered = false;
    bool silent = true;
    for (unsigned attempt = 0; silent && attempt < attempts; ++attempt) {
        silent = false;
        for (std::size_t i = 0; i < servers.size(); ++i) {
            auto const at = (first + i) % servers.size();
            auto const message = co_await ask_name_server(servers[at], question, random_, timeout);
            if (!message) {
                silent = true;
                said[at] = message.error();
                continue;
            }
            auto answer = dns::read_answer(*message, question);
            if (answer.finding == dns::Finding::nothing) {
                answered = true;
                said[at] = what_it_said(*message);
                continue;
            }
            if (servers == servers_) { // still
                preferred_ = at;
                cache_.put(question, answer, clock_.steady());
            }
            co_return to_found(std::move(answer));
        }
    }
    std::string reason;
    for (std::size_t at = 0; at < servers.size(); ++at)
        reason += std::format("{}name server {} {}", at == 0 ? "" : ", ", written(servers[at]), said[at]);
    co_return fail(answered ? LookUpFailure::server_failed : LookUpFailure::no_answer, std::move(reason));
}

} // namespace postern::net
