#include "wire/pop3_text.h"

namespace postern::wire::pop3 {

// What of `octets` is wanted: all, unless the last line of body_lines ends in it.
std::string_view TextEncoder::take_lines(std::string_view octets) {
    std::size_t begin = 0; // of a line, or of what is here of it
    while (!done_ && begin < octets.size()) {
        auto const lf = octets.find('\n', begin);
        if (lf == std::string_view::npos) {
            line_octets_ += octets.size() - begin;
            after_cr_ = octets.back() == '\r';
            return octets;
        }
        count_line(line_octets_ + (lf - begin), lf > 0 ? octets[lf - 1] == '\r' : after_cr_);
        line_octets_ = 0;
        begin = lf + 1;
    }
    return octets.substr(0, begin);
}

// A line of so many octets before its LF.
void TextEncoder::count_line(std::size_t octets, bool ends_in_cr) {
    if (in_header_)
        in_header_ = octets > (ends_in_cr ? 1 : 0);
    else
        --*lines_left_;
    done_ = !in_header_ && *lines_left_ == 0;
}

} // namespace postern::wire::pop3
