#include "app/self_test.h"

#include "app/sleep.h"
#include "message/date.h"
#include "net/connection.h"
#include "net/dns_client.h"
#include "net/dns_connection.h"
#include "net/own_certificate.h"
#include "net/tls.h"
#include "office/password.h"
#include "smtp/access.h"
#include "store/accounts.h"
#include "store/check.h"
#include "wire/dns_message.h"
#include "wire/imap_reply_reader.h"
#include "wire/imap_request.h"
#include "wire/line.h"
#include "wire/pop3_reply.h"
#include "wire/pop3_request.h"
#include "wire/smtp_data.h"
#include "wire/smtp_reply_reader.h"
#include "wire/smtp_request.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/udp.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <format>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

namespace postern::app {

namespace {

using asio::experimental::awaitable_operators::operator||;
using namespace std::chrono_literals;
namespace smtp = wire::smtp;
namespace imap = wire::imap;
namespace pop3 = wire::pop3;
namespace dns = wire::dns;

using Said = std::expected<std::string, std::string>; // what works, or what does not

// For the slowest of boards, and for emulators; and for a login that waits for others' mistakes.
constexpr auto step_time = 180s;
constexpr auto check_time = 15min;
constexpr std::uintmax_t small_store = 64 * 1024 * 1024UZ; // whose bodies are read, too, in some seconds
constexpr std::size_t most_page = 256 * 1024UZ;
constexpr std::uint32_t most_message = 64 * 1024;

constexpr std::string_view cut = "breaks the connection off, or falls silent";

// The conversations of one test.
class Trial {
public:
    Trial(office::Office& office, net::Dialer& dialer, SelfTest::Box const& box)
        : office_(office), dialer_(dialer), box_(box) {}

    asio::awaitable<std::vector<control::SelfTestStep>> run();

private:
    using Opened = std::expected<std::unique_ptr<net::Connection>, std::string>;
    using Done = std::expected<void, std::string>;

    asio::awaitable<void> step(std::string_view name, asio::awaitable<Said> doing,
                               std::chrono::seconds most = step_time);
    void note(std::string_view name, Said const& said) {
        steps_.push_back({std::string(name), said.has_value(), said ? *said : said.error()});
    }

    asio::awaitable<Said> make_mailbox();
    asio::awaitable<Said> remove_mailbox();
    asio::awaitable<Said> send_by_smtp();
    asio::awaitable<Said> read_by_imap();
    asio::awaitable<Said> read_by_pop3();
    asio::awaitable<Said> ask_by_udp();
    asio::awaitable<Said> ask_by_tcp();
    asio::awaitable<Said> look_at_page();
    asio::awaitable<Said> check_store();

    [[nodiscard]] std::uint16_t port(std::string_view service) const;
    asio::awaitable<Opened> connect(std::string_view service);
    asio::awaitable<Opened> connect_by_tls(std::string_view service);
    asio::awaitable<std::expected<smtp::ServerReply, std::string>> smtp_reply(net::Connection& connection,
                                                                              smtp::ReplyReader& replies);
    // The tagged answer to it is OK; of an empty one, the greeting. `body` gets the octets of a message.
    asio::awaitable<Done> imap_command(net::Connection& connection, imap::ReplyReader& replies, std::string_view tag,
                                       std::string command, std::string* body = nullptr);
    asio::awaitable<Done> pop3_reply(net::Connection& connection, wire::LineFramer& lines);
    [[nodiscard]] std::string about_time() const;
    [[nodiscard]] std::string message() const;
    [[nodiscard]] dns::Message query() const;
    [[nodiscard]] Said judge(std::expected<dns::Message, net::DnsFailure> const& answer) const;
    asio::awaitable<std::expected<std::unique_ptr<net::Stream>, net::DnsFailure>> dial_name_server();

