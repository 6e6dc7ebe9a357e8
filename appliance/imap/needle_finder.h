// Looks for several strings in a long text that comes in pieces, by i;unicode-casemap (RFC 5051): folded on both sides,
// in bounded memory, in one pass. Pure; one thread.
#pragma once

#include "message/text_folder.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace postern::imap {

class NeedleFinder {
public:
    // Casemapped. An empty needle is in every text, even one that is never fed.
    explicit NeedleFinder(std::vector<std::string> needles);

    // UTF-8, cut anywhere between characters.
    void feed(std::string_view utf8);
    // The text ends here: what is fed next is another one, and nothing is found across.
    void end_text();

    [[nodiscard]] bool found(std::size_t needle) const { return found_[needle]; }
    [[nodiscard]] bool found_all() const { return missing_ == 0; }

private:
    void look();

    std::vector<std::string> needles_;
    std::vector<bool> found_;
    std::size_t missing_ = 0;
    std::size_t longest_ = 0;
    message::TextFolder folder_;
    std::string folded_; // the end of what was looked through, where a needle may begin
};

} // namespace postern::imap
