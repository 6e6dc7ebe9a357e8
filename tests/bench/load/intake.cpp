// SMTP intake: N sessions that send messages one after the other, as Postfix's smtp-source does (no pipelining), and
// then, if asked, the wait until all of them are in the mailbox.
#include "commands.h"
#include "corpus.h"
#include "imap_client.h"
#include "lines.h"
#include "options.h"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

namespace postern::bench {

namespace {

struct Intake {
    std::uint16_t port;
    bool keep; // connections, for the next message
    std::string mail_from, rcpt_to;
    std::vector<std::string> messages; // ready for DATA
    std::size_t next = 0;              // of messages
    std::size_t accepted = 0, refused = 0;
    std::vector<double> waits; // seconds from MAIL (or the connection) to the answer after DATA
};

class Session final : public Conversation {
public:
    Session(Loop& loop, Intake& intake) : Conversation(loop), intake_(intake) { connect(); }

private:
    enum class Await { greeting, ehlo, mail, rcpt, data, acceptance, quit };

    void connect() {
        await_ = Await::greeting;
        began_ = Clock::now();
        open(intake_.port);
    }

    void ask(Await await, std::string_view command) {
        await_ = await;
        send(command);
    }

    void next_message() {
        if (intake_.next == intake_.messages.size()) return ask(Await::quit, "QUIT\r\n");
        message_ = intake_.messages[intake_.next++];
        if (intake_.keep) began_ = Clock::now();
        ask(Await::mail, intake_.mail_from);
    }

    void on_line(std::string_view line) override {
        if (line.size() > 3 && line[3] == '-') return;
        char const verdict = line.empty() ? '5' : line[0];
        bool const good = verdict == '2' || verdict == '3';
        switch (await_) {
        case Await::greeting: return good ? ask(Await::ehlo, "EHLO client.example\r\n") : give_up(line);
        case Await::ehlo: return good ? next_message() : give_up(line);
        case Await::mail: return good ? ask(Await::rcpt, intake_.rcpt_to) : give_up(line);
        case Await::rcpt: return good ? ask(Await::data, "DATA\r\n") : give_up(line);
        case Await::data: return good ? ask(Await::acceptance, message_) : give_up(line);
        case Await::acceptance:
            ++(good ? intake_.accepted : intake_.refused);
            intake_.waits.push_back(seconds_since(began_));
            return intake_.keep ? next_message() : ask(Await::quit, "QUIT\r\n");
        case Await::quit:
            close();
            if (intake_.next < intake_.messages.size()) connect();
        }
    }

    [[noreturn]] static void give_up(std::string_view line) {
        throw std::runtime_error(std::format("the server said: {}", line));
    }

    void on_end() override { throw std::runtime_error("the server closed the connection"); }

    Intake& intake_;
    Await await_ = Await::greeting;
    std::string_view message_;
    Clock::time_point began_;
};

} // namespace

void intake(Options const& options) {
    Corpus const corpus(options.number("seed", 1));
    Intake state{};
    state.port = static_cast<std::uint16_t>(options.number("port"));
    state.keep = options.number("keep", 0) != 0;
    state.mail_from = std::format("MAIL FROM:<{}> BODY=8BITMIME\r\n", options.text("from"));
    state.rcpt_to = std::format("RCPT TO:<{}>\r\n", options.text("to"));
    std::uint64_t const first = options.number("first", 0), count = options.number("messages");
    for (std::uint64_t n = 0; n < count; ++n)
        state.messages.push_back(dot_stuffed(corpus.message(first + n, options.number("size", 0))));

    // Whoever can be asked how many messages have arrived.
    std::unique_ptr<ImapClient> reader;
    std::uint64_t there = 0;
    if (options.number("imap", 0) != 0) {
        reader = std::make_unique<ImapClient>(options);
        there = reader->count("INBOX");
    }

    Loop loop;
    std::vector<std::unique_ptr<Session>> sessions;
    auto const began = Clock::now();
    for (std::uint64_t n = 0; n < std::min(options.number("sessions"), count); ++n)
        sessions.push_back(std::make_unique<Session>(loop, state));
    loop.run(std::chrono::seconds(options.number("limit", 120)));
    double const taken = seconds_since(began);

    double readable = 0;
    std::uint64_t missing = 0;
    if (reader) {
        auto const wanted = there + state.accepted;
        auto const patience = static_cast<double>(options.number("patience", 60));
        for (missing = state.accepted; missing > 0 && seconds_since(began) < patience;) {
            missing = wanted - std::min(wanted, reader->count("INBOX"));
            if (missing > 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        readable = static_cast<double>(state.accepted - missing) / seconds_since(began);
    }

    std::ranges::sort(state.waits);
    Figures figures;
    figures.add("accepted", state.accepted).add("refused", state.refused).add("missing", missing);
    figures.add("seconds", std::format("{:.4f}", taken));
    figures.add("rate", std::format("{:.1f}", static_cast<double>(state.accepted) / taken));
    if (reader) figures.add("readable_rate", std::format("{:.1f}", readable));
    figures.add("ms_p50", std::format("{:.3f}", state.waits[state.waits.size() / 2] * 1000));
    figures.add("ms_p99", std::format("{:.3f}", state.waits[state.waits.size() * 99 / 100] * 1000));
}

} // namespace postern::bench
