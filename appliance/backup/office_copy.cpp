#include "backup/office_copy.h"

#include "store/schema.h"
#include "store/settings.h"

#include <algorithm>
#include <exception>
#include <format>
#include <fstream>
#include <iterator>
#include <vector>

namespace postern::backup {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view domain_setting = "office.domain";

// What the daemon cannot read it does not use either.
std::vector<store::CopiedFile> read_files(fs::path const& data, std::string_view directory) {
    std::vector<store::CopiedFile> files;
    std::error_code error;
    for (auto at = fs::recursive_directory_iterator(data / directory, error); at != fs::recursive_directory_iterator();
         at.increment(error)) {
        if (error) break;
        auto const name = at->path().lexically_relative(data).native();
        if (!at->is_regular_file(error) || !store::is_copied_name(name) || name.ends_with(".new")) continue;
        std::ifstream in(at->path(), std::ios::binary);
        if (!in || at->file_size(error) > store::longest_copied_file) continue;
        files.push_back({.name = name,
                         .mode = static_cast<std::uint32_t>(at->status(error).permissions() & fs::perms::mask),
                         .content = {std::istreambuf_iterator<char>(in), {}}});
    }
    std::ranges::sort(files, {}, &store::CopiedFile::name);
    return files;
}

} // namespace

std::expected<std::shared_ptr<store::Copy>, std::string> begin_copy(store::Store& store, fs::path const& data,
                                                                    core::WallTime now) try {
    store::CopyHead head{.schema = store::schema_version, .made = now.time_since_epoch().count(), .domain = {}};
    auto const settings = store.read_here([](store::ReadTransaction const& transaction) {
        return store::Result<std::vector<std::pair<std::string, std::string>>>(store::list_settings(transaction));
    });
    if (!settings) return std::unexpected(std::format("the store cannot be read: {}", describe(settings.error())));
    for (auto const& [name, value] : *settings)
        if (name == domain_setting) head.domain = value;
    auto copy = store::Copy::begin(store, data, head, read_files(data, "tls"));
    if (!copy) return std::unexpected(std::format("the store cannot be read: {}", describe(copy.error())));
    return std::make_shared<store::Copy>(std::move(*copy));
} catch (std::exception const& fault) {
    return std::unexpected(std::format("the store cannot be copied: {}", fault.what()));
}

std::expected<std::string, std::string> next_piece(store::Copy& copy) try {
    auto piece = copy.next();
    if (!piece) return std::unexpected(std::format("the store cannot be read: {}", describe(piece.error())));
    return std::move(*piece);
} catch (std::exception const& fault) {
    return std::unexpected(std::format("the store cannot be copied: {}", fault.what()));
}

} // namespace postern::backup
