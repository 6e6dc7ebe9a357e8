#include "dns/upstream.h"

#include <algorithm>
#include <format>
#include <numeric>
#include <utility>

namespace postern::dns {

using std::chrono::milliseconds;

std::string describe(UpstreamServer const& server) {
    constexpr std::uint16_t dns_port = 53, tls_port = 853; // RFC 7858 §3.1
    bool const tls = !server.tls_name.empty();
    std::string written = server.endpoint.address().to_string();
    if (server.endpoint.port() != (tls ? tls_port : dns_port)) written += std::format("#{}", server.endpoint.port());
    return tls ? std::format("tls://{}/{}", written, server.tls_name) : written;
}

void Upstream::asked(core::SteadyTime now) {
    last_asked_ = now;
    ++questions_;
}

// RFC 6298 §2
void Upstream::answered(milliseconds after) {
    if (smoothed_) {
        variation_ = (3 * variation_ + std::chrono::abs(*smoothed_ - after)) / 4;
        smoothed_ = (7 * *smoothed_ + after) / 8;
    } else {
        smoothed_ = after;
        variation_ = after / 2;
    }
    ++answers_;
    silent_ = 0;
    trouble_.clear();
}

// It takes at least as long as that.
void Upstream::was_silent(milliseconds waited, std::string reason) {
    ++silent_;
    trouble_ = std::move(reason);
    if (smoothed_ && waited > *smoothed_) smoothed_ = (7 * *smoothed_ + waited) / 8;
}

milliseconds Upstream::patience() const {
    if (!smoothed_) return first_patience;
    return std::clamp(*smoothed_ + 4 * variation_, least_patience, most_patience);
}

milliseconds Upstream::cost() const {
    constexpr milliseconds silence{500};
    constexpr unsigned most = 8;
    return smoothed_.value_or(milliseconds{0}) + silence * std::min(silent_, most);
}

std::vector<std::size_t> order_of(std::vector<Upstream> const& upstreams) {
    std::vector<std::size_t> order(upstreams.size());
    std::iota(order.begin(), order.end(), 0UZ);
    // What was never asked comes behind what answered: it is measured beside that.
    std::ranges::stable_sort(order, {}, [&](std::size_t at) {
        return std::pair(!upstreams[at].time() && upstreams[at].silent() == 0, upstreams[at].cost());
    });
    return order;
}

std::optional<std::size_t> to_be_measured(std::vector<Upstream> const& upstreams, std::size_t first,
                                          core::SteadyTime now) {
    std::optional<std::size_t> oldest;
    for (std::size_t at = 0; at < upstreams.size(); ++at) {
        if (at == first) continue;
        auto const asked = upstreams[at].last_asked();
        if (asked && now - *asked < measured_again) continue;
        if (!oldest || asked < upstreams[*oldest].last_asked()) oldest = at;
    }
    return oldest;
}

} // namespace postern::dns
