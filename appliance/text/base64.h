// Base64 (RFC 4648 §4, RFC 2045 §6.8). Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::text {

// One line, padded.
std::string base64_encode(std::string_view bytes);

// Incremental, for MIME bodies: lines of 76 characters (RFC 2045 §6.8), the last one ended as well.
class Base64Encoder {
public:
    // Appends to `out` whole lines.
    void feed(std::string_view bytes, std::string& out);
    // Appends the last one. The encoder is then as new.
    void finish(std::string& out);

private:
    std::string held_; // less than a line's
};

// What it makes of so many octets.
std::uint64_t base64_lines_size(std::uint64_t octets);

// Strict, as SASL exchanges ask: only the alphabet, padded to a multiple of four, unused bits zero. Nothing otherwise.
std::optional<std::string> base64_decode(std::string_view text);

// Lenient and incremental, for MIME bodies: octets outside the alphabet are skipped (RFC 2045 §6.8), a quantum cut
// short yields the octets it has, and after padding a new quantum starts (messages glued together from several
// encodings).
class Base64Decoder {
public:
    // Appends to `out` what `text` decodes to.
    void feed(std::string_view text, std::string& out);
    // Appends what an unpadded end still holds. The decoder is then as new.
    void finish(std::string& out);

private:
    std::uint32_t bits_ = 0;
    unsigned digits_ = 0; // of the current quantum, 0..3
};

} // namespace postern::text
