#include "core/secret.h"

#include "core/crypto.h"

#include <string.h>

namespace postern::core {

void wipe(std::string& octets) noexcept {
    // A moved-from string may keep its octets in place (short strings do): the whole capacity goes.
    explicit_bzero(octets.data(), octets.capacity());
    octets.clear();
}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        wipe(octets_);
        octets_ = std::move(other.octets_);
        wipe(other.octets_);
    }
    return *this;
}

bool operator==(Secret const& left, Secret const& right) noexcept {
    return equal_in_constant_time(left.octets_, right.octets_);
}

} // namespace postern::core
