#include "fetch/pop3_provider.h"

#include "core/crypto.h"
#include "fetch/stub.h"
#include "message/header.h"
#include "text/ascii.h"
#include "wire/pop3_request.h"

#include <algorithm>
#include <charconv>
#include <format>
#include <utility>

namespace postern::fetch {

namespace pop3 = wire::pop3;
using store::RelaySecurity;
using wire::pop3::ServerReply;

namespace {

constexpr std::string_view no_pop3 = "what it says is not POP3";

// Octets of a list's line; RFC 2449 §4 allows 512.
constexpr std::size_t list_line_limit = 1024;
// Of a header that is only looked at.
constexpr std::size_t looked_at = 128 * 1024UZ;
// Of a text that a stub shows the beginning of: lines are some 70 octets, as a rule.
constexpr std::uint32_t stub_lines = stub_text_octets / 70;
constexpr std::string_view no_top = "it has no TOP, without which of a large message the beginning cannot be fetched; "
                                    "`postern fetch add` with `--thin no` has all come whole";

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> all;
    while (!(text = text::trim(text)).empty()) {
        auto const end = std::min(text.find(' '), text.size());
        all.push_back(text::upper(text.substr(0, end)));
        text.remove_prefix(end);
    }
    return all;
}

} // namespace

Pop3Provider::Pop3Provider(office::Office& office, Intake& intake, net::Dialed dialed)
    : Provider(office, intake, std::move(dialed), {}) {}

// ---- what is said

asio::awaitable<std::expected<ServerReply, Failure>> Pop3Provider::reply(std::string_view when) {
    while (true) {
        auto const framed = lines_.next(connection_.input(), pop3::reply_line_limit);
        auto const parsed =
            framed.outcome == wire::Framing::line ? pop3::parse_server_reply(framed.text) : std::nullopt;
        connection_.consume(framed.consumed);
        if (parsed) co_return *parsed;
        if (framed.outcome != wire::Framing::partial) co_return std::unexpected(failed(Trouble::refused, no_pop3));
        if (!co_await fill()) co_return std::unexpected(lost(when));
    }
}

asio::awaitable<std::expected<std::string, Failure>> Pop3Provider::more_text(pop3::TextDecoder& decoder,
                                                                             std::string_view when) {
    std::string octets;
    while (octets.empty() && !decoder.done()) {
        connection_.consume(decoder.feed(connection_.input(), octets));
        if (octets.empty() && !decoder.done() && !co_await fill()) co_return std::unexpected(lost(when));
    }
    co_return octets;
}

asio::awaitable<std::expected<std::vector<std::string>, Failure>> Pop3Provider::read_lines(std::string_view when) {
    std::vector<std::string> lines;
    std::string rest;
    pop3::TextDecoder decoder;
    while (!decoder.done()) {
        auto const octets = co_await more_text(decoder, when);
        if (!octets) co_return std::unexpected(octets.error());
        rest += *octets;
        std::size_t begin = 0;
        for (auto end = rest.find('\n'); end != std::string::npos; end = rest.find('\n', begin)) {
            if (end - begin > list_line_limit) co_return std::unexpected(failed(Trouble::refused, no_pop3));
            if (lines.size() < listing_limit)
                lines.emplace_back(text::trim(std::string_view(rest).substr(begin, end - begin)));
            begin = end + 1;
        }
        rest.erase(0, begin);
        if (rest.size() > list_line_limit) co_return std::unexpected(failed(Trouble::refused, no_pop3));
    }
    co_return lines;
}

// RFC 2449 §8.1.2, RFC 3206 §4
Trouble Pop3Provider::trouble_of(Reply const& reply, Trouble otherwise) {
    constexpr std::string_view passing[] = {"IN-USE", "LOGIN-DELAY", "SYS/TEMP"};
    return std::ranges::contains(passing, reply.code) ? Trouble::unreachable : otherwise;
}

// ---- the beginning

asio::awaitable<std::optional<Failure>> Pop3Provider::begin(office::TlsTrust const& trust) {
    auto const greeting = co_await reply("before its greeting");
    if (!greeting) co_return greeting.error();
    if (greeting->status != Reply::Status::ok)
        co_return answered(Trouble::unreachable, "our connection", greeting->text);
    if (source().security == RelaySecurity::starttls) {
        connection_.queue(pop3::request::stls()); // RFC 2595 §4
        auto const answer = co_await reply("after STLS");
        if (!answer) co_return answer.error();
        if (answer->status != Reply::Status::ok) co_return answered(Trouble::tls, "STLS", answer->text);
        if (auto failure = co_await start_tls(trust)) co_return failure;
        lines_ = {};
    }
    if (auto failure = co_await learn_capabilities()) co_return failure;
    if (auto failure = co_await log_in()) co_return failure;
    // Others may be offered to who logged in (RFC 2449 §5).
    if (auto failure = co_await learn_capabilities()) co_return failure;
    // Old servers that know no CAPA may have it all the same.
    if (source().thin && !capabilities_.empty() && !offers("TOP")) co_return failed(Trouble::refused, no_top);
    contents_ = "the maildrop is open";
    co_return std::nullopt;
}

