// What the system says of names: /etc/hosts (hosts(5)) and /etc/resolv.conf (resolv.conf(5)). Any thread.
#pragma once

#include "text/ascii.h"

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace postern::net {

struct ResolverFiles {
    std::filesystem::path hosts = "/etc/hosts";
    std::filesystem::path resolv_conf = "/etc/resolv.conf";
};

using Hosts = std::map<std::string, std::vector<boost::asio::ip::address>, text::ILess>;

// Addresses by name, in the order of the file.
[[nodiscard]] Hosts parse_hosts(std::string_view file);

struct ResolvConf {
    static constexpr std::size_t most_servers = 3; // as the system's own resolver
    static constexpr std::chrono::seconds longest_timeout{10};
    static constexpr unsigned most_attempts = 5;

    std::vector<boost::asio::ip::address> servers;
    // For one answer, and how often each server is asked. Sooner and once more than the system's resolver would, since
    // on a bad link a question is lost now and then.
    std::chrono::seconds timeout{3};
    unsigned attempts = 3;
};

// Lines that make no sense are passed over.
[[nodiscard]] ResolvConf parse_resolv_conf(std::string_view file);

// A small file that somebody else writes.
class WatchedFile {
public:
    static constexpr std::size_t most_octets = 1024 * 1024UZ; // beyond it nothing is read

    explicit WatchedFile(std::filesystem::path path) : path_(std::move(path)) {}

    // Whether it is another than at the last look, with what is in it then; it always is at the first.
    bool changed(std::string& text);

private:
    using State = std::tuple<bool, std::uint64_t, std::uint64_t, std::int64_t, std::int64_t, std::int64_t>;

    std::filesystem::path path_;
    bool looked_ = false;
    State state_{};
};

} // namespace postern::net
