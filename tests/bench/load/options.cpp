#include "options.h"

#include <charconv>
#include <cstdio>
#include <stdexcept>

namespace postern::bench {

Options::Options(int count, char** words) {
    for (int n = 0; n < count; ++n) {
        std::string_view const word = words[n];
        auto const equals = word.find('=');
        if (equals == std::string_view::npos) throw std::runtime_error(std::format("{} is not NAME=VALUE", word));
        values_[std::string(word.substr(0, equals))] = word.substr(equals + 1);
    }
}

std::string Options::text(std::string const& name) const {
    auto const found = values_.find(name);
    if (found == values_.end()) throw std::runtime_error(std::format("{}= is missing", name));
    return found->second;
}

std::string Options::text(std::string const& name, std::string_view fallback) const {
    auto const found = values_.find(name);
    return found == values_.end() ? std::string(fallback) : found->second;
}

std::uint64_t Options::number(std::string const& name) const {
    std::string const value = text(name);
    std::uint64_t number = 0;
    auto const [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc{} || *end != '\0') throw std::runtime_error(std::format("{}={} is no number", name, value));
    return number;
}

std::uint64_t Options::number(std::string const& name, std::uint64_t fallback) const {
    return values_.contains(name) ? number(name) : fallback;
}

Figures::~Figures() { std::puts(line_.c_str()); }

} // namespace postern::bench
