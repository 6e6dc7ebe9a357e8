#include "dns/forwarder.h"

#include "core/log.h"
#include "text/ascii.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <format>
#include <span>
#include <utility>
#include <variant>

namespace postern::dns {

using asio::experimental::awaitable_operators::operator||;
using std::chrono::milliseconds;
using wire::dns::ExtendedError;
using wire::dns::Message;
using wire::dns::Name;
using wire::dns::ResponseCode;
using wire::dns::Type;

namespace {

// RFC 8914 §4.1, §4.23, §4.24
constexpr std::uint16_t other_error = 0, no_reachable_authority = 22, network_error = 23;

constexpr std::chrono::seconds resolv_conf_interval{1};
constexpr milliseconds longest_delay{2000}; // from one attempt to the next

std::shared_ptr<PreparedAnswer const> failure(std::optional<ExtendedError> error) {
    auto answer = std::make_shared<PreparedAnswer>();
    answer->code = ResponseCode::server_failure;
    answer->error = std::move(error);
    return answer;
}

// Nothing leaves this system: no route, no link, no address to send from.
bool is_no_way(std::error_code const& error) {
    constexpr std::errc codes[] = {std::errc::network_unreachable, std::errc::host_unreachable, std::errc::network_down,
                                   std::errc::address_not_available};
    return std::ranges::any_of(codes, [&](std::errc code) { return error == code; });
}

milliseconds until(core::SteadyTime then, core::SteadyTime now) {
    return std::max(std::chrono::ceil<milliseconds>(then - now), milliseconds{0});
}

Name mixed_case(Name const& name, core::Random& random) {
    std::string const bits = random.bytes(Name::longest);
    std::string wire(name.wire());
    for (std::size_t i = 0; i < wire.size(); ++i)
        if ((bits[i] & 1) != 0) wire[i] = text::to_upper(wire[i]);
    return Name::from_wire(wire).value();
}

bool same_case(Message const& answer, Message const& query) {
    return answer.questions.empty() || answer.questions.front().name.wire() == query.questions.front().name.wire();
}

std::optional<UpstreamServer> to_server(core::NameServer const& written) {
    boost::system::error_code error; // an interface may be gone
    auto const address = asio::ip::make_address(written.address, error);
    if (error) return std::nullopt;
    return UpstreamServer{{address, written.port}, written.tls_name};
}

} // namespace

struct Forwarder::Flight {
    Flight(asio::any_io_executor const& executor, FlightKey of, std::shared_ptr<Upstreams> asked)
        : key(std::move(of)),
          upstreams(std::move(asked)),
          done_with(upstreams->size()),
          changed(executor),
          landed(executor) {}

    FlightKey key;
    std::shared_ptr<Upstreams> upstreams; // as they were when it took off
    std::vector<bool> done_with;          // by their numbers: who is not to be asked again
    net::Event changed;                   // an attempt came to an end
    net::Event landed;                    // there is an answer, or there will be none
    std::optional<UpstreamAnswer> best;   // that was heard
    std::optional<std::size_t> best_from;
    std::size_t without_way = 0; // servers that the system cannot send to
    unsigned attempts = 0, under_way = 0;
    Answer answer;

