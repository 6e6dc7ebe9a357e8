// A password or key in memory: moves, never copies, wipes what it leaves behind, compares in constant time, and has no
// formatter, so that it cannot end up in a log.
#pragma once

#include <string>
#include <string_view>

namespace postern::core {

// Overwrites octets in a way that no optimiser removes.
void wipe(std::string& octets) noexcept;

class Secret {
public:
    Secret() = default;
    explicit Secret(std::string octets) noexcept : octets_(std::move(octets)) {}
    explicit Secret(std::string_view octets) : octets_(octets) {}
    Secret(Secret&& other) noexcept : octets_(std::move(other.octets_)) { wipe(other.octets_); }
    Secret& operator=(Secret&& other) noexcept;
    Secret(Secret const&) = delete;
    Secret& operator=(Secret const&) = delete;
    ~Secret() { wipe(octets_); }

    // The one way in: a caller that writes this name knows what it holds.
    [[nodiscard]] std::string_view reveal() const noexcept { return octets_; }
    [[nodiscard]] bool empty() const noexcept { return octets_.empty(); }
    [[nodiscard]] Secret clone() const { return Secret(std::string_view(octets_)); }

    // Constant time for equal lengths.
    friend bool operator==(Secret const& left, Secret const& right) noexcept;

private:
    std::string octets_;
};

} // namespace postern::core
