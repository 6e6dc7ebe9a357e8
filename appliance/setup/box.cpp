#include "setup/box.h"

#include "control/client.h"
#include "net/interface.h"
#include "setup/facts.h"

#include <boost/json/array.hpp>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <format>
#include <thread>

namespace postern::setup {

namespace {

using namespace std::chrono_literals;

constexpr auto start_limit = 120s;  // of a daemon on a slow disk, keys and certificates included
constexpr auto format_limit = 600s; // of a large card
constexpr auto pause = 100ms;

} // namespace

control::Answer ControlBox::ask(std::string_view command, boost::json::object const& arguments) {
    auto const* row = control::find_command(command);
    if (row == nullptr) return control::refused(std::format("this version has no command {}", command));
    auto client = control::Client::connect(socket_);
    if (!client) return control::refused(std::format("the mail system does not answer: {}", client.error().message()));
    return (*client)->ask(*row, arguments);
}

// IPv4 alone, which is what people type.
std::vector<std::string> ControlBox::addresses() {
    std::vector<std::string> found;
    for (auto const& one : net::interface_addresses())
        if (one.lasting && one.interface != "lo" && !one.address.contains(':')) found.push_back(one.address);
    return found;
}

bool ControlBox::wait_for_office() {
    auto const until = std::chrono::steady_clock::now() + start_limit;
    while (std::chrono::steady_clock::now() < until) {
        auto const status = ask("status", {});
        if (status && status->is_object() && status->get_object().contains("domain")) return true;
        std::this_thread::sleep_for(pause);
    }
    return false;
}

control::Answer ControlBox::wait_for_encryption() {
    auto const until = std::chrono::steady_clock::now() + format_limit;
    while (std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(pause);
        if (text_of(fact_of(ask("status", {})), "box.encrypted") == "true") return nullptr;
        auto const results = fact_of(ask("box.results", {}));
        for (auto const& row : rows_of(results))
            if (text_of(row, "request") == "encrypt" && text_of(row, "failed") == "true")
                return control::refused(text_of(row, "result"));
    }
    return control::refused("the box does not say that its disk is encrypted; its log says why");
}

bool ControlBox::is_locked() {
    std::error_code error;
    return std::filesystem::exists(socket_.parent_path().native() + "-locked", error);
}

bool ControlBox::unlock(core::Secret const& passphrase) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    pid_t const child = ::fork();
    if (child == 0) {
        ::dup2(ends[0], STDIN_FILENO);
        // The menu's screen is not its.
        int const nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
        ::dup2(nowhere, STDOUT_FILENO);
        ::dup2(nowhere, STDERR_FILENO);
        ::execl(unlock_.c_str(), unlock_.c_str(), nullptr);
        ::_exit(127);
    }
    ::close(ends[0]);
    // One that reads nothing ends without it; a pipe takes more than a passphrase has.
    auto* const before = std::signal(SIGPIPE, SIG_IGN);
    auto const text = passphrase.reveal();
    bool const given = child > 0 && ::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size());
    ::close(ends[1]);
    std::signal(SIGPIPE, before);
    int status = 0;
    return child > 0 && ::waitpid(child, &status, 0) == child && given && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

} // namespace postern::setup
