// postern: the administrator's command line.
#include "app/terminal.h"
#include "control/actions.h"
#include "control/client.h"
#include "control/command_line.h"
#include "control/print.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/random.h"
#include "store/store.h"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <format>
#include <string>
#include <vector>

using namespace postern;

namespace {

enum ExitCode : int { done = 0, refused = 1, wrong_usage = 2, no_daemon = 3 };

void complain(std::string_view reason) { std::fputs(std::format("postern: {}\n", reason).c_str(), stderr); }

// Four groups of four, about 79 bits, without letters and digits that look alike.
core::Secret make_up_password() {
    constexpr std::string_view alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
    std::string password;
    core::SystemRandom random;
    for (char const octet : random.bytes(16)) {
        if (password.size() % 5 == 4) password += '-';
        password += alphabet[static_cast<unsigned char>(octet) % alphabet.size()];
    }
    return core::Secret(std::move(password));
}

struct NewPassword {
    core::Secret secret;
    bool made_up = false; // and to be shown
};

// Nothing: there is none, and the administrator was told why.
std::optional<NewPassword> new_password(bool from_stdin) {
    if (from_stdin) {
        auto password = app::read_secret_line();
        if (password) return NewPassword{std::move(*password)};
        complain("standard input holds no password");
        return std::nullopt;
    }
    if (app::has_terminal()) {
        auto password = app::ask_secret("New password (empty: one is made up): ");
        if (!password) return std::nullopt;
        if (!password->empty()) {
            if (app::ask_secret("The same again: ") == password) return NewPassword{std::move(*password)};
            complain("the two are not the same");
            return std::nullopt;
        }
    }
    return NewPassword{make_up_password(), true};
}

int finish(control::Answer const& answer, bool json) {
    boost::json::value const& result = answer ? *answer : answer.error().result;
    std::fputs((json ? boost::json::serialize(result) + "\n" : control::print(result)).c_str(), stdout);
    if (answer) return done;
    complain(answer.error().reason);
    return refused;
}

// What needs no daemon: a store that nobody has open.
int check_offline(std::filesystem::path const& data, bool json) {
    auto opened = store::Store::open(data, {.read_only = true});
    if (!opened) {
        complain(opened.error().reason);
        return refused;
    }
    return finish(control::check_answer(store::check(**opened, true)), json);
}

// A store in which the check finds nothing is left alone.
int repair_offline(std::filesystem::path const& data, bool json) {
    if (auto const opened = store::Store::open(data, {.read_only = true})) {
        auto const report = store::check(**opened, true);
        if (report && report->problems.empty()) return finish(control::check_answer(report), json);
    }
    return finish(control::repair_answer(store::repair(data, core::SystemClock().wall())), json);
}

int run(std::vector<std::string> const& words) {
    auto line = control::parse_command_line(words);
    if (!line) {
        complain(line.error());
        return wrong_usage;
    }
    if (line->help) {
        std::fputs((line->command == nullptr ? control::help_text() : control::help_text(*line->command)).c_str(),
                   stdout);
        return done;
    }
    std::filesystem::path const data = line->data.value_or("/var/lib/postern");
    std::filesystem::path const socket = std::filesystem::absolute(
        line->control.value_or(line->data ? data / "control.sock" : "/run/postern/control.sock"));
    auto client = control::Client::connect(socket);
    if (!client && client.error() == boost::system::errc::permission_denied) {
        complain(std::format("only root and the daemon's own group may use {}", socket.native()));
        return refused;
    }
    if (!client && line->command->name == "check")
        return (line->arguments.contains("repair") ? repair_offline : check_offline)(data, line->json);
    if (!client) {
        complain(std::format("no daemon answers at {}: {}", socket.native(), client.error().message()));
        return no_daemon;
    }
    std::optional<NewPassword> password;
    for (control::Parameter const& parameter : line->command->parameters) {
        if (parameter.kind != control::ParameterKind::secret) continue;
        password = new_password(line->password_stdin);
        if (!password) return refused;
        line->arguments[parameter.name] = password->secret.reveal();
    }
    auto const answer = (*client)->ask(*line->command, line->arguments);
    if (answer && password && password->made_up)
        std::fputs(std::format("password: {}\n", password->secret.reveal()).c_str(), stdout);
    return finish(answer, line->json);
}

} // namespace

int main(int argc, char** argv) {
    core::set_log_level(core::Level::warning);
    try {
        return run(std::vector<std::string>(argv + 1, argv + argc));
    } catch (std::exception const& fault) {
        complain(fault.what());
        return refused;
    }
}
