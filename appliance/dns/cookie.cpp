#include "dns/cookie.h"

#include "core/crypto.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace postern::dns {

namespace {

using namespace std::chrono_literals;

// RFC 9018 §4.1 to §4.4: version, three reserved octets, a time of 32 bits, a digest.
constexpr std::size_t version_at = CookieJar::client_octets, time_at = version_at + 4, digest_at = time_at + 4;
constexpr char version = 1;
// RFC 9018 §4.3
constexpr std::chrono::seconds longest_life = 1h, renewed_after = 30min, ahead = 5min;

std::uint32_t time_of(std::string_view cookie) {
    std::uint32_t time = 0;
    for (char const octet : cookie.substr(time_at, sizeof time)) time = time << 8 | static_cast<unsigned char>(octet);
    return time;
}

// Into the cookie's last octets.
void sign(core::SipKey const& key, std::array<char, CookieJar::whole_octets>& cookie, IpAddress const& client) {
    constexpr std::size_t mapped = 12;
    std::array<char, digest_at + 16> said;
    std::size_t size = digest_at;
    std::copy_n(cookie.begin(), digest_at, said.begin());
    auto const& address = client.octets();
    for (std::size_t i = client.is_ipv4() ? mapped : 0; i < address.size(); ++i)
        said[size++] = static_cast<char>(address[i]);
    std::uint64_t digest = core::sip_hash(key, {said.data(), size});
    for (std::size_t at = digest_at; at < cookie.size(); ++at, digest >>= 8) cookie[at] = static_cast<char>(digest);
}

} // namespace

CookieJar::Cookie CookieJar::answer(std::string_view sent, IpAddress const& client, core::WallTime now) const {
    auto const seconds = static_cast<std::uint32_t>(now.time_since_epoch().count());
    Cookie cookie;
    if (sent.size() == whole_octets && sent[version_at] == version) {
        std::ranges::copy(sent, cookie.octets.begin());
        sign(key_, cookie.octets, client);
        // RFC 1982: the time goes round.
        std::chrono::seconds const age(static_cast<std::int32_t>(seconds - time_of(sent)));
        cookie.proven = core::equal_in_constant_time(cookie.view(), sent) && age <= longest_life && age >= -ahead;
        if (cookie.proven && age <= renewed_after) return cookie;
    }
    cookie.octets = {};
    std::ranges::copy(sent.substr(0, client_octets), cookie.octets.begin());
    cookie.octets[version_at] = version;
    for (unsigned i = 0; i < sizeof seconds; ++i)
        cookie.octets[time_at + i] = static_cast<char>(seconds >> (8 * (sizeof seconds - 1 - i)));
    sign(key_, cookie.octets, client);
    return cookie;
}

} // namespace postern::dns