// RFC 2449 §5; old servers know no CAPA.
asio::awaitable<std::optional<Failure>> Pop3Provider::learn_capabilities() {
    connection_.queue(pop3::request::capa());
    auto const answer = co_await reply("after CAPA");
    if (!answer) co_return answer.error();
    capabilities_.clear();
    if (answer->status != Reply::Status::ok) co_return std::nullopt;
    auto const lines = co_await read_lines("after CAPA");
    if (!lines) co_return lines.error();
    for (std::string const& line : *lines) {
        auto const end = std::min(line.find(' '), line.size());
        capabilities_.insert_or_assign(text::upper(line.substr(0, end)), line.substr(end));
    }
    co_return std::nullopt;
}

asio::awaitable<std::optional<Failure>> Pop3Provider::log_in() {
    auto const sasl = capabilities_.find("SASL");
    auto const mechanisms = sasl == capabilities_.end() ? std::vector<std::string>() : words(sasl->second);
    // Without an initial response: RFC 5034 §4 allows it only in a line that is short enough.
    auto const done = co_await authenticate("AUTH", mechanisms, false);
    if (!done) co_return done.error();
    if (*done) co_return std::nullopt;
    if (source().token || (!capabilities_.empty() && !offers("USER")))
        co_return failed(Trouble::login, "it offers no way to log in that is safe on this connection");
    // RFC 1939 §7
    for (core::Secret const& line : {pop3::request::user(source().login), pop3::request::pass(source().password)}) {
        connection_.queue(line.reveal());
        auto const answer = co_await login_answer();
        if (!answer) co_return answer.error();
        if (answer->kind == LoginAnswer::Kind::done) continue;
        co_return answered(answer->kind == LoginAnswer::Kind::busy ? Trouble::unreachable : Trouble::login, "our login",
                           answer->text);
    }
    co_return std::nullopt;
}

asio::awaitable<std::expected<Provider::LoginAnswer, Failure>> Pop3Provider::login_answer() {
    auto answer = co_await reply("during the login");
    if (!answer) co_return std::unexpected(std::move(answer.error()));
    using Kind = LoginAnswer::Kind;
    switch (answer->status) {
    case Reply::Status::ok: co_return LoginAnswer{Kind::done, {}};
    case Reply::Status::challenge: co_return LoginAnswer{Kind::challenge, std::move(answer->text)};
    case Reply::Status::error: break;
    }
    bool const passes = trouble_of(*answer, Trouble::login) == Trouble::unreachable;
    co_return LoginAnswer{passes ? Kind::busy : Kind::refused, std::move(answer->text)};
}

// ---- a pass

asio::awaitable<std::optional<Failure>> Pop3Provider::collect() {
    if (auto failure = co_await intake_.load()) co_return failure;
    auto const listed = co_await list();
    if (!listed) co_return listed.error();
    contents_ = std::format("{} messages", listed->size());
    std::set<std::string_view> ids;
    bool any_known = false;
    for (Listed const& one : *listed) {
        ids.insert(one.id);
        any_known = any_known || intake_.is_taken(one.id);
    }
    // None of those that we know is there: either all of them are gone, or they are called otherwise now.
    intake_.disown([&](std::string_view) { return !any_known && !listed->empty(); });
    std::vector<Listed> small, stubs, large;
    for (Listed const& one : *listed) {
        if (!intake_.wants(one.id, one.size)) continue;
        if (intake_.comes_as_stub(one.id, one.size))
            stubs.push_back(one);
        else
            (one.size <= small_octets ? small : large).push_back(one);
    }
    if (stubs.empty()) { // nothing comes in between
        small.insert(small.end(), large.begin(), large.end());
        large.clear();
    }
    if (auto failure = co_await fetch(std::move(small))) co_return failure;
    if (auto failure = co_await fetch_stubs(stubs)) co_return failure;
    for (Listed const& one : stubs)
        if (!intake_.comes_as_stub(one.id, one.size)) large.push_back(one);
    if (auto failure = co_await fetch(std::move(large))) co_return failure;
    if (auto failure = co_await fetch_originals(*listed)) co_return failure;
    intake_.keep_refused([&](std::string_view id) { return ids.contains(id); });
    std::vector<std::string> gone;
    auto const long_ago = office_.clock.wall() - memory_of_gone;
    for (auto const& [id, fetched] : intake_.taken())
        if (!ids.contains(id) && fetched.taken < long_ago && fetched.stub == store::MessageId{}) gone.push_back(id);
    if (auto failure = co_await intake_.forget(std::move(gone))) co_return failure;
    co_return co_await clear_up(*listed);
}

