#include "control/alarms.h"

#include "control/backup_status.h"
#include "control/box_facts.h"
#include "net/whole_file.h"

#include <filesystem>
#include <format>
#include <string_view>
#include <system_error>
#include <utility>

namespace postern::control {

namespace {

constexpr std::string_view alarms_file = "alarms";

} // namespace

asio::awaitable<std::vector<std::string>> find_alarms(Daemon& daemon) {
    std::vector<std::string> found;
    std::error_code error;
    auto const space = std::filesystem::space(daemon.data, error);
    if (!error && std::cmp_less(space.available, little_disk))
        found.push_back(std::format("the disk is nearly full: less than {} MiB are free", little_disk >> 20U));
    if (auto const facts = read_box_facts(daemon.run)) {
        if (facts->wear.value_or(0) >= worn)
            found.push_back(
                std::format("{} % of the flash's life are used: back up, and put in a new one", *facts->wear));
        if (!co_await has_menu_password(daemon.office))
            found.emplace_back("whoever is at the box may change all: give the menu a password");
    }
    for (auto const& relay : daemon.dispatcher.status())
        // That it cannot be reached is no more than what an office without a link expects.
        if (relay.refuses) found.push_back(std::format("relay {}: {}", relay.name, relay.trouble));
    if (auto const trouble = backup_alarm(last_backup(daemon.data)); !trouble.empty())
        found.push_back(std::format("backups fail: {}", trouble));
    if (auto const trouble = daemon.certificate().trouble; !trouble.empty())
        found.push_back(std::format("certificate: {}", trouble));
    co_return found;
}

asio::awaitable<void> tell_alarms(Daemon& daemon) {
    if (!read_box_facts(daemon.run)) co_return;
    std::string wanted;
    for (auto const& alarm : co_await find_alarms(daemon)) wanted += alarm + '\n';
    auto const path = daemon.run / alarms_file;
    auto const there = net::read_file(path);
    // One that cannot be written is a light that does not change.
    if (!there || *there != wanted) (void)net::write_file(path, wanted, 0644);
}

} // namespace postern::control
