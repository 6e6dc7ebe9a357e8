// Randomness as a parameter: the kernel's in the daemon, a seeded sequence in tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>

namespace postern::core {

class Random {
public:
    virtual ~Random() = default;
    virtual void fill(std::span<std::byte> out) = 0;

    // `count` random octets.
    [[nodiscard]] std::string bytes(std::size_t count);
    // `count` random octets in lower-case hexadecimal: for names and Message-IDs.
    [[nodiscard]] std::string hex(std::size_t count);
};

// getrandom(2): fit for keys. Any thread.
class SystemRandom final : public Random {
public:
    void fill(std::span<std::byte> out) override;
};

// The same sequence for the same seed: for tests alone. One thread.
class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
    void fill(std::span<std::byte> out) override;

private:
    std::mt19937_64 engine_;
};

} // namespace postern::core
