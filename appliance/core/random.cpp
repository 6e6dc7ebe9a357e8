#include "core/random.h"

#include "core/crypto.h"

#include <sys/random.h>

#include <cerrno>
#include <system_error>

namespace postern::core {

std::string Random::bytes(std::size_t count) {
    std::string octets(count, '\0');
    fill(std::as_writable_bytes(std::span(octets)));
    return octets;
}

std::string Random::hex(std::size_t count) { return to_hex(bytes(count)); }

void SystemRandom::fill(std::span<std::byte> out) {
    while (!out.empty()) {
        ssize_t const got = getrandom(out.data(), out.size(), 0);
        if (got < 0) {
            if (errno == EINTR) continue;
            throw std::system_error(errno, std::generic_category(), "getrandom");
        }
        out = out.subspan(static_cast<std::size_t>(got));
    }
}

void SeededRandom::fill(std::span<std::byte> out) {
    for (std::byte& octet : out) octet = static_cast<std::byte>(engine_() >> 56U);
}

} // namespace postern::core
