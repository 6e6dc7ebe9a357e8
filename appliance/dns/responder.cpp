#include "dns/responder.h"

#include "core/log.h"
#include "text/ascii.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace postern::dns {

namespace {

using namespace wire::dns;

PreparedAnswer without_records(ResponseCode code) {
    PreparedAnswer answer;
    answer.code = code;
    return answer;
}

PreparedAnswer const format_error = without_records(ResponseCode::format_error),
                     not_implemented = without_records(ResponseCode::not_implemented),
                     refused = without_records(ResponseCode::refused),
                     bad_version = without_records(ResponseCode::bad_version),
                     server_failure = without_records(ResponseCode::server_failure),
                     nothing_asked = without_records(ResponseCode::no_error);

// RFC 6895 §3.1: what is asked for there is no data but something to be done, which we do not do, transfers of zones
// among it. ANY is answered (RFC 8482).
bool is_meta_type(Type type) {
    constexpr unsigned first_meta_type = 128;
    auto const number = static_cast<unsigned>(type);
    return type == Type::opt || (number >= first_meta_type && number < static_cast<unsigned>(Type::any));
}

// One thread writes, any reads.
template <typename Number> void count(std::atomic<Number>& counter) {
    counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

Message message_of(PreparedAnswer const& answer, Query const& query, core::SteadyTime now) {
    std::string octets(tcp_limit, '\0');
    octets.resize(write_answer(query, answer, {.limit = tcp_limit, .cookie = {}, .now = now, .cut = false}, octets));
    return parse_message(octets).message;
}

// What an alias of ours leads to, behind the alias.
PreparedAnswer behind_alias(Query const& query, PreparedAnswer const& alias, Name const& target,
                            PreparedAnswer const& found, core::SteadyTime now) {
    Message question;
    question.questions = {{target, query.type}};
    std::string const octets = format(question);
    Query asked;
    if (read_query(octets, asked) != QueryReading::query) return server_failure;
    Message message = message_of(alias, query, now);
    Message rest = message_of(found, asked, now);
    message.code = rest.code;
    message.answers.insert(message.answers.end(), rest.answers.begin(), rest.answers.end());
    message.authorities = std::move(rest.authorities);
    PreparedAnswer joined = prepare(message, std::nullopt);
    joined.error = found.error;
    return joined;
}

} // namespace

struct Responder::Waiting {
    Waiting(Responder& of, IpAddress const& who) : responder(of), client(who) {
        ++responder.waiting_[client];
        ++responder.waiting_count_;
    }
    Waiting(Waiting const&) = delete;
    Waiting& operator=(Waiting const&) = delete;
    ~Waiting() {
        auto const own = responder.waiting_.find(client);
        if (--own->second == 0) responder.waiting_.erase(own);
        --responder.waiting_count_;
    }

