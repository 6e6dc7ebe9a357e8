// A POP3 client for tests: commands and their whole answers.
#pragma once

#include "pop3/session.h"
#include "store/mailboxes.h"
#include "store/messages.h"
#include "support/session_client.h"

#include <CppUTest/TestHarness.h>

#include <format>
#include <string>
#include <string_view>

namespace postern::test {

class Pop3Client : public SessionClient {
public:
    explicit Pop3Client(OfficeFixture& fixture) : SessionClient(fixture, pop3::serve) { greeting = read_until("\r\n"); }

    // The answer's line.
    std::string say(std::string_view command) {
        feed(std::format("{}\r\n", command));
        return read_until("\r\n");
    }
    // The answer with the lines that follow it, if it is +OK.
    std::string ask(std::string_view command) {
        std::string const first = say(command);
        return first.starts_with("+OK") ? first + read_until("\r\n.\r\n") : first;
    }
    void log_in(std::string_view login = "alice") {
        say(std::format("USER {}", login));
        CHECK_TEXT(say(std::format("PASS secret-{}", login)).starts_with("+OK"), "the login failed");
    }

    std::string greeting;
};

// An office that lets passwords cross in the clear, as there is no TLS in memory.
struct Pop3Office : OfficeFixture {
    Pop3Office() { set("login.allow_plaintext", "yes").value(); }

    [[nodiscard]] store::MailboxId inbox() {
        return store()
            .read_here([&](store::ReadTransaction const& transaction) -> store::Result<store::MailboxId> {
                return store::find_mailbox(transaction, alice, "INBOX").value().id;
            })
            .value();
    }
    // The UID of the last one.
    store::Uid append(std::string body, unsigned copies = 1) {
        store::NewMessage message;
        message.body = body;
        message.size = body.size();
        message.internal_date = clock.wall();
        return store()
            .write_here([&, box = inbox()](store::WriteTransaction& transaction) -> store::Result<store::Uid> {
                store::Uid last{};
                for (unsigned copy = 0; copy < copies; ++copy)
                    last = store::append(transaction, message, {.mailbox = box, .flags = {}, .keywords = {}}, {},
                                         clock.wall())
                               .value()
                               .uid;
                return last;
            })
            .value();
    }
    void remove(store::UidSet uids) {
        store()
            .write_here([&, box = inbox()](store::WriteTransaction& transaction) {
                return store::remove(transaction, box, uids);
            })
            .value();
    }
};

#define CHECK_HAS(piece, answer)                                                                                       \
    do {                                                                                                               \
        std::string const given = (answer);                                                                            \
        CHECK_TEXT(given.contains(piece), ("expected " + std::string(piece) + " in: " + given).c_str());               \
    } while (false)

#define CHECK_ANSWER(expected, answer) STRCMP_EQUAL(std::string(expected).c_str(), std::string(answer).c_str())

} // namespace postern::test
