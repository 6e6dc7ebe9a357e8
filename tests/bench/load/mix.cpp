// A random mix of commands by many clients at one mailbox, each waiting for its answer before it goes on: what mail
// programs do while people work. As many messages come as go, so that the mailbox stays as large as it was.
#include "commands.h"
#include "corpus.h"
#include "lines.h"
#include "options.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace postern::bench {

namespace {

struct Mix {
    std::uint16_t port;
    std::string login, select, mailbox;
    std::uint64_t per_login; // commands on the mailbox before a client logs out and comes back; 0: it stays
    std::uint64_t left;      // commands that are to be sent yet
    Corpus corpus;
    std::uint64_t next_message; // of the corpus
    std::uint64_t done = 0;     // commands that were answered, logins and logouts among them
    std::uint64_t refused = 0;  // with NO: another client had expunged the message, or was about to
};

class MixSession final : public Conversation {
public:
    MixSession(Loop& loop, Mix& mix, std::uint64_t seed) : Conversation(loop), mix_(mix), random_(seed) { connect(); }

private:
    enum class Await { greeting, login, select, command, logout };

    void connect() {
        await_ = Await::greeting;
        exists_ = sent_ = 0;
        open(mix_.port);
    }

    void ask(Await await, std::string command) {
        await_ = await;
        command_ = std::move(command);
        send(command_);
    }

    void next() {
        bool const away = mix_.per_login != 0 && sent_ == mix_.per_login;
        if (mix_.left == 0 || away) return ask(Await::logout, "~ LOGOUT\r\n");
        --mix_.left;
        ++sent_;
        ask(Await::command, make_command());
    }

    std::string make_command() {
        auto const chance = random_() % 100;
        if (exists_ == 0 || chance < 8) {
            std::string const message = mix_.corpus.message(mix_.next_message++);
            return std::format("~ APPEND {} {{{}+}}\r\n{}\r\n", mix_.mailbox, message.size(), message);
        }
        std::uint64_t const one = 1 + random_() % exists_;
        auto const up_to = [&](std::uint64_t count) { return std::min(exists_, one + count - 1); };
        if (chance < 16) return std::format("~ STORE {} +FLAGS.SILENT (\\Deleted)\r\n", one);
        if (chance < 20) return "~ EXPUNGE\r\n";
        if (chance < 35) return std::format("~ FETCH {}:{} (UID FLAGS)\r\n", one, up_to(50));
        if (chance < 50)
            return std::format("~ FETCH {}:{} (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)\r\n", one,
                               up_to(20));
        if (chance < 70) return std::format("~ FETCH {} (UID BODY.PEEK[])\r\n", one);
        if (chance < 85)
            return std::format("~ STORE {} {}FLAGS ({})\r\n", one, random_() % 2 == 0 ? '+' : '-',
                               random_() % 2 == 0 ? "\\Answered" : "\\Flagged");
        if (chance < 89) return std::format("~ SEARCH FROM \"{}\"\r\n", mix_.corpus.family_name(random_() % 100));
        if (chance < 94) return "~ STATUS INBOX (MESSAGES UNSEEN UIDNEXT)\r\n";
        return "~ NOOP\r\n";
    }

    void on_line(std::string_view line) override {
        if (line.starts_with("* ")) return look(line.substr(2));
        if (!line.starts_with("~ ")) return; // of a literal, mostly, where no line begins so
        if (!line.starts_with("~ OK")) {
            if (!line.starts_with("~ NO") || await_ != Await::command)
                throw std::runtime_error(std::format("the server said to {}: {}", command_.substr(0, 80), line));
            ++mix_.refused;
        }
        ++mix_.done;
        switch (await_) {
        case Await::greeting: break;
        case Await::login: return ask(Await::select, mix_.select);
        case Await::select:
        case Await::command: return next();
        case Await::logout:
            close();
            if (mix_.left > 0) connect();
        }
    }

    void look(std::string_view response) {
        if (await_ == Await::greeting) return ask(Await::login, mix_.login);
        std::uint64_t number = 0;
        auto const [end, error] = std::from_chars(response.data(), response.data() + response.size(), number);
        if (error != std::errc{}) return;
        std::string_view const what(end, response.data() + response.size());
        if (what == " EXISTS") exists_ = number;
        if (what == " EXPUNGE" && exists_ > 0) --exists_;
    }

    void on_end() override { throw std::runtime_error("the server closed the connection"); }

    Mix& mix_;
    std::mt19937_64 random_;
    Await await_ = Await::greeting;
    std::uint64_t exists_ = 0, sent_ = 0;
    std::string command_;
};

} // namespace

void mix(Options const& options) {
    std::uint64_t const clients = options.number("clients"), seed = options.number("seed", 1);
    std::string const mailbox = options.text("mailbox");
    Mix state{.port = static_cast<std::uint16_t>(options.number("imap")),
              .login = std::format("~ LOGIN {} \"{}\"\r\n", options.text("user"), options.text("password")),
              .select = std::format("~ SELECT {}\r\n", mailbox),
              .mailbox = mailbox,
              .per_login = options.number("per_login", 0),
              .left = options.number("commands"),
              .corpus = Corpus(seed),
              .next_message = options.number("first", 1'000'000)};
    Loop loop;
    std::vector<std::unique_ptr<MixSession>> sessions;
    auto const began = Clock::now();
    for (std::uint64_t n = 0; n < clients; ++n)
        sessions.push_back(std::make_unique<MixSession>(loop, state, seed * 1000 + n));
    loop.run(std::chrono::seconds(options.number("limit", 300)));
    double const taken = seconds_since(began);
    Figures()
        .add("commands", state.done)
        .add("refused", state.refused)
        .add("seconds", std::format("{:.4f}", taken))
        .add("rate", std::format("{:.1f}", static_cast<double>(state.done) / taken));
}

} // namespace postern::bench
