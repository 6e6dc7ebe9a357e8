// postern: the administrator's command line.
#include "app/backups.h"
#include "app/migrations.h"
#include "app/programs.h"
#include "app/terminal.h"
#include "backup/restoring.h"
#include "control/actions.h"
#include "control/answers.h"
#include "control/client.h"
#include "control/command_line.h"
#include "control/print.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/random.h"
#include "core/read_start.h"
#include "setup/box.h"
#include "setup/facts.h"
#include "setup/lcd_face.h"
#include "setup/plain_face.h"
#include "setup/serial_face.h"
#include "store/store.h"
#include "text/base64.h"
#include "text/utf8.h"

#include <boost/json/serialize.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <expected>
#include <format>
#include <string>
#include <vector>

namespace postern::app {

namespace {

enum ExitCode : int { exit_done = 0, exit_refused = 1, exit_wrong_usage = 2, exit_no_daemon = 3 };

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
        auto password = read_secret_line();
        if (password) return NewPassword{std::move(*password)};
        complain("standard input holds no password");
        return std::nullopt;
    }
    if (has_terminal()) {
        auto password = ask_secret("New password (empty: one is made up): ");
        if (!password) return std::nullopt;
        if (!password->empty()) {
            if (ask_secret("The same again: ") == password) return NewPassword{std::move(*password)};
            complain("the two are not the same");
            return std::nullopt;
        }
    }
    return NewPassword{make_up_password(), true};
}

// The same of one that somebody else decided on.
std::optional<NewPassword> known_password(bool from_stdin) {
    if (!from_stdin && !has_terminal()) {
        complain("a password is wanted: give it on standard input, with --password-stdin");
        return std::nullopt;
    }
    auto password = from_stdin ? read_secret_line() : ask_secret("Password: ");
    if (password && !password->empty()) return NewPassword{std::move(*password)};
    if (password || from_stdin) complain("no password was given");
    return std::nullopt;
}

void show_made_up(NewPassword const* password) {
    if (password != nullptr && password->made_up)
        std::fputs(std::format("password: {}\n", password->secret.reveal()).c_str(), stdout);
}

int finish(control::Answer const& answer, bool json, decltype(control::Command::print) print = control::print) {
    boost::json::value const& result = answer ? *answer : answer.error().result;
    std::fputs((json ? boost::json::serialize(result) + "\n" : print(result)).c_str(), stdout);
    if (answer) return exit_done;
    complain(answer.error().reason);
    return exit_refused;
}

// Text, of a length that a request may have. The error is a few words.
std::expected<std::string, std::string> read_upload(std::filesystem::path const& path) {
    constexpr std::size_t most = 256 * 1024;
    auto content = core::read_start(path, most + 1);
    if (!content) return std::unexpected(content.error().message());
    if (content->size() > most) return std::unexpected("it is too long");
    if (!text::is_utf8(*content)) return std::unexpected("it is no text");
    return std::move(*content);
}

// One that its owner alone can read. It goes again unless it is kept.
class PrivateFile {
public:
    explicit PrivateFile(std::filesystem::path path)
        : path_(std::move(path)),
          descriptor_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR)) {}
    PrivateFile(PrivateFile const&) = delete;
    PrivateFile& operator=(PrivateFile const&) = delete;
    ~PrivateFile() {
        if (descriptor_ < 0) return;
        ::close(descriptor_);
        if (!kept_) ::unlink(path_.c_str());
    }

    [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
    bool keep(std::string_view content) {
        while (!content.empty()) {
            ssize_t const written = ::write(descriptor_, content.data(), content.size());
            if (written <= 0) return false;
            content.remove_prefix(static_cast<std::size_t>(written));
        }
        return kept_ = ::fsync(descriptor_) == 0;
    }

private:
    std::filesystem::path path_;
    int descriptor_;
    bool kept_ = false;
};

// The file is there before the daemon is asked: what it makes may replace what was.
int ask_for_file(control::Client& client, control::CommandLine const& line, NewPassword const* password) {
    PrivateFile file(*line.file);
    if (!file.is_open()) {
        complain(std::format("cannot make {}: {}", line.file->native(), std::strerror(errno)));
        return exit_refused;
    }
    auto const answer = client.ask(*line.command, line.arguments);
    if (!answer) return finish(answer, line.json);
    auto content = text::base64_decode(answer->as_string());
    if (!content) {
        complain("the daemon's answer cannot be read; are both of one version?");
        return exit_refused;
    }
    bool const kept = file.keep(*content);
    core::wipe(*content);
    if (kept) {
        show_made_up(password);
        return exit_done;
    }
    complain(std::format("cannot write {}: {}", line.file->native(), std::strerror(errno)));
    return exit_refused;
}

int show_menu(setup::ControlBox& box, control::CommandLine const& line) {
    if (auto const place = line.given("lcd")) setup::run_on_lcd(box, *place);
    setup::Menu menu;
    setup::Desk desk{.menu = menu, .box = box};
    if (line.arguments.contains("plain") || !setup::run_on_terminal(desk)) setup::run_plain(desk);
    return exit_done;
}

