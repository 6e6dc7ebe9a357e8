// Messages as offices exchange them, made from a seed: text in many charsets and encodings, HTML alternatives,
// attachments, forwarded messages, threads; none repeated, since one file many times over would flatter whoever stores
// or compresses it. The same seed and number always give the same octets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace postern::bench {

class Corpus {
public:
    explicit Corpus(std::uint64_t seed);
    ~Corpus();

    // A whole message with CRLF line ends and no line over 998 octets. size: about how many octets it has; 0: between
    // 1 and 60 KB, half of them under 6 KB.
    [[nodiscard]] std::string message(std::uint64_t number, std::size_t size = 0) const;

    // A family name that From fields show: rank 0 often, higher ranks less so.
    [[nodiscard]] std::string_view family_name(std::size_t rank) const;
    // A word of English bodies, likewise.
    [[nodiscard]] std::string_view word(std::size_t rank) const;

private:
    struct Inner;
    std::unique_ptr<Inner> inner_;
};

// As SMTP sends it (RFC 5321 §4.5.2): dots stuffed, and the final dot.
std::string dot_stuffed(std::string_view message);

} // namespace postern::bench
