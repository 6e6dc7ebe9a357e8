// Files that may be large: made under another name until they are whole on flash, and read back as the medium has them.
// Block. Errors are sentences for the administrator.
#pragma once

#include "store/file.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>

namespace postern::backup {

class NewFile {
public:
    // Makes PATH.unfinished, for its owner alone, in place of what an interrupted run left; refuses a PATH that is
    // there.
    static std::expected<NewFile, std::string> make(std::filesystem::path path);
    NewFile(NewFile&& other) noexcept;
    NewFile& operator=(NewFile&&) = delete;
    ~NewFile(); // without keep(), nothing is left of it

    [[nodiscard]] std::expected<void, std::string> write(std::string_view octets);
    // All of it is on flash, and no more in memory.
    [[nodiscard]] std::expected<void, std::string> sync();
    // And it has its name.
    [[nodiscard]] std::expected<void, std::string> keep();

    [[nodiscard]] std::filesystem::path const& draft() const { return draft_; }
    [[nodiscard]] std::uint64_t size() const { return size_; }

private:
    NewFile(std::filesystem::path path, std::filesystem::path draft, store::File file);
    [[nodiscard]] std::unexpected<std::string> failed() const;

    std::filesystem::path path_, draft_; // empty draft: it is no more ours
    store::File file_;
    std::uint64_t size_ = 0, begun_ = 0; // octets written; of these on their way to flash
};

class ReadFile {
public:
    static std::expected<ReadFile, std::string> open(std::filesystem::path const& path);

    // Up to so many octets, fewer at the end.
    [[nodiscard]] std::expected<std::string, std::string> read(std::size_t most);

private:
    ReadFile(std::filesystem::path path, store::File file) : path_(std::move(path)), file_(std::move(file)) {}

    std::filesystem::path path_;
    store::File file_;
};

} // namespace postern::backup
