#include "control/backup_status.h"

#include "net/whole_file.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <sys/stat.h>
#include <unistd.h>

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