// Before there is anything on the disk; the daemon is away meanwhile.
control::Answer encrypt_as_answered(setup::ControlBox& box, control::CommandLine const& line) {
    auto const answers = control::read_answers(*line.given("answers"));
    auto const status = box.ask("status", {});
    if (!answers || !answers->encryption || !status || !setup::field(*status, "waits").is_string()) return nullptr;
    if (setup::text_of(*status, "box.encrypted") != "false") return nullptr; // whoever makes the office says why
    auto const asked = box.ask(
        "box.encrypt", {{"open", answers->encryption->open}, {"password", answers->encryption->passphrase.reveal()}});
    if (!asked) return asked;
    return box.wait_for_encryption();
}

// Answers are done once the office serves, so that a script may go on.
int set_up(control::CommandLine const& line, std::filesystem::path const& socket) {
    setup::ControlBox box(socket, {});
    if (auto const answer = encrypt_as_answered(box, line); !answer) return finish(answer, line.json);
    auto const answer = box.ask(line.command->name, line.arguments);
    if (answer && answer->at("changed").as_bool() && !box.wait_for_office()) {
        complain("the office was made, but the daemon does not serve yet; its log says why");
        return exit_refused;
    }
    return finish(answer, line.json);
}

// What needs no daemon: a store that nobody has open.
int check_offline(std::filesystem::path const& data, bool json) {
    if (auto const ended = backup::finish_restore(data); !ended) {
        complain(ended.error());
        return exit_refused;
    }
    auto opened = store::Store::open(data, {.read_only = true});
    if (!opened) {
        complain(opened.error().reason);
        return exit_refused;
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

// What `postern` does by itself, with a daemon or without.
int do_it_here(control::CommandLine const& line, control::Client* daemon, std::filesystem::path const& data) {
    std::string_view const name = line.command->name;
    if (name == "backup-key") return finish(make_backup_key(line), line.json);
    if (name == "restore") return finish(restore(line, daemon, data), line.json);
    if (name == "export") return finish(export_account(line, daemon, data), line.json);
    if (name == "import") return finish(import_account(line, *daemon), line.json);
    return finish(backup(line, daemon, data), line.json);
}

int run(std::vector<std::string> const& words) {
    auto line = control::parse_command_line(words);
    if (!line) {
        complain(line.error());
        return exit_wrong_usage;
    }
    if (line->help) {
        std::fputs((line->command == nullptr ? control::help_text() : control::help_text(*line->command)).c_str(),
                   stdout);
        return exit_done;
    }
    std::filesystem::path const data = line->data.value_or("/var/lib/postern");
    std::filesystem::path const socket = std::filesystem::absolute(
        line->control.value_or(line->data ? data / "control.sock" : "/run/postern/control.sock"));
    auto client = control::Client::connect(socket);
    if (!client && client.error() == boost::system::errc::permission_denied) {
        complain(std::format("only root and the daemon's own group may use {}", socket.native()));
        return exit_refused;
    }
    bool const scheduled = line->arguments.contains("scheduled");
    if (line->command->name == "backup" && scheduled == line->arguments.contains("to")) {
        complain("a backup goes to one file or directory, or, with --scheduled, where backup.directory says");
        return exit_wrong_usage;
    }
    bool const wants_daemon = scheduled || line->command->name == "import";
    if (line->command->action == nullptr && (client || !wants_daemon))
        return do_it_here(*line, client ? client->get() : nullptr, data);
    if (!client && line->command->name == "check")
        return (line->arguments.contains("repair") ? repair_offline : check_offline)(data, line->json);
    if (line->command->name == "setup" && line->uploads.empty()) {
        setup::ControlBox box(socket, line->given("unlock").value_or("/usr/lib/postern/unlock-data"));
        if (client || box.is_locked()) return show_menu(box, *line);
    }
    if (!client) {
        complain(std::format("no daemon answers at {}: {}", socket.native(), client.error().message()));
        return exit_no_daemon;
    }
    for (auto const& [name, path] : line->uploads) {
        auto content = read_upload(path);
        if (!content) {
            complain(std::format("cannot read {}: {}", path.native(), content.error()));
            return exit_refused;
        }
        line->arguments[name] = *content;
        core::wipe(*content);
    }
    std::optional<NewPassword> password;
    for (control::Parameter const& parameter : line->command->parameters) {
        if (parameter.kind == control::ParameterKind::secret)
            password = new_password(line->password_stdin);
        else if (parameter.kind == control::ParameterKind::known_secret)
            password = known_password(line->password_stdin);
        else
            continue;
        if (!password) return exit_refused;
        line->arguments[parameter.name] = password->secret.reveal();
    }
    NewPassword const* const given = password ? &*password : nullptr;
    if (line->command->name == "setup") return set_up(*line, socket);
    if (line->file) return ask_for_file(**client, *line, given);
    auto const answer = (*client)->ask(*line->command, line->arguments);
    if (answer) show_made_up(given);
    return finish(answer, line->json, line->command->print);
}

} // namespace

int run_command(int argc, char** argv) {
    core::set_log_level(core::Level::warning);
    try {
        return run(std::vector<std::string>(argv + 1, argv + argc));
    } catch (std::exception const& fault) {
        complain(fault.what());
        return exit_refused;
    }
}

} // namespace postern::app
