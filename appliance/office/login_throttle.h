// What guessing passwords costs. Each failure from an address makes the answer to its next failure slower, and only a
// few attempts of one address are under way at a time, the wait before an answer included: the others stand in line. So
// neither patience nor many connections make guesses cheap, while a right password waits for nobody's mistakes but
// those of its own address that are ahead in line. Time forgives. One thread.
#pragma once

#include "core/clock.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace postern::office {

namespace asio = boost::asio;

class LoginThrottle {
    struct Source;

public:
    static constexpr unsigned attempts_at_once = 8;              // of one address
    static constexpr std::chrono::milliseconds first_delay{100}; // doubles with each failure
    static constexpr std::chrono::milliseconds longest_delay{10'000};
    static constexpr std::chrono::seconds forgiveness{30}; // after which one failure is forgotten
    static constexpr double most_failures = 10;            // counted; more are not worse
    static constexpr std::size_t most_addresses = 10'000;  // remembered; the oldest failure is forgotten first

    // One check of a password, from before it to after its answer was due. `throttle` outlives it.
    class Attempt {
    public:
        Attempt(LoginThrottle& throttle, std::string_view address);
        ~Attempt();
        Attempt(Attempt const&) = delete;
        Attempt& operator=(Attempt const&) = delete;

        // Waits in the address's line. To be called once, first.
        asio::awaitable<void> turn();
        // Counts a failure; how long its answer has to wait.
        std::chrono::milliseconds failed(core::SteadyTime now);

    private:
        enum class State { outside, waiting, admitted };

        LoginThrottle& throttle_;
        std::map<std::string, Source>::iterator source_;
        std::optional<asio::steady_timer> admission_; // cancelled when it is this one's turn
        State state_ = State::outside;
    };

    [[nodiscard]] std::size_t addresses() const { return sources_.size(); }

private:
    struct Source {
        double failures = 0; // as of counted_at
        core::SteadyTime counted_at{};
        std::size_t attempts = 0; // that exist, admitted or not
        std::size_t admitted = 0;
        std::list<Attempt*> line;
    };

    std::map<std::string, Source>::iterator source_of(std::string_view address);
    void forget_one();

    std::map<std::string, Source> sources_; // by network; only those with failures or attempts
};

// What counts as one address: an IPv4 address; of an IPv6 address its /64, since a host has all of that to itself.
[[nodiscard]] std::string throttled_network(std::string_view address);

} // namespace postern::office
