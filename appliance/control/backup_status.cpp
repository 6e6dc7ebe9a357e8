#include "control/backup_status.h"

#include "net/whole_file.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

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
    return net::write_file(data / file_name, json::serialize(all), 0600);
}

} // namespace postern::control
