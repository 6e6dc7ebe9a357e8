// Passwords that were verified lately, so that a mail client which logs in at every poll costs one hash and not the
// thousands that a guesser must pay. Kept as keyed hashes, in memory alone; the key dies with the process. One thread.
#pragma once

#include "core/random.h"
#include "core/secret.h"
#include "store/records.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

namespace postern::office {

class LoginMemory {
public:
    static constexpr std::size_t most = 1000; // passwords; the one that was not used for longest goes first

    explicit LoginMemory(core::Random& random) : key_(random.bytes(32)) {}

    // Was this password, prepared, found right against this verifier? A changed password has another verifier, and with
    // it the old one is forgotten.
    [[nodiscard]] bool knows(store::ScramVerifier const& verifier, core::Secret const& password);
    void remember(store::ScramVerifier const& verifier, core::Secret const& password);

private:
    [[nodiscard]] std::string digest(store::ScramVerifier const& verifier, core::Secret const& password) const;

    core::Secret key_;
    std::unordered_map<std::string, std::uint64_t> last_use_; // by digest
    std::uint64_t uses_ = 0;
};

} // namespace postern::office
