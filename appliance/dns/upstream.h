// A name server that we ask, and what we know of it: how fast it answers (RFC 6298), and what it cannot do. A value.
#pragma once

#include "core/clock.h"

#include <boost/asio/ip/udp.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace postern::dns {

struct UpstreamServer {
    boost::asio::ip::udp::endpoint endpoint;
    std::string tls_name; // RFC 8310 §8.1: that its certificate has to be for; empty: it is asked without TLS
    bool operator==(UpstreamServer const&) const = default;
};

// "192.0.2.53", "192.0.2.53#5353" or "tls://192.0.2.53/dns.example": as in the setting.
[[nodiscard]] std::string describe(UpstreamServer const& server);

class Upstream {
public:
    // For how long an answer is waited for before somebody else is asked as well: at first, and at least and at most.
    static constexpr std::chrono::milliseconds first_patience{400}, least_patience{50}, most_patience{1000};
    // For how long it is remembered what a server cannot do.
    static constexpr std::chrono::seconds disability{3600};

    explicit Upstream(UpstreamServer server) : server_(std::move(server)) {}

    [[nodiscard]] UpstreamServer const& server() const { return server_; }

    void asked(core::SteadyTime now);
    void answered(std::chrono::milliseconds after);
    // It did not in that time, or cannot be reached; the reason completes "192.0.2.53 ...".
    void was_silent(std::chrono::milliseconds waited, std::string reason);
    // Something else is the network now: what was silent may be there.
    void forget_silence() { silent_ = 0; }

    // The smoothed time that it takes; nothing: unknown.
    [[nodiscard]] std::optional<std::chrono::milliseconds> time() const { return smoothed_; }
    [[nodiscard]] std::chrono::milliseconds patience() const;
    // What it is likely to take, its silences counted: less is better.
    [[nodiscard]] std::chrono::milliseconds cost() const;
    [[nodiscard]] unsigned silent() const { return silent_; }             // times in a row
    [[nodiscard]] std::string const& trouble() const { return trouble_; } // why it was silent last; empty: it answers
    [[nodiscard]] std::optional<core::SteadyTime> last_asked() const { return last_asked_; }
    [[nodiscard]] std::uint64_t questions() const { return questions_; }
    [[nodiscard]] std::uint64_t answers() const { return answers_; }

    // It keeps the case of letters (draft-vixie-dnsext-dns0x20), it knows EDNS (RFC 6891 §6.2.2).
    [[nodiscard]] bool keeps_case(core::SteadyTime now) const { return now >= mangles_until_; }
    void mangles_case(core::SteadyTime now) { mangles_until_ = now + disability; }
    [[nodiscard]] bool knows_edns(core::SteadyTime now) const { return now >= plain_until_; }
    void lacks_edns(core::SteadyTime now) { plain_until_ = now + disability; }

private:
    UpstreamServer server_;
    std::optional<std::chrono::milliseconds> smoothed_;
    std::chrono::milliseconds variation_{0};
    std::optional<core::SteadyTime> last_asked_;
    std::uint64_t questions_ = 0, answers_ = 0;
    core::SteadyTime mangles_until_ = core::SteadyTime::min(), plain_until_ = core::SteadyTime::min();
    unsigned silent_ = 0;
    std::string trouble_;
};

// The order in which they are to be asked: the fastest first, of those that are alike the one that is named first.
[[nodiscard]] std::vector<std::size_t> order_of(std::vector<Upstream> const& upstreams);

// One that was not asked for so long that it is to be asked beside the first, which costs nobody time.
inline constexpr std::chrono::seconds measured_again{60};
[[nodiscard]] std::optional<std::size_t> to_be_measured(std::vector<Upstream> const& upstreams, std::size_t first,
                                                        core::SteadyTime now);

} // namespace postern::dns
