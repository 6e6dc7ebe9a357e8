// A long text casemapped (text/casemap.h) a piece at a time, in bounded memory, with the same result however it is cut.
// Pure; one thread.
#pragma once

#include <string>
#include <string_view>

namespace postern::message {

class TextFolder {
public:
    // Takes UTF-8 that is cut anywhere between characters, and appends to `folded` what is certain of its casemap.
    void feed(std::string_view utf8, std::string& folded);
    // Appends the rest: the text ends here, and what is fed next is another one.
    void finish(std::string& folded);

private:
    std::string pending_; // not folded yet
};

} // namespace postern::message
