#include "office/login_throttle.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cmath>

namespace postern::office {

std::string throttled_network(std::string_view address) {
    boost::system::error_code error;
    auto const parsed = asio::ip::make_address(address, error);
    if (error || !parsed.is_v6()) return std::string(address);
    auto octets = parsed.to_v6().to_bytes();
    std::fill(octets.begin() + 8, octets.end(), 0);
    return asio::ip::address_v6(octets).to_string() + "/64";
}

std::map<std::string, LoginThrottle::Source>::iterator LoginThrottle::source_of(std::string_view address) {
    std::string network = throttled_network(address);
    if (auto const known = sources_.find(network); known != sources_.end()) return known;
    if (sources_.size() >= most_addresses) forget_one();
    return sources_.try_emplace(std::move(network)).first;
}

void LoginThrottle::forget_one() {
    auto oldest = sources_.end();
    for (auto at = sources_.begin(); at != sources_.end(); ++at) {
        if (at->second.attempts != 0) continue; // in use; how many there can be, connection limits decide
        if (oldest == sources_.end() || at->second.counted_at < oldest->second.counted_at) oldest = at;
    }
    if (oldest != sources_.end()) sources_.erase(oldest);
}

LoginThrottle::Attempt::Attempt(LoginThrottle& throttle, std::string_view address)
    : throttle_(throttle), source_(throttle.source_of(address)) {
    ++source_->second.attempts;
}

LoginThrottle::Attempt::~Attempt() {
    Source& source = source_->second;
    if (state_ == State::waiting) source.line.remove(this);
    if (state_ == State::admitted) {
        if (source.line.empty()) {
            --source.admitted;
        } else { // the place passes on
            Attempt& first = *source.line.front();
            source.line.pop_front();
            first.state_ = State::admitted;
            first.admission_->cancel();
        }
    }
    if (--source.attempts == 0 && source.failures == 0) throttle_.sources_.erase(source_);
}

asio::awaitable<void> LoginThrottle::Attempt::turn() {
    Source& source = source_->second;
    if (source.admitted < attempts_at_once) {
        ++source.admitted;
        state_ = State::admitted;
        co_return;
    }
    admission_.emplace(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    source.line.push_back(this);
    state_ = State::waiting;
    co_await admission_->async_wait(asio::as_tuple(asio::use_awaitable));
}

std::chrono::milliseconds LoginThrottle::Attempt::failed(core::SteadyTime now) {
    Source& source = source_->second;
    std::chrono::duration<double> const passed = now - source.counted_at;
    double const left = source.failures == 0 ? 0 : std::max(0.0, source.failures - passed / forgiveness);
    source.failures = std::min(left + 1, most_failures);
    source.counted_at = now;
    std::chrono::duration<double, std::milli> const delay = first_delay * std::exp2(source.failures - 1);
    return std::min(std::chrono::round<std::chrono::milliseconds>(delay), longest_delay);
}

} // namespace postern::office
