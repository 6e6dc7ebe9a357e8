#include "dns/rate_limit.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

namespace postern::dns {

namespace {

constexpr std::size_t bucket_count = 4096;
constexpr double at_once = 10; // seconds' worth

} // namespace

RateLimit::RateLimit(core::SipKey key, unsigned per_second)
    : key_(key), per_second_(per_second), buckets_(bucket_count) {}

RateLimit::Verdict RateLimit::ask(IpAddress const& client, core::SteadyTime now) {
    if (per_second_ == 0) return Verdict::answer;
    auto const& octets = client.octets();
    Bucket& bucket =
        buckets_[core::sip_hash(key_, {reinterpret_cast<char const*>(octets.data()), octets.size()}) % bucket_count];
    double const most = at_once * per_second_;
    double const passed = std::chrono::duration<double>(now - bucket.looked).count();
    bucket.left = bucket.used ? std::min(most, bucket.left + passed * per_second_) : most;
    bucket.looked = now;
    bucket.used = true;
    if (bucket.left >= 1) {
        bucket.left -= 1;
        return Verdict::answer;
    }
    bucket.dropped = !bucket.dropped;
    return bucket.dropped ? Verdict::drop : Verdict::truncate;
}

} // namespace postern::dns