// RFC 1939 §5 LIST, §7 UIDL
asio::awaitable<std::expected<std::vector<Pop3Provider::Listed>, Failure>> Pop3Provider::list() {
    std::vector<Listed> listed;
    std::map<std::uint32_t, std::uint64_t> sizes;
    auto const place = intake_.place();
    for (bool const unique_ids : {false, true}) {
        std::string_view const when = unique_ids ? "after UIDL" : "after LIST";
        connection_.queue(unique_ids ? pop3::request::uidl() : pop3::request::list());
        auto const answer = co_await reply(when);
        if (!answer) co_return std::unexpected(answer.error());
        if (answer->status != Reply::Status::ok)
            co_return std::unexpected(
                answered(trouble_of(*answer, Trouble::refused), unique_ids ? "UIDL" : "LIST", answer->text));
        auto const lines = co_await read_lines(when);
        if (!lines) co_return std::unexpected(lines.error());
        for (std::string const& line : *lines) {
            auto const scan = pop3::parse_scan_line(line);
            if (!scan) continue;
            if (unique_ids) {
                listed.push_back({scan->number, core::sha256(place + std::string(scan->value)), sizes[scan->number]});
            } else {
                std::uint64_t size = 0;
                (void)std::from_chars(scan->value.data(), scan->value.data() + scan->value.size(), size);
                sizes[scan->number] = size;
            }
        }
    }
    co_return listed;
}

asio::awaitable<std::optional<Failure>> Pop3Provider::fetch(std::vector<Listed> wanted) {
    std::size_t const at_a_time = offers("PIPELINING") ? most_requests : 1;
    std::deque<Listed> asked;
    std::uint64_t in_flight = 0; // octets that were asked for
    for (auto next = wanted.begin(); next != wanted.end() || !asked.empty();) {
        while (next != wanted.end() && asked.size() < at_a_time && (in_flight < window || asked.empty())) {
            if (intake_.is_whole(next->id)) { // RFC 1939 §7: copies of one message may have one unique-id
                ++next;
                continue;
            }
            if (intake_.doubts() && !intake_.is_stub(next->id)) {
                if (!asked.empty()) break;
                auto const known = co_await looks_known(*next);
                if (!known) co_return known.error();
                if (*known) {
                    ++next;
                    continue;
                }
            }
            connection_.queue(pop3::request::retr(next->number));
            in_flight += next->size;
            asked.push_back(*next++);
        }
        if (asked.empty()) break;
        if (auto failure = co_await take(asked.front())) co_return failure;
        in_flight -= asked.front().size;
        asked.pop_front();
    }
    co_return std::nullopt;
}

// The answer to RETR.
asio::awaitable<std::optional<Failure>> Pop3Provider::take(Listed const& one) {
    constexpr std::string_view when = "in the middle of a message";
    auto const answer = co_await reply(when);
    if (!answer) co_return answer.error();
    if (answer->status != Reply::Status::ok) {
        intake_.refuse(one.id, {.reason = "its provider answers: " + answer->text});
        co_return std::nullopt;
    }
    intake_.drop(one.id);
    Arrival& arrival = intake_.arrival({.id = one.id}, bringer());
    pop3::TextDecoder decoder;
    while (!decoder.done()) {
        auto octets = co_await more_text(decoder, when);
        if (!octets) {
            intake_.drop(one.id);
            co_return std::move(octets.error());
        }
        co_await arrival.append(std::move(*octets));
    }
    if (intake_.is_whole(one.id)) { // asked for twice
        intake_.drop(one.id);
        co_return std::nullopt;
    }
    co_return co_await intake_.finish(one.id);
}

