// `postern restore`: a box as a backup has it. What is restored is built beside what is there, checked, and takes its
// place in one step; a power cut before it leaves what was there, and after it the daemon, or whoever is called next,
// does the rest (finish_restore). Block. Errors are sentences for the administrator.
#pragma once

#include "backup/header.h"
#include "core/clock.h"

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <vector>

namespace postern::backup {

struct RestoreWishes {
    bool replace = false;    // what is there, which is kept beside
    bool send_queue = false; // what waited then, too
    bool damaged = false;    // also where the store was not whole that the backup is of
};

struct Restored {
    std::string domain;
    core::WallTime of{}; // the instant of the backup
    std::uint64_t accounts = 0, mailboxes = 0, messages = 0;
    std::uint64_t queue_items = 0, held = 0; // and how many of these wait for an administrator
    std::vector<std::string> problems;       // that the store has
    std::filesystem::path replaced;          // where what was there is now; empty: there was nothing
};

// Holds the directory as a daemon does, and is refused while one runs.
[[nodiscard]] std::expected<Restored, std::string> restore(std::filesystem::path const& data,
                                                           std::filesystem::path const& file,
                                                           Credentials const& credentials, RestoreWishes wishes,
                                                           core::WallTime now);

// Goes on with a restore that a power cut ended after its one step, and clears away one that ended before; nothing as a
// rule. Before the store is opened.
// Gives where what was replaced lies, if anything was.
std::expected<std::filesystem::path, std::string> finish_restore(std::filesystem::path const& data);

} // namespace postern::backup
