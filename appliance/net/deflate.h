// Raw deflate (RFC 1951) of a stream of octets that never ends, both ways, with little memory while nothing moves.
// Pure; an object belongs to one thread.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct z_stream_s;

namespace postern::net {

// Keeps the last octets that it was given, and nothing else: what works on them is the thread's, and begins each time
// with those. 300 KiB less for a connection, for answers that are longer by a twelfth where they are short, and by a
// fiftieth where they are long, than those of a compressor of one's own.
class Deflater {
public:
    static constexpr std::size_t history_octets = 4 * 1024;

    // Compressed such that the other side can tell all of them (Z_SYNC_FLUSH).
    [[nodiscard]] std::string deflate(std::string_view octets);

private:
    std::string history_;
};

class Inflater {
public:
    // The most that one holds: zlib's own state, and the 32 KiB that deflate may refer back to.
    static constexpr std::size_t most_octets = 42 * 1024;

    Inflater();
    ~Inflater();

    struct Step {
        std::size_t taken; // of the input
        std::size_t made;  // of the output
    };
    // As much as fits; with room for an octet nothing was made only if more input is needed, or after the end. An error
    // is for good: fault() says what is wrong.
    [[nodiscard]] std::expected<Step, std::error_code> inflate(std::string_view in, std::span<char> out);
    [[nodiscard]] std::string_view fault() const { return fault_; }
    [[nodiscard]] bool ended() const { return ended_; } // there was a block that said to be the last

    // Nothing more will come for a while: keeps what was inflated lately, as much of it as there is, and gives the rest
    // back, if the input ended with a block and an octet, as it does after Z_SYNC_FLUSH.
    void rest();
    [[nodiscard]] std::size_t held_octets() const;

private:
    struct End {
        void operator()(z_stream_s* stream) const;
    };
    std::unique_ptr<z_stream_s, End> stream_; // null: at rest
    std::string window_;                      // at rest: what was inflated last
    std::string_view fault_;
    bool ended_ = false;
};

} // namespace postern::net
