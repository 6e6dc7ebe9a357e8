// NAME=VALUE words of a command line, and the figures that a measurement prints.
#pragma once

#include <chrono>
#include <cstdint>
#include <format>
#include <map>
#include <string>
#include <string_view>

namespace postern::bench {

using Clock = std::chrono::steady_clock;

inline double seconds_since(Clock::time_point began) {
    return std::chrono::duration<double>(Clock::now() - began).count();
}

class Options {
public:
    Options(int count, char** words); // throws std::runtime_error on a word without '='

    // Without a fallback the option must be there: throws std::runtime_error.
    [[nodiscard]] std::string text(std::string const& name) const;
    [[nodiscard]] std::string text(std::string const& name, std::string_view fallback) const;
    [[nodiscard]] std::uint64_t number(std::string const& name) const;
    [[nodiscard]] std::uint64_t number(std::string const& name, std::uint64_t fallback) const;

private:
    std::map<std::string, std::string> values_;
};

// One line of figures on standard output: key=value, separated by blanks.
class Figures {
public:
    Figures() = default;
    ~Figures(); // prints
    Figures(Figures const&) = delete;
    Figures& operator=(Figures const&) = delete;

    template <typename T> Figures& add(std::string_view name, T const& value) {
        line_ += std::format("{}{}={}", line_.empty() ? "" : " ", name, value);
        return *this;
    }

private:
    std::string line_;
};

} // namespace postern::bench