    office::Office& office_;
    net::Dialer& dialer_;
    SelfTest::Box const& box_;
    std::string const token_ = office_.random.hex(16);
    std::string const login_ = std::format("{}self-test-{}", store::passing_account, office_.random.hex(16));
    core::Secret const password_{office_.random.hex(16)};
    std::optional<store::AccountId> account_;
    bool sent_ = false; // by SMTP
    std::vector<control::SelfTestStep> steps_;
};

asio::awaitable<Said> caught(asio::awaitable<Said> doing) {
    try {
        co_return co_await std::move(doing);
    } catch (std::exception const& fault) {
        co_return std::unexpected(fault.what());
    }
}

asio::awaitable<void> Trial::step(std::string_view name, asio::awaitable<Said> doing, std::chrono::seconds most) {
    auto const outcome = co_await (caught(std::move(doing)) || sleep(most) || office_.stop.wait());
    switch (outcome.index()) {
    case 0: co_return note(name, std::get<0>(outcome));
    case 1: co_return note(name, std::unexpected(std::format("takes longer than {}", most)));
    case 2: co_return note(name, std::unexpected("the daemon stops"));
    }
    std::unreachable();
}

asio::awaitable<std::vector<control::SelfTestStep>> Trial::run() {
    co_await step("mailbox", make_mailbox());
    if (account_) {
        co_await step("smtp", send_by_smtp());
        co_await step("imap", read_by_imap());
        co_await step("pop3", read_by_pop3());
    } else {
        for (auto const* const name : {"smtp", "imap", "pop3"})
            note(name, std::unexpected("was not tried without a mailbox"));
    }
    if (auto const removed = co_await caught(remove_mailbox()); !removed && account_)
        steps_.front() = {"mailbox", false, removed.error()};
    co_await step("dns-udp", ask_by_udp());
    co_await step("dns-tcp", ask_by_tcp());
    co_await step("http", look_at_page());
    co_await step("store", check_store(), check_time);
    co_return std::move(steps_);
}

// ---- the account

asio::awaitable<Said> Trial::make_mailbox() {
    auto const verifier = co_await office::hash_password(office_, password_.clone());
    auto const made =
        co_await office_.storage.write([verifier = verifier.value(), login = login_, now = office_.clock.wall()](
                                           store::WriteTransaction& transaction) -> store::Result<store::AccountId> {
            if (auto const removed = store::remove_passing_accounts(transaction); !removed)
                return std::unexpected(removed.error());
            auto const account = store::create_account(transaction, login, verifier, false, now);
            if (!account) return account;
            // Whatever the office allows its accounts.
            return store::set_quota(transaction, *account, {store::no_limit, store::no_limit}).transform([&] {
                return *account;
            });
        });
    if (!made)
        co_return std::unexpected(std::format("none can be made for the test: {}", store::describe(made.error())));
    account_ = *made;
    co_return "one was made for the test, and removed after it";
}

asio::awaitable<Said> Trial::remove_mailbox() {
    auto const removed = co_await office_.storage.write(
        [](store::WriteTransaction& transaction) { return store::remove_passing_accounts(transaction); });
    if (account_) office_.sign_ins.end(*account_);
    if (!removed)
        co_return std::unexpected(
            std::format("that of the test cannot be removed ({}), which the next start tries again",
                        store::describe(removed.error())));
    co_return "";
}

// ---- connections

std::uint16_t Trial::port(std::string_view service) const {
    auto const services = box_.services();
    return std::ranges::find(services, service, &control::ServiceStatus::name)->port;
}

asio::awaitable<Trial::Opened> Trial::connect(std::string_view service) {
    auto dialed = co_await dialer_.dial(box_.address, port(service), step_time);
    if (!dialed) co_return std::unexpected(std::move(dialed.error()));
    auto connection =
        std::make_unique<net::Connection>(std::move(dialed->stream), std::move(dialed->endpoints), office_.stop);
    connection->set_idle_time(step_time);
    co_return connection;
}

asio::awaitable<Trial::Opened> Trial::connect_by_tls(std::string_view service) {
    auto const client = net::TlsClient::make(box_.certificate.trust());
    if (!client) co_return std::unexpected(client.error());
    auto connection = co_await connect(service);
    if (!connection) co_return connection;
    std::string const host = box_.certificate.host();
    if (auto const done = co_await (*connection)->start_tls(**client, host); !done)
        co_return std::unexpected(
            std::format("clients that know the box as {} get no secure connection: {}", host, done.error()));
    co_return connection;
}

// A clock that is wrong makes no difference to what the box can do.
std::string Trial::about_time() const {
    auto const now = office_.clock.wall();
    auto const begin = net::begin_of(box_.certificate.shown()), end = net::end_of(box_.certificate.shown());
    if (begin <= now && now <= end) return {};
    return std::format("; but the clock says {:%F}, and its certificate is good from {:%F} until {:%F}: which clients "
                       "may not take if the clock is right",
                       now, begin, end);
}

std::string Trial::message() const {
    return std::format("From: Postern <postmaster@{0}>\r\nTo: <{1}@{0}>\r\nDate: {2}\r\nSubject: Self-test\r\n"
                       "Message-ID: <{3}@{4}>\r\n\r\n{3}\r\n",
                       office_.domain, login_, message::format_date({office_.clock.wall(), 0min}), token_,
                       office_.host_name);
}

// ---- mail

asio::awaitable<std::expected<smtp::ServerReply, std::string>> Trial::smtp_reply(net::Connection& connection,
                                                                                 smtp::ReplyReader& replies) {
    while (true) {
        auto read = replies.next(connection.input());
        connection.consume(read.consumed);
        if (read.outcome == smtp::ReplyReading::reply) co_return std::move(read.reply);
        if (read.outcome == smtp::ReplyReading::malformed) co_return std::unexpected("speaks no SMTP");
        if (co_await connection.fill() != net::Input::data) co_return std::unexpected(std::string(cut));
    }
}

// RFC 5321 §3, as servers elsewhere bring mail.
asio::awaitable<Said> Trial::send_by_smtp() {
    std::string content;
    smtp::DataEncoder encoder;
    encoder.feed(message(), content);
    encoder.finish(content);
    struct Turn {
        std::string_view what;
        std::string octets;
        unsigned wanted; // the reply code's first digit
    };
    std::array const conversation{
        Turn{"EHLO", smtp::request::ehlo(office_.host_name), 2},
        Turn{"MAIL", smtp::request::mail(""), 2},
        Turn{"RCPT", smtp::request::rcpt(std::format("{}@{}", login_, office_.domain)), 2},
        Turn{"DATA", smtp::request::data(), 3},
        Turn{"the message", std::move(content), 2},
    };
    auto const connection = co_await connect("smtp");
    if (!connection) co_return std::unexpected(connection.error());
    smtp::ReplyReader replies;
    auto const greeting = co_await smtp_reply(**connection, replies);
    if (!greeting) co_return std::unexpected(greeting.error());
    std::string const& own_address = (*connection)->endpoints().local_address;
    if (greeting->permanent() && !postern::smtp::admits(office_.settings->list("smtp.accept_from"), own_address))
        co_return "takes no mail from the box itself, as smtp.accept_from says; the message goes in by IMAP";
    if (!greeting->positive()) co_return std::unexpected(std::format("greets with {}", greeting->text()));
    for (auto const& [what, octets, wanted] : conversation) {
        (*connection)->queue(octets);
        auto const reply = co_await smtp_reply(**connection, replies);
        if (!reply) co_return std::unexpected(reply.error());
        if (reply->code / 100 != wanted)
            co_return std::unexpected(std::format("answers {} with {}", what, reply->text()));
    }
    sent_ = true;
    (*connection)->queue(smtp::request::quit());
    co_await (*connection)->close();
    co_return "took a message";
}

asio::awaitable<Trial::Done> Trial::imap_command(net::Connection& connection, imap::ReplyReader& replies,
                                                 std::string_view tag, std::string command, std::string* body) {
    connection.queue(command);
    core::wipe(command);
    while (true) {
        auto const read = replies.next(connection.input());
        if (read.outcome == imap::ReplyReading::body && body != nullptr) body->append(read.octets);
        connection.consume(read.consumed);
        if (read.outcome == imap::ReplyReading::malformed) co_return std::unexpected("speaks no IMAP");
        if (read.outcome == imap::ReplyReading::partial && co_await connection.fill() != net::Input::data)
            co_return std::unexpected(std::string(cut));
        auto const* status = std::get_if<imap::StatusReply>(&read.reply);
        if (read.outcome != imap::ReplyReading::reply || status == nullptr || status->tag != tag) continue;
        if (status->condition == imap::Condition::ok) co_return Done();
        co_return std::unexpected(std::format("answers {} with {}", tag.empty() ? "us" : tag, status->text));
    }
}

// RFC 3501 §3. What did not come by SMTP is put there, so that each protocol answers for itself alone.
asio::awaitable<Said> Trial::read_by_imap() {
    auto const connection = co_await connect_by_tls("imaps");
    if (!connection) co_return std::unexpected(connection.error());
    imap::ReplyReader replies;
    std::string login, body;
    for (core::Secret const& piece : imap::request::login("LOGIN", login_, password_, true)) login += piece.reveal();
    struct Turn {
        std::string_view tag;
        std::string octets;
    };
    std::vector<Turn> conversation;
    conversation.emplace_back("", "");
    conversation.emplace_back("LOGIN", std::move(login));
    if (!sent_)
        conversation.emplace_back(
            "APPEND", std::format("APPEND APPEND INBOX {{{}+}}\r\n{}\r\n", message().size(), message())); // RFC 7888
    conversation.emplace_back("SELECT", imap::request::select("SELECT", "INBOX", true, false));
    conversation.emplace_back("FETCH", imap::request::piece("FETCH", core::Uid{1}, 0, most_message));
    for (auto& [tag, octets] : conversation)
        if (auto done = co_await imap_command(**connection, replies, tag, std::move(octets), &body); !done)
            co_return std::unexpected(std::move(done.error()));
    if (!body.contains(token_)) co_return std::unexpected("has not the message");
    (*connection)->queue(imap::request::logout("LOGOUT"));
    co_await (*connection)->close();
    co_return std::format("shows the message{}", about_time());
}

asio::awaitable<Trial::Done> Trial::pop3_reply(net::Connection& connection, wire::LineFramer& lines) {
    while (true) {
        auto const framed = lines.next(connection.input(), pop3::reply_line_limit);
        auto const reply = framed.outcome == wire::Framing::line ? pop3::parse_server_reply(framed.text) : std::nullopt;
        connection.consume(framed.consumed);
        if (reply && reply->status == pop3::ServerReply::Status::ok) co_return Done();
        if (reply) co_return std::unexpected(std::format("answers with {}", reply->text));
        if (framed.outcome != wire::Framing::partial) co_return std::unexpected("speaks no POP3");
        if (co_await connection.fill() != net::Input::data) co_return std::unexpected(std::string(cut));
    }
}

// RFC 1939 §3. Without QUIT: nobody read the message, as far as the journal is concerned.
asio::awaitable<Said> Trial::read_by_pop3() {
    auto const connection = co_await connect_by_tls("pop3s");
    if (!connection) co_return std::unexpected(connection.error());
    wire::LineFramer lines;
    core::Secret const conversation[] = {core::Secret(), pop3::request::user(login_), pop3::request::pass(password_),
                                         core::Secret(pop3::request::retr(1))};
    for (core::Secret const& command : conversation) {
        (*connection)->queue(command.reveal());
        if (auto done = co_await pop3_reply(**connection, lines); !done)
            co_return std::unexpected(std::move(done.error()));
    }
    std::string body;
    pop3::TextDecoder decoder;
    while (true) {
        (*connection)->consume(decoder.feed((*connection)->input(), body));
        if (decoder.done()) break;
        if (body.size() > most_message || co_await (*connection)->fill() != net::Input::data)
            co_return std::unexpected(std::string(cut));
    }
    if (!body.contains(token_)) co_return std::unexpected("has not the message");
    co_await (*connection)->close();
    co_return std::format("shows the message{}", about_time());
}

// ---- the rest

// Who takes the office's mail: a box that is connected to nothing yet has no address, and so has none of its names.
dns::Message Trial::query() const {
    dns::Message query;
    query.questions = {{*dns::Name::parse(office_.domain), dns::Type::mx}};
    std::string const id = office_.random.bytes(sizeof query.id);
    std::memcpy(&query.id, id.data(), sizeof query.id);
    return query;
}

Said Trial::judge(std::expected<dns::Message, net::DnsFailure> const& answer) const {
    if (!answer) return std::unexpected(answer.error().reason);
    if (answer->code != dns::ResponseCode::no_error || !answer->authoritative || answer->answers.empty())
        return std::unexpected(std::format("answers {} when asked who takes mail for {}, which is the office's zone",
                                           dns::describe(answer->code), office_.domain));
    return std::format("knows who takes mail for {}", office_.domain);
}

asio::awaitable<Said> Trial::ask_by_udp() {
    asio::ip::udp::endpoint const server(asio::ip::make_address(box_.address), port("dns"));
    co_return judge(co_await net::ask_by_udp(server, query()));
}

asio::awaitable<std::expected<std::unique_ptr<net::Stream>, net::DnsFailure>> Trial::dial_name_server() {
    auto dialed = co_await dialer_.dial(box_.address, port("dns"), step_time);
    if (!dialed) co_return std::unexpected(net::DnsFailure{{}, std::move(dialed.error())});
    co_return std::move(dialed->stream);
}

asio::awaitable<Said> Trial::ask_by_tcp() {
    net::DnsConnection connection(
        co_await asio::this_coro::executor, office_.random, [this] { return dial_name_server(); }, false);
    co_return judge(co_await connection.ask(query()));
}

asio::awaitable<Said> Trial::look_at_page() {
    auto const connection = co_await connect("http");
    if (!connection) co_return std::unexpected(connection.error());
    (*connection)
        ->queue(std::format("GET /?address=self-test@{} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
                            office_.domain, office_.host_name));
    std::string page;
    while (page.size() < most_page && co_await (*connection)->fill() == net::Input::data) {
        page += (*connection)->input();
        (*connection)->consume((*connection)->input().size());
    }
    if (!page.starts_with("HTTP/1.1 200 "))
        co_return std::unexpected(page.empty() ? std::string(cut)
                                               : std::format("answers with {}", page.substr(0, page.find('\r'))));
    if (!page.contains(box_.certificate.host()))
        co_return std::unexpected(std::format("has a page that does not say {}", box_.certificate.host()));
    co_return "shows the set-up page";
}

asio::awaitable<Said> Trial::check_store() {
    std::error_code error;
    auto const octets = std::filesystem::file_size(box_.store_file, error);
    bool const bodies = !error && octets <= small_store;
    auto const report = co_await office_.storage.compute(
        [&store = office_.storage.store(), bodies] { return store::check(store, bodies); });
    if (!report) co_return std::unexpected(std::format("could not be checked: {}", store::describe(report.error())));
    if (!report->problems.empty())
        co_return std::unexpected(std::format("is not whole: {}; `postern check` tells all that is wrong with it",
                                              report->problems.front().what));
    co_return bodies ? "is whole" : "is whole, as far as can be told without reading all of the mail";
}

} // namespace

asio::awaitable<std::expected<std::vector<control::SelfTestStep>, std::string>> SelfTest::run() {
    if (running_) co_return std::unexpected("a self-test is under way; ask again when it is over");
    running_ = true;
    Trial trial(office_, dialer_, box_);
    auto steps = co_await trial.run();
    running_ = false;
    co_return steps;
}

} // namespace postern::app