// RFC 1939 §7
asio::awaitable<std::expected<std::optional<std::string>, Failure>>
Pop3Provider::top(Listed const& one, std::uint32_t lines, std::size_t most) {
    constexpr std::string_view when = "in the middle of a header";
    connection_.queue(pop3::request::top(one.number, lines));
    auto const answer = co_await reply(when);
    if (!answer) co_return std::unexpected(answer.error());
    if (answer->status != Reply::Status::ok) co_return std::nullopt;
    std::string beginning;
    pop3::TextDecoder decoder;
    while (!decoder.done()) {
        auto const octets = co_await more_text(decoder, when);
        if (!octets) co_return std::unexpected(octets.error());
        beginning.append(*octets, 0, most - beginning.size());
    }
    co_return beginning;
}

// Whether its header is that of a message that was taken under another unique-id.
asio::awaitable<std::expected<bool, Failure>> Pop3Provider::looks_known(Listed const& one) {
    auto const header = co_await top(one, 0, looked_at);
    if (!header) co_return std::unexpected(header.error());
    if (!*header) co_return false; // it is looked for again when all of it is here
    auto const mark = mark_of(message::HeaderSection(**header));
    if (!intake_.is_stale(mark)) co_return false;
    if (auto failure = co_await intake_.recognise(one.id, mark)) co_return std::unexpected(std::move(*failure));
    co_return true;
}

asio::awaitable<std::optional<Failure>> Pop3Provider::fetch_stubs(std::vector<Listed> const& wanted) {
    constexpr std::size_t most = stub_header_octets + stub_text_octets;
    auto memory = intake_.share();
    if (!memory.resize(most)) co_return std::nullopt;
    for (Listed const& one : wanted) {
        if (intake_.is_taken(one.id)) continue; // RFC 1939 §7: copies of one message may have one unique-id
        auto const beginning = co_await top(one, stub_lines, most);
        if (!beginning) co_return beginning.error();
        if (!*beginning) co_return failed(Trouble::refused, no_top);
        auto const mark = mark_of(message::HeaderSection(**beginning));
        if (intake_.is_stale(mark)) {
            if (auto failure = co_await intake_.recognise(one.id, mark)) co_return failure;
            continue;
        }
        intake_.drop(one.id);
        Arrival& arrival = intake_.arrival({.id = one.id, .stub_of = one.size}, bringer());
        co_await arrival.append(make_stub(outline_of(**beginning, one.size)));
        if (auto failure = co_await intake_.finish(one.id)) co_return failure;
    }
    co_return std::nullopt;
}

// Of stubs that are wanted, those that are there still; who asked for another one is told. Of what nobody asked for it
// means nothing yet: a provider that was restored lists it again.
asio::awaitable<std::optional<Failure>> Pop3Provider::fetch_originals(std::vector<Listed> const& listed) {
    (void)co_await intake_.refresh();
    std::vector<Listed> there;
    for (store::Stub const& one : intake_.originals()) {
        if (auto const at = std::ranges::find(listed, one.id, &Listed::id); at != listed.end())
            there.push_back(*at);
        else if (one.asked())
            if (auto failure = co_await intake_.lose(one.id)) co_return failure;
    }
    co_return co_await fetch(std::move(there));
}

// RFC 1939 §6: what was marked goes with QUIT, if that is answered.
asio::awaitable<std::optional<Failure>> Pop3Provider::clear_up(std::vector<Listed> const& listed) {
    constexpr std::string_view when = "while messages were removed";
    auto const due = intake_.due();
    std::set<std::string_view> const wanted(due.begin(), due.end());
    std::size_t const at_a_time = offers("PIPELINING") ? most_requests : 1;
    std::vector<std::string> removed;
    std::deque<Listed const*> asked;
    for (auto next = listed.begin(); next != listed.end() || !asked.empty();) {
        for (; next != listed.end() && asked.size() < at_a_time; ++next)
            if (wanted.contains(next->id)) {
                connection_.queue(pop3::request::dele(next->number));
                asked.push_back(&*next);
            }
        if (asked.empty()) break;
        auto const answer = co_await reply(when);
        if (!answer) co_return answer.error();
        if (answer->status == Reply::Status::ok) removed.push_back(asked.front()->id);
        asked.pop_front();
    }
    if (removed.empty()) co_return std::nullopt;
    connection_.queue(pop3::request::quit());
    auto const answer = co_await reply(when);
    if (!answer) co_return answer.error();
    if (answer->status != Reply::Status::ok) co_return answered(Trouble::refused, "QUIT", answer->text);
    co_return co_await intake_.forget(std::move(removed));
}

asio::awaitable<void> Pop3Provider::quit() {
    connection_.queue(pop3::request::quit());
    co_await connection_.close();
}

} // namespace postern::fetch
