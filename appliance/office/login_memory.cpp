#include "office/login_memory.h"

#include "core/crypto.h"

#include <algorithm>

namespace postern::office {

std::string LoginMemory::digest(store::ScramVerifier const& verifier, core::Secret const& password) const {
    // The stored key has a fixed length and, by its salt, belongs to one account alone.
    std::string octets = verifier.stored_key;
    octets += password.reveal();
    std::string result = core::hmac_sha256(key_.reveal(), octets);
    core::wipe(octets);
    return result;
}

bool LoginMemory::knows(store::ScramVerifier const& verifier, core::Secret const& password) {
    auto const found = last_use_.find(digest(verifier, password));
    if (found == last_use_.end()) return false;
    found->second = ++uses_;
    return true;
}

void LoginMemory::remember(store::ScramVerifier const& verifier, core::Secret const& password) {
    last_use_.insert_or_assign(digest(verifier, password), ++uses_);
    if (last_use_.size() <= most) return;
    last_use_.erase(std::ranges::min_element(last_use_, {}, [](auto const& entry) { return entry.second; }));
}

} // namespace postern::office
