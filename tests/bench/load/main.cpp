// The clients that tools/bench loads a mail server with, and what it needs to know of the machine. Everything goes to
// 127.0.0.1, is bounded in count and time, and prints lines of key=value.
#include "commands.h"
#include "options.h"

#include <cstdio>
#include <exception>
#include <string_view>

namespace {

struct Command {
    std::string_view name, options;
    void (*run)(postern::bench::Options const&);
};

constexpr std::string_view account = "imap=PORT user=NAME password=WORD [imaps=1]";

constexpr Command commands[] = {
    {"intake",
     "port=PORT from=ADDRESS to=ADDRESS sessions=N messages=N [size=OCTETS] [keep=1] [seed=N first=N] "
     "[limit=SECONDS] [ACCOUNT patience=SECONDS: waits until they are in its INBOX]",
     postern::bench::intake},
    {"fill", "ACCOUNT mailbox=NAME messages=N [size=OCTETS] [clients=N] [seed=N]: appends messages of the corpus",
     postern::bench::fill},
    {"mailbox",
     "ACCOUNT mailbox=NAME step=STEP [repeat=N] [count=N]: times select, overview, bodies, search-from, "
     "search-subject, search-body, search-absent, search-two, sort, thread, store, append, copy, move, expunge, list "
     "or "
     "list-status",
     postern::bench::mailbox},
    {"stores", "ACCOUNT mailbox=NAME clients=N count=N: single STOREs", postern::bench::stores},
    {"mix",
     "ACCOUNT mailbox=NAME clients=N commands=N [per_login=N] [seed=N first=N]: random commands, by clients that come "
     "anew after so many of them",
     postern::bench::mix},
    {"mailboxes", "ACCOUNT count=N: creates them", postern::bench::mailboxes},
    {"resync", "ACCOUNT mailbox=NAME [changed=N] [repeat=N]: SELECT with QRESYNC", postern::bench::resync},
    {"retrieve", "pop3=PORT user=NAME password=WORD [ahead=N]: RETR of all in the maildrop, N at a time",
     postern::bench::retrieve},
    {"soak", "ACCOUNT commands=N [seed=N]: reads, flags, files, appends and deletes", postern::bench::soak},
    {"logins", "ACCOUNT count=N: connects and logs in, one after the other", postern::bench::logins},
    {"idle", "ACCOUNT count=N [mailbox=NAME]: connections in IDLE, until standard input ends", postern::bench::idle},
    {"handshakes", "port=PORT clients=N seconds=N: full TLS handshakes", postern::bench::handshakes},
    {"limits", "dir=PATH [seconds=N]: what the machine itself can do", postern::bench::limits},
    {"corpus", "[seed=N] messages=N [size=OCTETS] [dir=PATH]: writes messages, or tells of their sizes",
     postern::bench::corpus},
};

int usage() {
    for (Command const& command : commands)
        std::fprintf(stderr, "load %.*s %.*s\n", static_cast<int>(command.name.size()), command.name.data(),
                     static_cast<int>(command.options.size()), command.options.data());
    std::fprintf(stderr, "ACCOUNT is %.*s\n", static_cast<int>(account.size()), account.data());
    return 2;
}

} // namespace

int main(int count, char** words) {
    if (count < 2) return usage();
    for (Command const& command : commands) {
        if (command.name != words[1]) continue;
        try {
            command.run(postern::bench::Options(count - 2, words + 2));
            return 0;
        } catch (std::exception const& failure) {
            std::fprintf(stderr, "load %s: %s\n", words[1], failure.what());
            return 1;
        }
    }
    return usage();
}
