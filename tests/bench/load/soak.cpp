// What somebody does with mail all day, without a pause: looks at INBOX, reads, flags, files, keeps what was sent,
// searches, and deletes what is old, so that a mailbox stays as large as it is. intake brings new mail meanwhile.
#include "commands.h"
#include "corpus.h"
#include "imap_client.h"
#include "options.h"

#include <cstdint>
#include <random>
#include <string_view>

namespace postern::bench {

namespace {

constexpr std::uint64_t kept = 40; // messages of a mailbox

class Person {
public:
    explicit Person(Options const& options)
        : client_(options), corpus_(options.number("seed", 1)), random_(options.number("seed", 1)) {}

    // Gives the commands that it took: a few more than it was asked for.
    std::uint64_t live(std::uint64_t commands) {
        while (done_ < commands) {
            if (std::uint64_t const messages = open("INBOX"); messages > 0) read(1 + random_() % messages);
            client_.append("Sent", corpus_.message(random_()), "\\Seen");
            ++done_;
            for (auto const* mailbox : {"INBOX", "Archive", "Sent"}) tidy(mailbox);
        }
        return done_;
    }

private:
    void command(std::string_view text) {
        client_.command(text);
        ++done_;
    }

    std::uint64_t open(std::string_view mailbox) {
        ++done_;
        return client_.select(mailbox);
    }

    void read(std::uint64_t message) {
        command("FETCH 1:* (UID FLAGS)");
        command(std::format("FETCH {} (ENVELOPE BODYSTRUCTURE BODY[])", message));
        command(std::format("STORE {} +FLAGS.SILENT (\\Answered k{})", message, random_() % 8));
        command(std::format("STORE {} -FLAGS.SILENT (\\Flagged)", message));
        command(std::format("COPY {} Archive", message));
        command(std::format("SEARCH BODY {}", corpus_.word(random_() % 100)));
    }

    void tidy(std::string_view mailbox) {
        std::uint64_t const messages = open(mailbox);
        if (messages <= kept) return;
        command(std::format("STORE 1:{} +FLAGS.SILENT (\\Deleted)", messages - kept));
        command("EXPUNGE");
    }

    ImapClient client_;
    Corpus corpus_;
    std::mt19937_64 random_;
    std::uint64_t done_ = 0;
};

} // namespace

void soak(Options const& options) {
    auto const began = Clock::now();
    auto const done = Person(options).live(options.number("commands"));
    Figures()
        .add("commands", done)
        .add("rate", std::format("{:.1f}", static_cast<double>(done) / seconds_since(began)));
}

} // namespace postern::bench
