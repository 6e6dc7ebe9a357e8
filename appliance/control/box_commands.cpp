#include "control/actions.h"
#include "control/daemon.h"
#include "core/log.h"
#include "net/whole_file.h"
#include "store/audit.h"

#include <algorithm>
#include <filesystem>
#include <format>

// What only root may do is asked of the box by a file in a directory that a service of the image watches: its name says
// what is wanted, its lines NAME=VALUE say how. What came of it is NAME.result beside it.
namespace postern::control {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_path = 1024;
constexpr std::string_view results = ".result";

bool is_line(std::string_view value) {
    return std::ranges::none_of(value, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
}

asio::awaitable<Answer> ask_box(Call call, std::string name, std::string parameters) {
    office::Office& office = call.daemon.office;
    auto const noted = co_await office.storage.write(
        [name, parameters, caller = call.caller, now = office.clock.wall()](store::WriteTransaction& transaction) {
            std::string details = std::format("request={} by={}", name, caller);
            for (char const c : parameters) details += c == '\n' ? ' ' : c;
            return store::audit(transaction, "box", details, now);
        });
    if (!noted) co_return refused(std::string(store::describe(noted.error())));
    std::error_code error;
    fs::create_directories(call.daemon.requests, error); // if it cannot be, nothing can be written either
    fs::remove(call.daemon.requests / (name + std::string(results)), error);
    if (auto const written = net::write_file(call.daemon.requests / name, parameters, 0640); !written)
        co_return refused(written.error());
    core::log(core::Event::box_asked, {{"for", name}, {"by", call.caller}});
    co_return json::object{{"asked_for", name}};
}

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

} // namespace

asio::awaitable<Answer> restart_box(Call call) { return ask_box(std::move(call), "restart", {}); }
asio::awaitable<Answer> shut_box_down(Call call) { return ask_box(std::move(call), "shut-down", {}); }

asio::awaitable<Answer> reset_box(Call call) {
    std::string const degree = call.arguments.word("degree");
    constexpr std::string_view degrees[] = {"settings", "mail", "version"};
    if (!std::ranges::contains(degrees, degree))
        co_return refused(std::format("a box is reset to its settings, its mail or its version, not {}", degree));
    co_return co_await ask_box(std::move(call), "reset", std::format("degree={}\n", degree));
}

asio::awaitable<Answer> set_box_time(Call call) {
    auto const zone = call.arguments.option("zone");
    auto const clock = call.arguments.option("clock");
    if (!zone && !clock) co_return refused("say --zone Europe/Berlin, --clock \"2026-01-05 10:00\", or both");
    if (zone && !is_time_zone(*zone)) co_return refused(std::format("there is no time zone {}", *zone));
    if (clock && !is_clock(*clock))
        co_return refused(std::format("a time is written as 2026-01-05 10:00, not {}", *clock));
    std::string parameters;
    if (zone) parameters += std::format("zone={}\n", *zone);
    if (clock) parameters += std::format("clock={}\n", *clock);
    co_return co_await ask_box(std::move(call), "time", std::move(parameters));
}

asio::awaitable<Answer> update_box(Call call) {
    std::string const path = call.arguments.word("path");
    if (!path.starts_with('/') || path.size() > longest_path || !is_line(path))
        co_return refused("an update is named by its whole path, /run/media/sda1/postern.raucb for instance");
    co_return co_await ask_box(std::move(call), "update", std::format("file={}\n", path));
}

asio::awaitable<Answer> show_box_results(Call call) {
    json::array rows;
    std::error_code error;
    for (auto const& file : fs::directory_iterator(call.daemon.requests, error)) {
        if (file.path().extension() != results) continue;
        auto const text = net::read_file(file.path());
        if (text && *text) rows.push_back({{"request", file.path().stem().native()}, {"result", **text}});
    }
    co_return rows;
}

} // namespace postern::control
