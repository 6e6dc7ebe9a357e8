#include "control/sticks.h"

#include "backup/header.h"
#include "control/actions.h"
#include "text/ascii.h"
#include "text/utf8.h"

#include <boost/json/array.hpp>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace postern::control {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_sticks = 16, most_files = 100, most_entries = 10'000; // of each kind, and looked at

struct FoundBackup {
    std::string file, domain, protection;
    std::optional<core::WallTime> made;
    std::uintmax_t octets;

    [[nodiscard]] auto age() const { return std::tie(made, file); }
};

std::string_view describe(backup::Protection protection) {
    switch (protection) {
    case backup::Protection::checksums: return "nothing";
    case backup::Protection::passphrase: return "passphrase";
    case backup::Protection::key: return "key";
    }
    std::unreachable();
}

std::optional<std::string> take_octets(std::ifstream& in, std::size_t size) {
    std::string octets(size, '\0');
    if (!in.read(octets.data(), static_cast<std::streamsize>(size))) return std::nullopt;
    return octets;
}

// Nothing: it is none of ours.
std::optional<FoundBackup> look_at(fs::path const& path, std::uintmax_t octets) {
    std::ifstream in(path, std::ios::binary);
    if (!in)
        return FoundBackup{.file = path.native(), .domain = {}, .protection = "unknown", .made = {}, .octets = octets};
    auto const prefix = take_octets(in, backup::prefix_size);
    if (!prefix) return std::nullopt;
    auto const size = backup::rest_of_header(*prefix);
    auto const rest = size ? take_octets(in, *size) : std::nullopt;
    if (!rest) return std::nullopt;
    auto const header = backup::decode_header(*prefix + *rest);
    if (!header || !text::is_utf8(header->domain)) return std::nullopt;
    return FoundBackup{.file = path.native(),
                       .domain = header->domain,
                       .protection = std::string(describe(header->protection)),
                       .made = core::WallTime(std::chrono::seconds(header->made)),
                       .octets = octets};
}

bool is_text(fs::path const& path) {
    return text::is_utf8(path.native()) && std::ranges::none_of(path.native(), text::is_control);
}

} // namespace

fs::path sticks_directory(fs::path const& run) { return run.parent_path() / "media"; }

json::object list_sticks(fs::path const& directory) {
    json::array sticks, updates;
    std::vector<FoundBackup> backups;
    std::error_code error;
    for (auto const& stick : fs::directory_iterator(directory, error)) {
        if (sticks.size() == most_sticks || !stick.is_directory(error) || !is_text(stick)) continue;
        auto const space = fs::space(stick, error);
        std::uintmax_t const available = error ? 0 : space.available;
        std::uintmax_t unfinished = 0;
        std::size_t looked = 0;
        auto file = fs::directory_iterator(stick, error);
        for (; !error && file != fs::directory_iterator() && ++looked < most_entries; file.increment(error)) {
            auto const& path = file->path();
            std::error_code none;
            auto const status = file->symlink_status(none);
            if (none || !fs::is_regular_file(status) || !is_text(path)) continue;
            auto const octets = file->file_size(none);
            if (none) continue;
            if (path.extension() == ".unfinished") unfinished += octets;
            if (path.extension() == ".raucb" && updates.size() < most_files)
                updates.push_back({{"file", path.native()}, {"octets", octets}});
            if (path.extension() != ".postern" || backups.size() == most_files) continue;
            if (auto found = look_at(path, octets)) backups.push_back(std::move(*found));
        }
        error.clear();
        sticks.push_back(
            {{"path", stick.path().native()}, {"free_octets", available}, {"unfinished_octets", unfinished}});
    }
    std::ranges::sort(backups, std::ranges::greater(), &FoundBackup::age);
    json::array rows;
    for (auto const& backup : backups)
        rows.push_back({{"file", backup.file},
                        {"domain", backup.domain},
                        {"made", backup.made ? written(*backup.made) : ""},
                        {"octets", backup.octets},
                        {"protected_by", backup.protection}});
    return {{"sticks", std::move(sticks)}, {"backups", std::move(rows)}, {"updates", std::move(updates)}};
}

} // namespace postern::control
