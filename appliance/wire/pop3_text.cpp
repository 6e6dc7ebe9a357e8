#include "wire/pop3_text.h"

namespace postern::wire::pop3 {

void TextEncoder::feed(std::string_view octets, std::string& out) {
    if (octets.empty() || done_) return;
    std::size_t copied = 0; // of octets
    auto const copy_to = [&](std::size_t end) {
        out += octets.substr(copied, end - copied);
        copied = end;
    };
    std::size_t begin = 0; // of a line, or of what is here of it
    while (begin < octets.size()) {
        if (line_begins_ && octets[begin] == '.') {
            copy_to(begin);
            out += '.';
        }
        auto const lf = octets.find('\n', begin);
        line_begins_ = lf != std::string_view::npos;
        if (!line_begins_) {
            line_octets_ += octets.size() - begin;
            break;
        }
        bool const cr = lf > 0 ? octets[lf - 1] == '\r' : after_cr_;
        if (!cr) {
            copy_to(lf);
            out += '\r';
        }
        if (lines_left_) count_line(line_octets_ + (lf - begin), cr);
        line_octets_ = 0;
        begin = lf + 1;
        if (done_) return copy_to(begin);
    }
    copy_to(octets.size());
    after_cr_ = octets.back() == '\r';
}

// A line of so many octets before its LF.
void TextEncoder::count_line(std::size_t octets, bool ends_in_cr) {
    if (in_header_)
        in_header_ = octets > (ends_in_cr ? 1 : 0);
    else
        --*lines_left_;
    done_ = !in_header_ && *lines_left_ == 0;
}

void TextEncoder::finish(std::string& out) const {
    if (!line_begins_) out += after_cr_ ? "\n" : "\r\n";
    out += ".\r\n";
}

} // namespace postern::wire::pop3
