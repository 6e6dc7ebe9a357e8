// What is large: an account of very many mailboxes, and a mailbox of very many messages that a client comes back to.
#include "commands.h"
#include "imap_client.h"
#include "options.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

namespace postern::bench {

namespace {

// The state that a client remembers of a mailbox (RFC 7162 §3.2.5).
struct Remembered {
    std::uint64_t validity = 0, modseq = 0;
};

Remembered remember(ImapClient& client, std::string_view mailbox) {
    Remembered state;
    client.command(std::format("STATUS {} (UIDVALIDITY HIGHESTMODSEQ)", mailbox), [&](std::string_view response) {
        if (!response.starts_with("STATUS")) return;
        state.validity = number_in(response, "UIDVALIDITY ");
        state.modseq = number_in(response, "HIGHESTMODSEQ ");
    });
    return state;
}

} // namespace

void mailboxes(Options const& options) {
    ImapClient client(options);
    std::uint64_t const count = options.number("count");
    auto const began = Clock::now();
    for (std::uint64_t n = 0; n < count; ++n) client.command(std::format("CREATE Customers/{}/{}", n / 50, n));
    Figures().add("created", count).add("seconds", std::format("{:.2f}", seconds_since(began)));
}

// RFC 7162 §3.2.5: SELECT with QRESYNC, after other sessions changed so many messages, spread over the mailbox.
void resync(Options const& options) {
    std::string const mailbox = options.text("mailbox");
    std::uint64_t const changed = options.number("changed", 100);
    ImapClient changing(options);
    std::uint64_t const exists = changing.select(mailbox);
    if (exists < changed) throw std::runtime_error("the mailbox is too small");
    std::vector<double> times;
    // The first one is not counted: a server may keep mod-sequences only since somebody asked for them.
    for (std::uint64_t n = 0; n <= options.number("repeat", 1); ++n) {
        ImapClient client(options);
        client.command("ENABLE QRESYNC");
        auto const [validity, modseq] = remember(client, mailbox);
        std::string numbers;
        for (std::uint64_t k = 0; k < changed; ++k)
            numbers += std::format("{}{}", k == 0 ? "" : ",", 1 + k * (exists / changed));
        changing.command(std::format("STORE {} {}FLAGS.SILENT (\\Flagged)", numbers, n % 2 == 0 ? '+' : '-'));
        std::uint64_t told = 0;
        auto const began = Clock::now();
        client.command(std::format("SELECT {} (QRESYNC ({} {}))", mailbox, validity, modseq),
                       [&](std::string_view response) { told += response.contains(" FETCH ") ? 1 : 0; });
        if (n == 0) continue;
        times.push_back(seconds_since(began));
        if (told != changed) throw std::runtime_error(std::format("{} messages instead of {}", told, changed));
    }
    std::ranges::sort(times);
    Figures()
        .add("ms", std::format("{:.3f}", times[times.size() / 2] * 1000))
        .add("ms_min", std::format("{:.3f}", times.front() * 1000))
        .add("ms_max", std::format("{:.3f}", times.back() * 1000))
        .add("messages", exists)
        .add("changed", changed);
}

} // namespace postern::bench
