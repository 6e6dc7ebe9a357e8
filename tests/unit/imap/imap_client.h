// An IMAP client for tests: commands and their whole answers.
#pragma once

#include "imap/session.h"
#include "support/session_client.h"

#include <CppUTest/TestHarness.h>

#include <format>
#include <string>
#include <string_view>

namespace postern::test {

class ImapClient : public SessionClient {
public:
    explicit ImapClient(OfficeFixture& fixture) : SessionClient(fixture, imap::serve) { greeting = read_until("\r\n"); }

    // Sends "tag COMMAND" and gives the answer without the tag of its last line.
    std::string say(std::string_view command) {
        std::string const tag = std::format("t{}", ++tags_);
        feed(std::format("{} {}\r\n", tag, command));
        return answer_of(tag);
    }
    std::string answer_of(std::string_view tag) {
        std::string answer = read_until(std::format("{} ", tag));
        answer.erase(answer.size() < tag.size() + 1 ? 0 : answer.size() - (tag.size() + 1));
        return answer + read_until("\r\n");
    }

    void log_in(std::string_view login = "alice") { say(std::format("LOGIN {} secret-{}", login, login)); }
    std::string append(std::string_view mailbox, std::string_view message, std::string_view flags = "") {
        return say(std::format("APPEND {} {}{{{}+}}\r\n{}", mailbox, flags, message.size(), message));
    }

    std::string greeting;

private:
    unsigned tags_ = 0;
};

// An office that lets passwords cross in the clear, as there is no TLS in memory.
struct ImapOffice : OfficeFixture {
    ImapOffice() { set("login.allow_plaintext", "yes").value(); }
};

// The answer has this piece; shows the answer if not.
#define CHECK_HAS(piece, answer)                                                                                       \
    do {                                                                                                               \
        std::string const given = (answer);                                                                            \
        CHECK_TEXT(given.contains(piece), ("expected " + std::string(piece) + " in: " + given).c_str());               \
    } while (false)

#define CHECK_ANSWER(expected, answer) STRCMP_EQUAL(std::string(expected).c_str(), std::string(answer).c_str())

} // namespace postern::test
