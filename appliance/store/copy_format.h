// What a copy of a store (copy.h) looks like: one record after the other, each a letter and what follows it, lengths as
// varints (core/varint.h):
//   h  the store's schema, seconds since 1970, domain                     first, once
//   f  name, mode, content                                                a file beside the store
//   t  name                                                               the rows that follow are of this table
//   r  key, value                                                         a row
//   e  numbers of rows and of files, CRC-32C (u32) of all octets before   last, once
// Rows and not pages, so that a box with other pages reads it, and what is unused is not in it. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

namespace postern::store {

struct CopyHead {
    std::uint64_t schema = 0;
    std::int64_t made = 0; // seconds since 1970
    std::string domain;    // the office's
};

struct CopiedFile {
    std::string name; // relative, "tls/ca.crt"
    std::uint32_t mode = 0600;
    std::string content;
};

constexpr std::size_t longest_copied_key = 511; // LMDB's
constexpr std::size_t longest_copied_value = std::size_t{16} << 20;
constexpr std::size_t longest_copied_file = std::size_t{1} << 20;
constexpr std::size_t longest_copied_name = 255;

// Whether it names a file below the place where it is to lie, and none of those that are hidden.
[[nodiscard]] bool is_copied_name(std::string_view name);

class CopyWriter {
public:
    // Each appends a record; what is too long for one throws std::length_error.
    void head(std::string& out, CopyHead const& head);
    void file(std::string& out, CopiedFile const& file);
    void table(std::string& out, std::string_view name);
    void row(std::string& out, std::string_view key, std::string_view value);
    void end(std::string& out);

private:
    void note(std::string_view octets);

    std::uint64_t rows_ = 0, files_ = 0;
    std::uint32_t sum_ = 0;
};

class CopyReader {
public:
    // Each may say what is wrong with it, which ends the reading.
    using Verdict = std::expected<void, std::string>;
    struct Visitor {
        std::function<Verdict(CopyHead const&)> head;
        std::function<Verdict(CopiedFile const&)> file;
        std::function<Verdict(std::string_view table, std::string_view key, std::string_view value)> row;
    };
    explicit CopyReader(Visitor visitor) : visitor_(std::move(visitor)) {}

    // Octets as they come, in pieces of any length; the error is a few words.
    [[nodiscard]] Verdict take(std::string_view octets);
    // Whether all of it came.
    [[nodiscard]] bool ended() const { return ended_; }
    [[nodiscard]] std::uint64_t rows() const { return rows_; }
    [[nodiscard]] std::uint64_t files() const { return files_; }

private:
    struct Record;
    [[nodiscard]] std::expected<bool, std::string> take_record(std::string_view& in);

    Visitor visitor_;
    std::string waiting_; // a record that is not whole yet
    std::size_t wanted_ = 0;
    std::string table_;
    std::uint64_t rows_ = 0, files_ = 0;
    std::uint32_t sum_ = 0;
    bool begun_ = false, ended_ = false;
};

} // namespace postern::store
