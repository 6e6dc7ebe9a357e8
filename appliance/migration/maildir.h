// Maildir++ as Dovecot and Courier have it (doc.dovecot.org, "Maildir Mailbox Format"): INBOX at the root, every other
// mailbox in a directory beside cur, new and tmp that is called by all its levels, ".Archive.2026", each in modified
// UTF-7; flags in the names of files, keywords as letters that dovecot-keywords explains, INTERNALDATE as a file's
// time. Block. Errors are sentences for the administrator.
#pragma once

#include "migration/letter.h"

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::migration {

class MaildirWriter {
public:
    // A directory that is empty or not there yet.
    static std::expected<MaildirWriter, std::string> make(std::filesystem::path root);

    // Those that follow are of this mailbox; `name` in UTF-8 with "/" between levels. What it is called there is given.
    [[nodiscard]] std::expected<std::string, std::string> begin(std::string_view name);
    [[nodiscard]] std::expected<void, std::string> put(Letter const& letter);
    // All of that mailbox is on flash.
    [[nodiscard]] std::expected<void, std::string> end();
    [[nodiscard]] std::expected<void, std::string> subscribe(std::vector<std::string> const& names);

    // Keywords beyond the 26 that a mailbox can have there.
    [[nodiscard]] std::uint64_t keywords_lost() const { return keywords_lost_; }

private:
    explicit MaildirWriter(std::filesystem::path root) : root_(std::move(root)) {}

    std::filesystem::path root_, box_;
    std::vector<std::string> keywords_;
    std::uint64_t number_ = 0, keywords_lost_ = 0;
};

// "Archive.2026" for "Archive/2026"; a dot within a level, which divides levels there, becomes "_".
[[nodiscard]] std::string maildir_name(std::string_view name);

// Takes each letter of a mailbox; the error ends the reading.
using TakeLetter = std::function<std::expected<void, std::string>(Letter)>;

[[nodiscard]] bool is_maildir(std::filesystem::path const& path);
// Names in UTF-8 with "/" between levels, INBOX first.
[[nodiscard]] std::vector<std::string> list_maildir(std::filesystem::path const& root);
// In the order in which they came.
[[nodiscard]] std::expected<void, std::string> read_maildir(std::filesystem::path const& root, std::string_view name,
                                                            TakeLetter const& take);

// A text whose every line ends in LF, for files; a message that has an LF without a CR, or a CR without an LF, as it
// is.
[[nodiscard]] std::string with_lf(std::string_view text);
// Every LF with a CR before it.
[[nodiscard]] std::string with_crlf(std::string_view text);

} // namespace postern::migration
