// Who is signed in by a browser. What it shows is a random token, of which only a digest is kept here, in memory: a
// start of the daemon ends all of them. Bounded; one thread.
#pragma once

#include "core/clock.h"
#include "core/random.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

namespace postern::http {

struct BrowserSession {
    std::string user; // login
    // What was known of the user when the session began: once that has another value, it is over. Whoever begins one
    // says what it is.
    std::string mark;
    std::string form_token; // what its own pages' forms have, and no other page can know
};

class BrowserSessions {
public:
    static constexpr std::chrono::minutes idle{30};
    static constexpr std::chrono::hours longest{12};
    static constexpr std::size_t most = 1000;       // the one used last longest ago goes first
    static constexpr std::size_t most_of_user = 20; // so that nobody ends those of others

    explicit BrowserSessions(core::Random& random) : random_(random) {}

    // The new one's token.
    std::string begin(std::string user, std::string mark, core::SteadyTime now);
    // Null: there is none, or it is over. What is given counts as used, and is there until the next call.
    BrowserSession const* find(std::string_view token, core::SteadyTime now);
    void end(std::string_view token);

    [[nodiscard]] std::size_t size() const { return sessions_.size(); }

private:
    struct Row {
        BrowserSession session;
        core::SteadyTime began, used;
    };

    void forget(core::SteadyTime now, std::string_view user);

    core::Random& random_;
    std::unordered_map<std::string, Row> sessions_; // by the token's digest
};

} // namespace postern::http
