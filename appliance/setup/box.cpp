#include "setup/box.h"

#include "control/client.h"
#include "net/interface.h"

#include <chrono>
#include <format>
#include <thread>

namespace postern::setup {

namespace {

using namespace std::chrono_literals;

constexpr auto start_limit = 120s; // of a daemon on a slow disk, keys and certificates included
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

} // namespace postern::setup
