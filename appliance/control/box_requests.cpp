#include "control/box_requests.h"

#include "net/whole_file.h"
#include "text/ascii.h"

#include <algorithm>
#include <format>

namespace postern::control {

namespace {

namespace fs = std::filesystem;
using Failure = std::unexpected<std::string>;
using Read = std::expected<BoxRequest, std::string>;

constexpr std::size_t longest_path = 1024, longest_passphrase = 512;
constexpr std::string_view result_end = ".result", failure_end = ".failure";

bool is_line(std::string_view value) { return std::ranges::none_of(value, text::is_control); }

// tzset(3)
bool is_time_zone(std::string_view zone) {
    std::error_code error;
    return !zone.empty() && is_line(zone) && !zone.starts_with('/') && !zone.contains("..") &&
           fs::is_regular_file(fs::path("/usr/share/zoneinfo") / zone, error);
}

// "2026-01-05 10:00", or with a T between.
bool is_clock(std::string_view written) {
    constexpr std::string_view form = "dddd-dd-dd dd:dd";
    if (written.size() != form.size()) return false;
    for (std::size_t at = 0; at < form.size(); ++at) {
        bool const fits = form[at] == 'd'   ? written[at] >= '0' && written[at] <= '9'
                          : form[at] == ' ' ? written[at] == ' ' || written[at] == 'T'
                                            : written[at] == form[at];
        if (!fits) return false;
    }
    return true;
}

bool is_path(std::string_view path) { return path.starts_with('/') && path.size() <= longest_path && is_line(path); }

std::expected<core::Secret, std::string> passphrase_line(std::string_view passphrase) {
    if (passphrase.size() > longest_passphrase || !is_line(passphrase))
        return Failure(std::format("a passphrase is one line of at most {} octets", longest_passphrase));
    return core::Secret(std::format("passphrase={}\n", passphrase));
}

// A file's one line.
std::string_view without_end(std::string_view text) {
    while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
    return text;
}

Read ask_reset(Arguments const& arguments) {
    std::string const& degree = arguments.word("degree");
    constexpr std::string_view degrees[] = {"access", "settings", "mail", "version"};
    if (!std::ranges::contains(degrees, degree))
        return Failure(
            std::format("a box is reset in its access, its settings, its mail or its version, not {}", degree));
    return BoxRequest{.name = "reset", .lines = std::format("degree={}\n", degree)};
}

Read ask_time(Arguments const& arguments) {
    auto const zone = arguments.option("zone");
    auto const clock = arguments.option("clock");
    if (!zone && !clock) return Failure("say --zone Europe/Berlin, --clock \"2026-01-05 10:00\", or both");
    if (zone && !is_time_zone(*zone)) return Failure(std::format("there is no time zone {}", *zone));
    if (clock && !is_clock(*clock))
        return Failure(std::format("a time is written as 2026-01-05 10:00, not {}", *clock));
    BoxRequest request{.name = "time"};
    if (zone) request.lines += std::format("zone={}\n", *zone);
    if (clock) request.lines += std::format("clock={}\n", *clock);
    return request;
}

Read ask_update(Arguments const& arguments) {
    std::string const& path = arguments.word("path");
    if (!is_path(path))
        return Failure("an update is named by its whole path, /run/media/sda1/postern.raucb for instance");
    return BoxRequest{.name = "update", .lines = std::format("file={}\n", path)};
}

// Of a backup: a passphrase that a file had, or none.
Read with_passphrase(BoxRequest request, Arguments const& arguments) {
    if (!arguments.has("passphrase-file")) return request;
    auto line = passphrase_line(without_end(arguments.secret("passphrase-file").reveal()));
    if (!line) return Failure(line.error());
    request.secret = std::move(*line);
    return request;
}

Read ask_backup(Arguments const& arguments) {
    std::string const& directory = arguments.word("directory");
    if (!is_path(directory))
        return Failure("where a backup goes is named by its whole path, /run/media/sda1 for instance");
    return with_passphrase({.name = "backup", .lines = std::format("directory={}\n", directory)}, arguments);
}

Read ask_restore(Arguments const& arguments) {
    std::string const& path = arguments.word("path");
    if (!is_path(path)) return Failure("a backup is named by its whole path; `postern box sticks` shows it");
    return with_passphrase({.name = "restore", .lines = std::format("file={}\n", path)}, arguments);
}

Read ask_encrypt(Arguments const& arguments) {
    auto const open = arguments.option("open").value_or("passphrase");
    if (open != "passphrase" && open != "tpm2")
        return Failure(std::format("the disk is opened by a passphrase or by tpm2, not by {}", open));
    auto const passphrase = arguments.secret("password").reveal();
    if (passphrase.size() < shortest_passphrase)
        return Failure(std::format("a passphrase for the disk has at least {} characters", shortest_passphrase));
    auto line = passphrase_line(passphrase);
    if (!line) return Failure(line.error());
    return BoxRequest{.name = "encrypt", .lines = std::format("open={}\n", open), .secret = std::move(*line)};
}

Read ask_restart(Arguments const& /*arguments*/) { return BoxRequest{.name = "restart"}; }
Read ask_shut_down(Arguments const& /*arguments*/) { return BoxRequest{.name = "shut-down"}; }

struct RequestRow {
    std::string_view command;
    Read (*read)(Arguments const& arguments);
};
constexpr RequestRow request_rows[] = {{"box.restart", ask_restart}, {"box.shut-down", ask_shut_down},
                                       {"box.reset", ask_reset},     {"box.time", ask_time},
                                       {"box.update", ask_update},   {"box.backup", ask_backup},
                                       {"box.restore", ask_restore}, {"box.encrypt", ask_encrypt}};

} // namespace

Read read_box_request(std::string_view command, Arguments const& arguments) {
    auto const* const row = std::ranges::find(request_rows, command, &RequestRow::command);
    if (row == std::end(request_rows)) return Failure(std::format("{} is nothing to ask of the box", command));
    return row->read(arguments);
}

std::expected<void, std::string> leave_request(fs::path const& directory, BoxRequest const& request) {
    std::error_code error;
    fs::create_directories(directory, error); // if it cannot be, nothing can be written either
    for (auto const end : {result_end, failure_end}) fs::remove(directory / (request.name + std::string(end)), error);
    core::Secret const content(std::format("{}{}", request.lines, request.secret.reveal()));
    return net::write_file(directory / request.name, content.reveal(), 0600);
}

json::array box_results(fs::path const& directory) {
    json::array found;
    std::error_code error;
    for (auto const& file : fs::directory_iterator(directory, error)) {
        bool const failed = file.path().extension() == failure_end;
        if (!failed && file.path().extension() != result_end) continue;
        auto const said = net::read_file(file.path());
        if (said && *said)
            found.push_back(
                {{"request", file.path().stem().native()}, {"failed", failed}, {"result", without_end(**said)}});
    }
    return found;
}

} // namespace postern::control
