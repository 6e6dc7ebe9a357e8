// A search signature: which grams (four octets in a row) the folded text of a message has, as a few bits for each, so
// that SEARCH knows of most messages without reading them that a string is not in them. It may say that a string is
// there which is not, never the other way around. Pure; any thread.
//
// A gram sets one bit, of as many that about two fifths are set. Four octets, not three: in the benchmark's corpus one
// message in ten has all the three-octet pieces of a word that it does not have, and one in three hundred all those of
// four, which are not twice as many. What is shorter is looked for in all messages.
//
// A signature bears the mark of the rules by which text is walked and folded (text_walk.h, text_folder.h). One that was
// made by others is not believed: such a message is looked through.
#pragma once

#include "message/structure.h"
#include "message/text_folder.h"
#include "message/text_walk.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace postern::message {

inline constexpr std::size_t signature_limit = 2 * 1024;        // octets of one
inline constexpr std::uint64_t signed_text_limit = 1024 * 1024; // octets of text beyond which there is none

class SignatureMaker final : public TextWalk::Sink {
public:
    void text(TextWalk::Place place, std::string_view utf8) override;
    void end_text(TextWalk::Place place) override;
    // Of all that was fed; an octet at least.
    [[nodiscard]] std::string signature() const;

private:
    void note(std::string_view folded);

    TextFolder folder_;
    std::string folded_;                    // reused
    std::uint32_t last_ = 0;                // octets seen, three of them
    std::size_t seen_ = 0;                  // of this text, up to three
    std::array<std::uint64_t, 1024> met_{}; // a bit for each hash of sixteen bits
    std::vector<std::uint16_t> hashes_;     // those that were met, hash_count_ of them, and room for more
    std::size_t hash_count_ = 0;
};

// Of a message that is in memory; empty: there is none, since it has too much text.
[[nodiscard]] std::string make_signature(StructureView const& structure, std::string_view message);
// Whether a walk is one to make a signature by.
[[nodiscard]] bool can_be_signed(TextWalk const& walk);

// A string that is looked for.
class Grams {
public:
    explicit Grams(std::string_view folded);
    // False: it is not in the message. True of every string of less than four octets, and where there is no signature,
    // or one that was made by other rules.
    [[nodiscard]] bool may_be_in(std::string_view signature) const;

private:
    std::vector<std::uint16_t> hashes_;
};

} // namespace postern::message
