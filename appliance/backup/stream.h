// A backup file written and read as a stream of octets, of which one chunk is in memory at a time (header.h, chunks.h).
// What is in it is a copy of the store (store/copy_format.h), of which this knows nothing. No I/O of its own.
#pragma once

#include "backup/chunks.h"
#include "backup/header.h"

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace postern::backup {

// Takes octets of the file; the error is a sentence.
using Sink = std::function<std::expected<void, std::string>(std::string_view)>;
// Gives up to so many octets of the file, fewer only at its end; the error is a sentence.
using Source = std::function<std::expected<std::string, std::string>(std::size_t)>;

class Writer {
public:
    // Errors: those of the sink, and what is missing for the key.
    static std::expected<Writer, std::string> begin(Header const& header, Credentials const& credentials, Sink sink);

    [[nodiscard]] std::expected<void, std::string> write(std::string_view octets);
    [[nodiscard]] std::expected<void, std::string> finish();

private:
    Writer(Chunks chunks, Sink sink) : chunks_(std::move(chunks)), sink_(std::move(sink)) {}

    Chunks chunks_;
    Sink sink_;
    std::string waiting_; // for the next chunk
};

class Reader {
public:
    // Reads the header. Errors, as all below: those of the source, and a sentence's end that says what is wrong with
    // the file: "it is no backup", "it is cut short", "it is damaged...".
    static std::expected<Reader, std::string> begin(Source source, Credentials const& credentials);

    [[nodiscard]] Header const& header() const { return header_; }

    // What was written, a chunk of it; empty at the end, when all of the file is known to be as it was written.
    [[nodiscard]] std::expected<std::string, std::string> next();

private:
    Reader(Header header, Chunks chunks, Source source)
        : header_(std::move(header)), chunks_(std::move(chunks)), source_(std::move(source)) {}

    Header header_;
    Chunks chunks_;
    Source source_;
    std::uint64_t position_ = 0; // in the file
    bool ended_ = false;
};

} // namespace postern::backup
