// Single STOREs: clients that each change one message's flags with a command, wait for its OK and go on.
#include "commands.h"
#include "lines.h"
#include "options.h"

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace postern::bench {

namespace {

struct Stores {
    std::uint16_t port;
    std::string login, select;
    std::uint64_t count; // for each client
    std::size_t waiting; // clients that have not selected yet
    Clock::time_point began;
    std::vector<class StoreSession*> ready;
};

class StoreSession final : public Conversation {
public:
    StoreSession(Loop& loop, Stores& stores, std::uint64_t number)
        : Conversation(loop), stores_(stores), message_(number * stores.count) {
        open(stores_.port);
    }

    void next() {
        if (done_++ == stores_.count) return close();
        command_ = std::format("a UID STORE {} {}FLAGS.SILENT (\\Answered)\r\n", 1 + message_ + (done_ - 1) / 2,
                               done_ % 2 == 1 ? '+' : '-');
        send(command_);
    }

private:
    void on_line(std::string_view line) override {
        if (step_ == 0 && line.starts_with("* OK")) {
            ++step_;
            return send(stores_.login);
        }
        if (!line.starts_with("a ")) return; // what others changed
        if (!line.starts_with("a OK")) throw std::runtime_error(std::format("the server said: {}", line));
        ++step_;
        if (step_ == 2) return send(stores_.select);
        if (step_ > 3) return next();
        stores_.ready.push_back(this);
        if (--stores_.waiting > 0) return;
        stores_.began = Clock::now();
        for (StoreSession* session : stores_.ready) session->next();
    }
    void on_end() override { throw std::runtime_error("the server closed the connection"); }

    Stores& stores_;
    std::uint64_t message_;
    std::uint64_t done_ = 0;
    unsigned step_ = 0;
    std::string command_;
};

} // namespace

void stores(Options const& options) {
    std::uint64_t const clients = options.number("clients");
    Stores state{.port = static_cast<std::uint16_t>(options.number("imap")),
                 .login = std::format("a LOGIN {} \"{}\"\r\n", options.text("user"), options.text("password")),
                 .select = std::format("a SELECT {}\r\n", options.text("mailbox")),
                 .count = options.number("count"),
                 .waiting = clients,
                 .began = {},
                 .ready = {}};
    Loop loop;
    std::vector<std::unique_ptr<StoreSession>> sessions;
    for (std::uint64_t n = 0; n < clients; ++n) sessions.push_back(std::make_unique<StoreSession>(loop, state, n));
    loop.run(std::chrono::seconds(options.number("limit", 120)));
    double const taken = seconds_since(state.began);
    auto const all = static_cast<double>(clients * state.count);
    Figures()
        .add("stores", clients * state.count)
        .add("seconds", std::format("{:.4f}", taken))
        .add("rate", std::format("{:.1f}", all / taken));
}

} // namespace postern::bench
