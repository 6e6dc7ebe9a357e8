// `postern backup`: a file is made of a copy of the store, read back from its medium and proved, and only then has its
// name. Blocks. Errors are sentences for the administrator.
#pragma once

#include "backup/header.h"
#include "core/clock.h"
#include "core/random.h"
#include "store/check.h"

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace postern::backup {

// What follows of the copy (store/copy.h); empty at its end.
using Content = std::function<std::expected<std::string, std::string>()>;

struct Proof {
    std::uint64_t rows = 0, files = 0;
    std::optional<store::CheckReport> check; // nothing: there was no room to open it aside; all of it was read
};

struct Made {
    std::filesystem::path file;
    std::string domain;
    core::WallTime of{};       // the instant
    std::uint64_t octets = 0;  // of the file
    std::uint64_t content = 0; // before it was compressed
    Proof proof;
};

// `to`: a file, or a directory in which it gets a name of the office and the time, unless there is no store in it.
// `aside`: where there may be room to open it for the proof.
[[nodiscard]] std::expected<Made, std::string> make(std::filesystem::path const& to, Content const& content,
                                                    Credentials const& credentials, core::Random& random,
                                                    std::filesystem::path const& aside);

// Reads all of a backup, and has the store's own check look at what it gives, if there is room for it in `aside`.
// `content`: about how many octets are in it.
[[nodiscard]] std::expected<Proof, std::string> prove(std::filesystem::path const& file, Credentials const& credentials,
                                                      std::filesystem::path const& aside, std::uint64_t content);

// "office.lan-20261130T065945Z.postern"
[[nodiscard]] std::string name_of(std::string_view domain, core::WallTime of);

} // namespace postern::backup