    Responder& responder;
    IpAddress client;
};

Responder::Responder(core::Clock const& clock, core::Random& random, Outside& outside)
    : clock_(clock),
      outside_(outside),
      cookies_(random),
      rate_limit_(core::sip_key(random.bytes(16)), 0),
      zones_(std::make_shared<ZoneTable const>(std::vector<Zone>(), std::vector<IpAddress>())) {}

void Responder::set_rules(Rules rules) {
    rules_ = std::move(rules);
    rate_limit_.set(rules_.rate);
}

bool Responder::may_ask(IpAddress const& client) const {
    return is_private(client) ||
           std::ranges::any_of(rules_.networks, [&](IpNetwork const& network) { return network.contains(client); });
}

bool Responder::has_room(IpAddress const& client) const {
    auto const own = waiting_.find(client);
    return waiting_count_ < rules_.waiting && (own == waiting_.end() || own->second < rules_.waiting_of_one);
}

// The log gets a line a minute at most.
void Responder::leave_away(IpAddress const& client) {
    constexpr auto pause = std::chrono::minutes(1);
    count(left_away_);
    core::SteadyTime const now = clock_.steady();
    if (told_ != 0 && now - told_at_ < pause) return;
    core::log(core::Event::queries_refused, {{"peer", client.text()}, {"count", left_away_ - told_}});
    told_ = left_away_;
    told_at_ = now;
}

Responder::Counts Responder::counts() const {
    return {queries_, refused_, outside_queries_, left_away_, waiting_count_};
}

Responder::Said Responder::answer(std::string_view octets, Client const& client, std::span<char> out) {
    count(queries_);
    Query query;
    QueryReading const reading = read_query(octets, query);
    if (reading == QueryReading::nothing) return {};
    bool const welcome = may_ask(client.address);

    Reply reply;
    reply.idle_limit = client.idle_limit;
    CookieJar::Cookie cookie;
    if (welcome && !query.cookie.empty()) {
        cookie = cookies_.answer(query.cookie, client.address, clock_.wall());
        reply.cookie = cookie.view();
    }
    if (!client.over_tcp && !cookie.proven && !is_loopback(client.address)) {
        RateLimit::Verdict const verdict = rate_limit_.ask(client.address, clock_.steady());
        if (verdict != RateLimit::Verdict::answer) leave_away(client.address);
        if (verdict == RateLimit::Verdict::drop) return {};
        reply.cut = verdict == RateLimit::Verdict::truncate;
    }
    auto const say = [&](PreparedAnswer const& prepared) -> Said {
        reply.limit = client.over_tcp ? tcp_limit : std::min<std::size_t>(query.payload_size, udp_payload);
        if (prepared.made) reply.now = clock_.steady();
        return {write_answer(query, prepared, reply, out), nullptr};
    };

    if (!welcome) {
        count(refused_);
        query.edns = false;
        return say(refused);
    }
    if (reading == QueryReading::malformed) return say(format_error);
    if (query.opcode != Opcode::query) return say(not_implemented);
    if (query.version != 0) return say(bad_version); // RFC 6891 §6.1.3
    if (query.question.empty()) return say(nothing_asked);
    if (query.of_class != Class::internet || is_meta_type(query.type)) return say(refused);
    if (reply.cut) return say(nothing_asked);

    auto const found = zones_->find(query.name.wire(), query.type, client.reached_at);
    if (found.answer != nullptr && (found.leads_outside == nullptr || !query.recursion_desired))
        return say(*found.answer);
    if (!query.recursion_desired) return say(refused);
    count(outside_queries_);
    if (found.answer == nullptr) {
        auto const known = outside_.known({query.name.wire(), query.type, query.dnssec_ok, query.checking_disabled});
        if (known) return say(*known);
    }
    if (has_room(client.address)) return {0, std::make_shared<Waiting>(*this, client.address)};
    leave_away(client.address);
    return say(server_failure);
}

asio::awaitable<std::string> Responder::look_up(std::shared_ptr<Waiting>, std::string octets, Client client) {
    Query query;
    if (read_query(octets, query) != QueryReading::query) co_return std::string();
    std::shared_ptr<ZoneTable const> const zones = zones_; // which has the name that is asked for
    auto const ours = zones->find(query.name.wire(), query.type, client.reached_at);
    std::string const name =
        ours.leads_outside != nullptr ? text::lower(ours.leads_outside->wire()) : std::string(query.name.wire());
    auto found = co_await outside_.look_up(name, query.type, query.dnssec_ok, query.checking_disabled);
    core::SteadyTime const now = clock_.steady();
    if (ours.leads_outside != nullptr)
        found =
            std::make_shared<PreparedAnswer const>(behind_alias(query, *ours.answer, *ours.leads_outside, *found, now));

    CookieJar::Cookie cookie;
    Reply reply;
    reply.now = now;
    reply.idle_limit = client.idle_limit;
    if (!query.cookie.empty()) {
        cookie = cookies_.answer(query.cookie, client.address, clock_.wall());
        reply.cookie = cookie.view();
    }
    reply.limit = client.over_tcp ? tcp_limit : std::min<std::size_t>(query.payload_size, udp_payload);
    std::string out(reply.limit, '\0');
    out.resize(write_answer(query, *found, reply, out));
    co_return out;
}

} // namespace postern::dns
