#include "support/fake_relay.h"

#include "support/memory_end.h"

#include <charconv>

namespace postern::test {

namespace asio = boost::asio;

void FakeRelay::answer_with(std::string beginning, std::string reply) {
    answer = [beginning = std::move(beginning), reply = std::move(reply)](std::string_view command) {
        return command.starts_with(beginning) ? std::optional(reply) : std::nullopt;
    };
}

asio::awaitable<std::expected<net::Dialed, std::string>> FakeRelay::dial(std::string host, std::uint16_t,
                                                                         std::chrono::seconds) {
    dialled.push_back(host);
    if (!reachable || down.contains(host)) co_return std::unexpected(host + ": it does not answer");
    auto const stream = std::make_shared<net::MemoryStream>(io_.get_executor());
    Call& call = calls_.emplace_back();
    call.stream = stream;
    say(call, "greeting", "220 relay.example.net ESMTP");
    co_return net::Dialed{std::make_unique<MemoryEnd>(stream), {"192.0.2.25", 587, "192.168.1.2", 40000}};
}

// Of all that is not known otherwise.
net::LookUpError FakeRelay::unknown() const {
    using net::LookUpFailure;
    if (!reachable) return {LookUpFailure::no_answer, "no name server answers"};
    return {denies_all ? LookUpFailure::perhaps_no_such_name : LookUpFailure::no_such_name, "there is no such name"};
}

asio::awaitable<net::LookedUp<asio::ip::address>> FakeRelay::addresses(std::string name) {
    if (reachable && without_address.contains(name))
        co_return std::unexpected(net::LookUpError{net::LookUpFailure::no_such_records, "it has no address"});
    co_return std::unexpected(unknown());
}

asio::awaitable<net::LookedUp<net::MailExchanger>> FakeRelay::mail_exchangers(std::string domain) {
    if (!reachable || denies_all) co_return std::unexpected(unknown());
    auto const known = exchangers.find(domain);
    if (known != exchangers.end()) co_return known->second;
    co_return std::vector{net::MailExchanger{10, "mx." + domain}};
}

void FakeRelay::cut_all() {
    for (Call& call : calls_) {
        call.stream->feed_end();
        call.over = true;
    }
}

bool FakeRelay::answer_all() {
    bool any = false;
    for (Call& call : calls_) {
        auto const said = call.stream->take_output();
        any = any || !said.empty();
        call.input += said;
        while (!call.over && step(call)) {
        }
    }
    std::erase_if(calls_, [](Call const& call) { return call.over || call.stream->closed(); });
    return any;
}

bool FakeRelay::step(Call& call) {
    if (call.chunk > 0) {
        auto const octets = std::min(call.chunk, call.input.size());
        call.message.content += call.input.substr(0, octets);
        call.input.erase(0, octets);
        call.chunk -= octets;
        if (call.chunk > 0) return false;
        if (call.last_chunk)
            end_message(call);
        else
            say(call, "chunk", "250 Ok");
        return true;
    }
    auto const end = call.input.find("\r\n");
    if (end == std::string::npos) return false;
    std::string const line = call.input.substr(0, end);
    call.input.erase(0, end + 2);
    if (!call.in_data) {
        take_command(call, line);
    } else if (line == ".") {
        call.in_data = false;
        end_message(call);
    } else {
        call.message.content += (line.starts_with('.') ? line.substr(1) : line) + "\r\n";
    }
    return true;
}

void FakeRelay::take_command(Call& call, std::string const& line) {
    commands.push_back(line);
    if (line == "STARTTLS" && breaks_tls) {
        say(call, line, "220 Go ahead");
        call.stream->feed_end();
        call.over = true;
        return;
    }
    if (line.starts_with("EHLO ")) {
        std::string reply;
        for (std::string const& offer : offers) reply += "250-" + offer + "\r\n";
        say(call, line, "250-relay.example.net\r\n" + reply + "250 HELP");
    } else if (line.starts_with("MAIL ")) {
        // RFC 5321 §4.1.4
        bool const nested = call.in_transaction;
        if (!say(call, line, nested ? "503 5.5.1 Nested MAIL" : "250 2.1.0 Ok")) return;
        call.message = {line, {}, {}};
        call.in_transaction = true;
    } else if (line.starts_with("RCPT ")) {
        if (say(call, line, "250 2.1.5 Ok")) call.message.rcpt.push_back(line);
    } else if (line == "DATA") {
        call.in_data = !call.message.rcpt.empty();
        say(call, line, call.in_data ? "354 Go ahead" : "554 5.5.1 No valid recipients");
    } else if (line.starts_with("BDAT ")) {
        std::from_chars(line.data() + 5, line.data() + line.size(), call.chunk);
        call.last_chunk = line.ends_with(" LAST");
        if (call.chunk == 0) end_message(call);
    } else if (line == "QUIT") {
        say(call, line, "221 2.0.0 Bye");
        call.stream->feed_end();
        call.over = true;
    } else {
        if (line == "RSET") call.in_transaction = false;
        say(call, line, line.starts_with("AUTH") ? "235 2.7.0 Welcome" : "250 Ok");
    }
}

void FakeRelay::end_message(Call& call) {
    bool const any = !call.message.rcpt.empty();
    if (say(call, "content", any ? "250 2.0.0 Ok: queued" : "503 5.5.1 No valid recipients") && any)
        received.push_back(call.message);
    if (any) call.in_transaction = false; // without recipients, some servers say, it never came to its end
    call.message = {};
}

bool FakeRelay::say(Call& call, std::string_view command, std::string_view usual) {
    auto const own = answer ? answer(command) : std::nullopt;
    if (own == "cut") {
        call.stream->feed_end();
        call.over = true;
        return false;
    }
    if (own == "silence") return false;
    std::string const reply = own.value_or(std::string(usual));
    call.stream->feed(reply + "\r\n");
    return reply.starts_with('2');
}

} // namespace postern::test
