#include "setup/box_state.h"

#include "control/backup_status.h"
#include "control/box_facts.h"
#include "setup/facts.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <chrono>
#include <format>
#include <utility>

namespace postern::setup {

namespace {

namespace json = boost::json;

std::string link_state(Words const& say, json::value const& link) {
    if (text_of(link, "mode") != "auto")
        return text_of(link, "mode") == "hold" ? owned(say.held) : text_of(link, "mode");
    auto const& relays = rows_of(field(link, "relays"));
    if (relays.empty()) return owned(say.no_relay);
    std::string states;
    for (auto const& relay : relays)
        states += std::format("{}{} {}", states.empty() ? "" : ", ", text_of(relay, "relay"), text_of(relay, "link"));
    return states;
}

// What somebody should look at.
std::vector<std::string> alarms(Words const& say, json::value const& status, json::value const& link) {
    if (status.is_null()) return {owned(say.no_answer)};
    std::vector<std::string> found;
    if (number_of(status, "store.free_octets") < control::little_disk) found.push_back(owned(say.disk_full));
    if (auto const used = number_of(status, "box.wear"); used >= control::worn)
        found.push_back(Desk::fill(say.worn, std::to_string(used)));
    if (auto const guarded = field(status, "box.menu_password").if_bool(); guarded != nullptr && !*guarded)
        found.push_back(owned(say.no_menu_password));
    for (auto const& relay : rows_of(field(link, "relays")))
        if (auto const refuses = field(relay, "refuses").if_bool(); refuses != nullptr && *refuses)
            found.push_back(std::format("{}: {}", text_of(relay, "relay"), text_of(relay, "trouble")));
    if (auto const* const backup = field(status, "last_backup").if_object())
        if (auto const trouble = control::backup_alarm(*backup); !trouble.empty())
            found.push_back(Desk::fill(say.backups_fail, trouble));
    if (auto const trouble = text_of(status, "certificate.trouble"); !trouble.empty()) found.push_back(trouble);
    return found;
}

// "1 d 3 h"
std::string span_of(Words const& say, std::int64_t seconds) {
    auto const span = std::chrono::seconds(seconds);
    auto const days = std::chrono::duration_cast<std::chrono::days>(span);
    auto const hours = std::chrono::duration_cast<std::chrono::hours>(span - days);
    return Desk::fill(say.days, std::to_string(days.count()), std::to_string(hours.count()));
}

std::string last_backup(Words const& say, json::value const& status) {
    if (field(status, "last_backup.age_seconds").is_null()) return owned(say.not_yet);
    return Desk::fill(say.ago, span_of(say, number_of(status, "last_backup.age_seconds")),
                      text_of(status, "last_backup.file"));
}

// Of the system, where the image says it, and the part of the disk that it runs from.
std::string version(json::value const& status) {
    auto const system = text_of(status, "box.version");
    auto const slot = text_of(status, "box.slot");
    return (system.empty() ? text_of(status, "version") : system) + (slot.empty() ? "" : std::format(" ({})", slot));
}

std::vector<std::string> lines_without_office(Desk& desk, std::string_view what) {
    std::vector<std::string> lines{owned(what)};
    for (auto const& address : desk.box.addresses()) lines.push_back(address);
    return lines;
}

} // namespace

Screen status_screen(Desk& desk) {
    auto const& say = desk.words();
    desk.menu.wait();
    auto const status = fact_of(desk.box.ask("status"));
    auto const link = fact_of(desk.box.ask("link.show"));
    Screen screen{.title = owned(say.status)};
    for (auto& alarm : alarms(say, status, link)) screen.items.push_back({owned(say.alarm), std::move(alarm)});
    if (status.is_null()) return screen;
    std::string addresses;
    for (auto const& address : desk.box.addresses()) addresses += (addresses.empty() ? "" : ", ") + address;
    auto const add = [&](std::string_view label, std::string value) {
        screen.items.push_back({owned(label), std::move(value)});
    };
    add(say.own_address, addresses);
    add(say.link, link_state(say, link));
    add(say.queue, Desk::fill(say.items, std::to_string(number_of(status, "queue"))));
    add(say.internet, text_of(status, "lookups.internet"));
    add(say.accounts, std::to_string(number_of(status, "accounts")));
    add(say.messages, std::to_string(number_of(status, "messages")));
    add(say.disk_free, size_of(number_of(status, "store.free_octets")));
    if (auto const used = text_of(status, "box.wear"); !used.empty()) add(say.wear, used + " %");
    if (auto const encrypted = field(status, "box.encrypted").if_bool())
        add(say.encrypted, owned(*encrypted ? say.yes : say.no));
    add(say.last_backup, last_backup(say, status));
    add(say.uptime, span_of(say, number_of(status, "uptime_seconds")));
    add(say.time, moment_of(text_of(status, "time")));
    add(say.addresses_given, text_of(status, "addresses_handed_out"));
    add(say.certificate,
        std::format("{}, {}", text_of(status, "certificate.host"), text_of(status, "certificate.until").substr(0, 10)));
    add(say.version, version(status));
    if (auto left = text_of(status, "box.left"); !left.empty()) add(say.left_version, std::move(left));
    auto const results = fact_of(desk.box.ask("box.results"));
    for (auto const& row : rows_of(results))
        add(say.results, std::format("{}: {}", text_of(row, "request"), text_of(row, "result")));
    return screen;
}

std::vector<std::string> lines_at_rest(Desk& desk) {
    auto const& say = desk.words();
    auto const status = fact_of(desk.box.ask("status"));
    if (!text_of(status, "waits").empty()) return lines_without_office(desk, say.welcome);
    if (status.is_null() && desk.box.is_locked()) return lines_without_office(desk, say.disk_locked);
    auto const link = fact_of(desk.box.ask("link.show"));
    std::vector<std::string> lines;
    for (auto const& alarm : alarms(say, status, link)) lines.push_back(std::format("{}: {}", say.alarm, alarm));
    if (status.is_null()) return lines;
    std::string name = text_of(status, "host_name");
    for (auto const& address : desk.box.addresses()) name += " " + address;
    lines.push_back(std::move(name));
    lines.push_back(std::format("{}, {}", link_state(say, link),
                                Desk::fill(say.items, std::to_string(number_of(status, "queue")))));
    if (auto const left = text_of(status, "box.left"); !left.empty())
        lines.push_back(std::format("{}: {}", say.left_version, left));
    if (!field(status, "last_backup.age_seconds").is_null())
        lines.push_back(std::format("{}: {}", say.last_backup, last_backup(say, status)));
    return lines;
}

} // namespace postern::setup