    [[nodiscard]] Asked asked() const {
        auto const& [name, type, dnssec_ok, checking_disabled] = key;
        return {name, type, dnssec_ok, checking_disabled};
    }
    [[nodiscard]] bool decided() const {
        return best && best->verdict != Verdict::failed && best->verdict != Verdict::doubtful;
    }
    void take(UpstreamAnswer answer_taken, std::size_t from) {
        bool const better = !best || (!decided() && answer_taken.verdict != Verdict::failed);
        if (!better) return;
        best = std::move(answer_taken);
        best_from = from;
    }
};

Forwarder::Forwarder(asio::any_io_executor executor, core::Clock const& clock, core::Random& random, Exchange& exchange,
                     ForwarderOptions options, IsOwn is_own, std::filesystem::path resolv_conf)
    : executor_(executor),
      clock_(clock),
      random_(random),
      exchange_(exchange),
      options_(std::move(options)),
      is_own_(std::move(is_own)),
      resolv_conf_(std::move(resolv_conf)),
      away_(executor),
      hint_(executor),
      cache_(random, options_.cache_octets),
      no_server_(failure(ExtendedError{network_error, "no name server is known"})),
      no_way_(failure(ExtendedError{network_error, "the internet is away: no link, or no route"})),
      no_reply_(failure(ExtendedError{no_reachable_authority, "no name server answers"})),
      too_much_(failure(ExtendedError{other_error, "too many questions at a time"})) {
    look_at_servers();
}

Forwarder::~Forwarder() = default;

Forwarder::Answer Forwarder::nobody() const {
    if (upstreams_->empty()) return no_server_;
    return reachability_.state() == Reachability::State::no_way ? no_way_ : no_reply_;
}

Forwarder::Answer Forwarder::known(Asked const& asked) {
    auto found = cache_.find(asked, clock_.steady());
    switch (found.state) {
    case Cache::State::ending:
        if (!reachability_.away() && flights_.size() < most_questions / 2) (void)take_off(asked);
        [[fallthrough]];
    case Cache::State::known: ++known_; return std::move(found.answer);
    case Cache::State::resting: ++stale_; return std::move(found.answer);
    case Cache::State::stale:
        if (!reachability_.away()) return nullptr;
        ++stale_;
        return std::move(found.answer);
    case Cache::State::unknown:
        if (!reachability_.away()) return nullptr;
        ++failed_;
        return nobody();
    }
    std::unreachable();
}

asio::awaitable<std::shared_ptr<PreparedAnswer const>> Forwarder::look_up(std::string name, Type type, bool dnssec_ok,
                                                                          bool checking_disabled) {
    Asked const asked{name, type, dnssec_ok, checking_disabled};
    if (Answer answer = known(asked)) co_return answer;
    Answer const stale = cache_.find(asked, clock_.steady()).answer;
    look_at_servers();
    auto const flight = take_off(asked);
    if (flight && stale)
        co_await (flight->landed.wait() || away_.wait() || exchange_.pause(client_response_time));
    else if (flight)
        co_await (flight->landed.wait() || away_.wait());
    if (flight && flight->answer) co_return flight->answer;
    ++(stale ? stale_ : failed_);
    if (stale) co_return stale;
    co_return flight || upstreams_->empty() ? nobody() : too_much_;
}

// Null: there is nobody to ask, or too much is asked.
std::shared_ptr<Forwarder::Flight> Forwarder::take_off(Asked const& asked) {
    FlightKey key{asked.name, asked.type, asked.dnssec_ok, asked.checking_disabled};
    if (auto const known = flights_.find(key); known != flights_.end()) return known->second;
    if (upstreams_->empty() || flights_.size() >= most_questions) return nullptr;
    auto const flight = std::make_shared<Flight>(executor_, std::move(key), upstreams_);
    flights_.emplace(flight->key, flight);
    ++asked_;
    // However it ends, it lands.
    asio::co_spawn(executor_, fly(flight), [this, flight](std::exception_ptr const&) { land(*flight); });
    return flight;
}

void Forwarder::land(Flight& flight) {
    flights_.erase(flight.key);
    flight.landed.raise();
}

asio::awaitable<void> Forwarder::fly(std::shared_ptr<Flight> flight) {
    Upstreams& upstreams = *flight->upstreams;
    auto const order = order_of(upstreams);
    auto const begin = [&](std::size_t at) {
        ++flight->attempts;
        ++flight->under_way;
        // Over a stream it is sent again by the system.
        if (!upstreams[at].server().tls_name.empty()) flight->done_with[at] = true;
        asio::co_spawn(executor_, attempt(flight, at), asio::detached);
    };
    auto const end = clock_.steady() + deadline;
    auto next = clock_.steady();
    std::size_t turn = 0;
    while (!flight->decided()) {
        auto const now = clock_.steady();
        if (reachability_.given_up(now, slowest())) gone_away();
        if (now >= end) break;
        bool const more = flight->attempts < most_attempts && std::ranges::contains(flight->done_with, false);
        if (more && (now >= next || flight->under_way == 0)) {
            while (flight->done_with[order[turn % order.size()]]) ++turn;
            std::size_t const at = order[turn % order.size()];
            auto const round = turn++ / order.size();
            next = now + std::min(upstreams[at].patience() * (1 << round), longest_delay);
            begin(at);
            if (flight->attempts == 1)
                if (auto const other = to_be_measured(upstreams, at, now)) begin(*other);
            continue;
        }
        if (!more && flight->under_way == 0) break;
        auto wake = more ? std::min(next, end) : end;
        for (auto const look : {reachability_.suspect_at(), reachability_.give_up_at(slowest())})
            if (look && *look > now) wake = std::min(wake, *look);
        if (auto const suspect = reachability_.suspect_at(); suspect && now >= *suspect) start_probing();
        flight->changed.clear();
        co_await (flight->changed.wait() || exchange_.pause(until(wake, now)));
    }
    // Nobody answered anything, and nobody is left.
    if (!flight->best && reachability_.suspect_at() && !std::ranges::contains(flight->done_with, false) &&
        flight->under_way == 0) {
        reachability_.found_nobody(flight->without_way == upstreams.size());
        gone_away();
    }
    flight->answer = settle(*flight, clock_.steady());
}

asio::awaitable<void> Forwarder::attempt(std::shared_ptr<Flight> flight, std::size_t at) {
    auto const begun = clock_.steady();
    auto const& [name, type, dnssec_ok, checking_disabled] = flight->key;
    Message query;
    query.recursion_desired = true;
    query.checking_disabled = checking_disabled;
    query.questions = {{Name::from_wire(name).value(), type}};
    query.edns =
        wire::dns::Edns{.payload_size = net::dns_payload_size, .version = 0, .dnssec_ok = dnssec_ok, .errors = {}};
    auto const outcome = co_await (ask(flight->upstreams, at, std::move(query)) || flight->landed.wait());
    --flight->under_way;
    Upstream& upstream = (*flight->upstreams)[at];
    auto const waited = std::chrono::duration_cast<milliseconds>(clock_.steady() - begun);
    auto const* const said = std::get_if<0>(&outcome);
    if (said == nullptr) { // somebody else was faster, or the time is over
        if (waited >= upstream.patience()) upstream.was_silent(waited, "does not answer");
        co_return;
    }
    flight->done_with[at] = true;
    if (!*said) {
        upstream.was_silent(waited, said->error().reason);
        if (is_no_way(said->error().error)) ++flight->without_way;
    } else {
        Message const& message = **said;
        wire::dns::Question const question{Name::from_wire(name).value(), type};
        flight->take(read_upstream_answer(message, message.questions.empty() ? question : message.questions.front(),
                                          dnssec_ok, !upstream.server().tls_name.empty(), options_.private_domains),
                     at);
    }
    flight->changed.raise();
}

asio::awaitable<std::expected<Message, net::DnsFailure>> Forwarder::ask(std::shared_ptr<Upstreams> upstreams,
                                                                        std::size_t at, Message query) {
    Upstream& upstream = (*upstreams)[at];
    UpstreamServer const server = upstream.server();
    bool const tls = !server.tls_name.empty();
    auto const begun = clock_.steady();
    Name const plain = query.questions.front().name;
    if (!tls && upstream.keeps_case(begun)) query.questions.front().name = mixed_case(plain, random_);
    if (!upstream.knows_edns(begun)) query.edns.reset();
    upstream.asked(begun);
    reachability_.asked(begun, tls ? 2 : 1);
    random_.fill(std::as_writable_bytes(std::span(&query.id, 1)));
    auto answer = co_await exchange_.ask(server, tls ? Way::tls : Way::udp, query);
    if (!answer) co_return answer;
    upstream.answered(std::chrono::duration_cast<milliseconds>(clock_.steady() - begun));
    someone_answered();
    // RFC 6891 §7: one that knows no EDNS.
    if (answer->code == ResponseCode::format_error && query.edns) {
        query.edns.reset();
        random_.fill(std::as_writable_bytes(std::span(&query.id, 1)));
        answer = co_await exchange_.ask(server, tls ? Way::tls : Way::udp, query);
        if (!answer) co_return answer;
        if (answer->code != ResponseCode::format_error) upstream.lacks_edns(clock_.steady());
    }
    if (tls) co_return answer;
    bool const mangled = !same_case(*answer, query);
    if (!answer->truncated && !mangled) co_return answer;
    // A forger cannot know the case, nor answer by TCP.
    auto by_tcp = co_await exchange_.ask(server, Way::tcp, query);
    if (!by_tcp && !answer->truncated) {
        query.questions.front().name = plain;
        random_.fill(std::as_writable_bytes(std::span(&query.id, 1)));
        by_tcp = co_await exchange_.ask(server, Way::udp, query);
        if (by_tcp && by_tcp->truncated) co_return std::unexpected(net::DnsFailure{{}, "does not answer by TCP"});
    }
    if (by_tcp && mangled) upstream.mangles_case(clock_.steady());
    co_return by_tcp;
}

// What who asked gets, and what is remembered.
Forwarder::Answer Forwarder::settle(Flight& flight, core::SteadyTime now) {
    Asked const asked = flight.asked();
    if (flight.decided() && flight.best->verdict != Verdict::bogus) {
        UpstreamAnswer& best = *flight.best;
        auto answer = std::make_shared<PreparedAnswer const>(prepare(best.message, now));
        if (flight.upstreams != upstreams_) return answer; // of servers that are ours no more
        if (best.cuts)
            cache_.put_cut(asked, answer, std::move(best.message), best.lifetime, now);
        else
            cache_.put(asked, answer, best.lifetime, now);
        return answer;
    }
    if (flight.decided()) cache_.forget(asked);
    if (auto const old = cache_.find(asked, now);
        old.state == Cache::State::stale || old.state == Cache::State::resting) {
        if (!reachability_.away()) cache_.put_failure(asked, old.answer, now);
        ++stale_;
        return old.answer;
    }
    if (flight.best && flight.best->verdict == Verdict::doubtful)
        return std::make_shared<PreparedAnswer const>(prepare(flight.best->message, now));
    ++failed_;
    if (!flight.best) {
        if (reachability_.away()) return nobody();
        cache_.put_failure(asked, no_reply_, now);
        return no_reply_;
    }
    Message const& message = flight.best->message;
    auto const answer = failure(
        message.edns && !message.edns->errors.empty()
            ? message.edns->errors.front()
            : ExtendedError{no_reachable_authority,
                            std::format("name server {} {}", describe((*flight.upstreams)[*flight.best_from].server()),
                                        message.code == ResponseCode::no_error
                                            ? "has no answer"
                                            : std::format("answers {}", wire::dns::describe(message.code)))});
    cache_.put_failure(asked, answer, now);
    return answer;
}

void Forwarder::someone_answered() {
    bool const was_away = reachability_.away();
    reachability_.answered();
    if (!was_away) return;
    core::log(core::Event::internet_back);
    away_.clear();
    hint_.raise();
    cache_.forget_failures();
}

void Forwarder::gone_away() {
    if (!away_.raised()) {
        bool const no_way = reachability_.state() == Reachability::State::no_way;
        core::log(core::Event::internet_away, {{"reason", no_way ? "there is no link, or no route" : "nobody answers"}});
    }
    away_.raise();
    start_probing();
}

void Forwarder::start_probing() {
    if (probing_) return;
    probing_ = true;
    asio::co_spawn(executor_, probe(), [this](std::exception_ptr const&) { probing_ = false; });
}

// Asks whether somebody is there, less and less often.
asio::awaitable<void> Forwarder::probe() {
    auto pause = Reachability::first_probe;
    while (reachability_.away() || reachability_.suspect_at()) {
        look_at_servers();
        for (std::size_t at = 0; at < upstreams_->size(); ++at)
            asio::co_spawn(executor_, probe_server(upstreams_, at), asio::detached);
        hint_.clear();
        co_await (hint_.wait() || exchange_.pause(pause));
        if (reachability_.given_up(clock_.steady(), slowest())) gone_away();
        pause = hint_.raised() ? Reachability::first_probe : std::min(2 * pause, Reachability::last_probe);
    }
}

// Of the root: what every server knows or refuses to tell, and either is a sign.
asio::awaitable<void> Forwarder::probe_server(std::shared_ptr<Upstreams> upstreams, std::size_t at) {
    Message query;
    query.recursion_desired = true;
    query.questions = {{Name(), Type::soa}};
    (void)co_await (ask(std::move(upstreams), at, std::move(query)) || exchange_.pause(Reachability::longest_silence));
}

milliseconds Forwarder::slowest() const {
    milliseconds slowest{0};
    for (Upstream const& upstream : *upstreams_) slowest = std::max(slowest, upstream.time().value_or(slowest));
    return slowest;
}

void Forwarder::look_at_servers() {
    auto const now = clock_.steady();
    if (looked_at_ && now - *looked_at_ < resolv_conf_interval) return;
    looked_at_ = now;
    if (std::string text; resolv_conf_.changed(text)) resolv_conf_servers_ = net::parse_resolv_conf(text).servers;
    std::vector<UpstreamServer> servers;
    auto const add = [&](core::NameServer const& written) {
        auto const server = to_server(written);
        if (!server || servers.size() == most_servers || std::ranges::contains(servers, *server)) return;
        if (server->endpoint.port() == options_.own_port && is_own_(server->endpoint.address())) return;
        servers.push_back(*server);
    };
    for (core::NameServer const& server : options_.servers) add(server);
    if (options_.servers.empty())
        for (auto const& address : resolv_conf_servers_) add({.address = address.to_string()});
    use_servers(servers);
}

// What is known of those that were there before stays known.
void Forwarder::use_servers(std::vector<UpstreamServer> const& servers) {
    if (std::ranges::equal(servers, *upstreams_, {}, {}, &Upstream::server)) return;
    auto upstreams = std::make_shared<Upstreams>();
    for (UpstreamServer const& server : servers) {
        auto const known = std::ranges::find(*upstreams_, server, &Upstream::server);
        upstreams->push_back(known == upstreams_->end() ? Upstream(server) : *known);
    }
    upstreams_ = std::move(upstreams);
    hint_.raise();
}

void Forwarder::set_options(ForwarderOptions options) {
    bool const others = options.servers != options_.servers || options.private_domains != options_.private_domains;
    options_ = std::move(options);
    cache_.set_limit(options_.cache_octets);
    // Servers that the system names may change with every link, and know the same.
    if (others) cache_.clear();
    looked_at_.reset();
    look_at_servers();
}

void Forwarder::network_changed() {
    looked_at_.reset();
    look_at_servers();
    for (Upstream& upstream : *upstreams_) upstream.forget_silence();
    cache_.forget_failures();
    hint_.raise();
}

ForwarderStatus Forwarder::status() const {
    ForwarderStatus status;
    for (std::size_t const at : order_of(*upstreams_)) {
        Upstream const& upstream = (*upstreams_)[at];
        status.servers.push_back({describe(upstream.server()), upstream.time(), upstream.silent(), upstream.questions(),
                                  upstream.answers(), upstream.trouble()});
    }
    status.reachability = reachability_.state();
    status.entries = cache_.size();
    status.octets = cache_.octets();
    status.known = known_;
    status.asked = asked_;
    status.stale = stale_;
    status.failed = failed_;
    return status;
}

} // namespace postern::dns
