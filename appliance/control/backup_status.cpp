#include "control/backup_status.h"

#include "control/actions.h"
#include "net/whole_file.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

namespace postern::control {

namespace {

constexpr std::string_view file_name = "last_backup";

} // namespace

json::object last_backup(std::filesystem::path const& data) {
    auto const text = net::read_file(data / file_name);
    if (!text || !*text) return {};
    boost::system::error_code error;
    auto const rows = json::parse(**text, error);
    return error || !rows.is_object() ? json::object() : rows.get_object();
}

json::object with_age(json::object last_backup, core::WallTime now) {
    json::value const* const made = last_backup.if_contains("made");
    if (made == nullptr || !made->is_string()) return last_backup;
    if (auto const time = read_written(made->get_string()))
        last_backup["age_seconds"] =
            std::max(std::chrono::duration_cast<std::chrono::seconds>(now - *time).count(), std::int64_t{0});
    return last_backup;
}

std::string backup_alarm(json::object const& last_backup) {
    auto const says = [&](std::string_view row) {
        json::value const* const value = last_backup.if_contains(row);
        return value != nullptr && value->is_bool() && value->get_bool();
    };
    json::value const* const trouble = last_backup.if_contains("trouble");
    if (trouble == nullptr || !trouble->is_string() || !(says("failed") || says("overdue"))) return {};
    return std::string(trouble->get_string());
}

std::expected<void, std::string> note_backup(std::filesystem::path const& data, json::object const& rows) {
    auto all = last_backup(data);
    for (auto const& row : rows) all[row.key()] = row.value();
    auto const written = net::write_file(data / file_name, json::serialize(all), 0600);
    struct stat owner{};
    // The daemon is to read what root wrote.
    if (written && ::geteuid() == 0 && ::stat(data.c_str(), &owner) == 0 &&
        ::lchown((data / file_name).c_str(), owner.st_uid, owner.st_gid) != 0)
        return std::unexpected("the file for `postern status` cannot be given to the daemon");
    return written;
}

} // namespace postern::control
