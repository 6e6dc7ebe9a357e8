// Mailboxes that are one file each, as mboxrd has them (RFC 4155 and its note on "From " lines): a line "From SENDER
// DATE" before each message, ">" before each line in it that would begin so, flags in Status and X-Status, keywords in
// X-Keywords. Block. Errors are sentences for the administrator.
#pragma once

#include "migration/letter.h"
#include "migration/maildir.h"

#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace postern::migration {

class MboxWriter {
public:
    // A new file.
    static std::expected<MboxWriter, std::string> make(std::filesystem::path const& file);
    MboxWriter(MboxWriter&&) noexcept;
    MboxWriter& operator=(MboxWriter&&) = delete;
    ~MboxWriter(); // without end(), nothing is left of it

    [[nodiscard]] std::expected<void, std::string> put(Letter const& letter);
    // All of it is on flash.
    [[nodiscard]] std::expected<void, std::string> end();

private:
    struct Out;
    explicit MboxWriter(std::unique_ptr<Out> out);
    std::unique_ptr<Out> out_;
};

// A letter as it stands in the file, "From " line and all, and back; pure.
[[nodiscard]] std::string to_mbox(Letter const& letter);
// `from`: what follows "From "; `lines`: all that follows that line. A date that cannot be read is left at `otherwise`.
[[nodiscard]] Letter from_mbox(std::string_view from, std::string_view lines, core::WallTime otherwise);

[[nodiscard]] std::expected<void, std::string> read_mbox(std::filesystem::path const& file, TakeLetter const& take);

} // namespace postern::migration
