#include "wire/line.h"

namespace postern::wire {

Framed LineFramer::next(std::string_view input, std::size_t limit) {
    std::size_t begin = 0;
    while (true) {
        auto const lf = input.find('\n', begin);
        if (lf == std::string_view::npos) {
            if (!malformed_ && !too_long_ && input.size() - begin <= limit + 1) return {Framing::partial, {}, begin};
            if (!malformed_) too_long_ = true;
            // What is swallowed takes no memory; but a CR at the end may be half of a CRLF.
            std::size_t const kept = input.size() > begin && input.back() == '\r' ? 1 : 0;
            return {Framing::partial, {}, input.size() - kept};
        }
        if (lf == begin || input[lf - 1] != '\r') {
            malformed_ = true;
            too_long_ = false;
            return {Framing::malformed, {}, lf + 1};
        }
        auto const text = input.substr(begin, lf - 1 - begin);
        begin = lf + 1;
        if (malformed_) {
            malformed_ = false;
            continue;
        }
        if (too_long_ || text.size() > limit) {
            too_long_ = false;
            return {Framing::too_long, {}, begin};
        }
        if (text.contains('\r') || text.contains('\0')) return {Framing::malformed, {}, begin};
        return {Framing::line, text, begin};
    }
}

} // namespace postern::wire
