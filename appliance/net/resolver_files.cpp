#include "net/resolver_files.h"

#include "core/read_start.h"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace postern::net {

namespace asio = boost::asio;

namespace {

// Calls `take` with the words of each line, without comments.
template <typename Take> void for_each_line(std::string_view file, std::string_view comments, Take take) {
    while (!file.empty()) {
        auto const end = std::min(file.find('\n'), file.size());
        std::string_view line = file.substr(0, end);
        file.remove_prefix(std::min(end + 1, file.size()));
        line = line.substr(0, line.find_first_of(comments));
        std::vector<std::string_view> words;
        while (!(line = text::trim(line)).empty()) {
            words.push_back(line.substr(0, line.find_first_of(" \t")));
            line.remove_prefix(words.back().size());
        }
        if (words.size() >= 2) take(words);
    }
}

std::optional<asio::ip::address> parse_address(std::string_view written) {
    boost::system::error_code error;
    auto const address = asio::ip::make_address(written, error);
    return error ? std::nullopt : std::optional(address);
}

// "timeout:5"
std::optional<unsigned> number_of(std::string_view option, std::string_view name) {
    if (!option.starts_with(name)) return std::nullopt;
    option.remove_prefix(name.size());
    unsigned number = 0;
    auto const [end, error] = std::from_chars(option.begin(), option.end(), number);
    if (error == std::errc::result_out_of_range) return std::numeric_limits<unsigned>::max();
    return error == std::errc{} && end == option.end() ? std::optional(number) : std::nullopt;
}

} // namespace

Hosts parse_hosts(std::string_view file) {
    Hosts hosts;
    for_each_line(file, "#", [&](std::vector<std::string_view> const& words) {
        auto const address = parse_address(words.front());
        if (!address) return;
        for (std::size_t i = 1; i < words.size(); ++i) hosts[std::string(words[i])].push_back(*address);
    });
    return hosts;
}

ResolvConf parse_resolv_conf(std::string_view file) {
    ResolvConf conf;
    for_each_line(file, "#;", [&](std::vector<std::string_view> const& words) {
        if (words.front() == "nameserver") {
            auto const address = parse_address(words[1]);
            if (address && conf.servers.size() < ResolvConf::most_servers) conf.servers.push_back(*address);
        }
        if (words.front() != "options") return;
        for (std::string_view const option : words) {
            if (auto const timeout = number_of(option, "timeout:"))
                conf.timeout =
                    std::clamp(std::chrono::seconds(*timeout), std::chrono::seconds{1}, ResolvConf::longest_timeout);
            if (auto const attempts = number_of(option, "attempts:"))
                conf.attempts = std::clamp(*attempts, 1U, ResolvConf::most_attempts);
        }
    });
    return conf;
}

bool WatchedFile::changed(std::string& text) {
    struct stat found{};
    bool const there = ::stat(path_.c_str(), &found) == 0;
    State const state =
        there ? State{true, found.st_dev, found.st_ino, found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec}
              : State{};
    if (looked_ && state == state_) return false;
    looked_ = true;
    state_ = state;
    text = core::read_start(path_, most_octets).value_or("");
    return true;
}

} // namespace postern::net
