// How SEARCH compares text: casemapped (text/casemap.h), and with one space for any white space, since lines are broken
// where the sender's program liked: who looks for a phrase finds it across them. RFC 9051 §6.4.4 leaves a server that
// freedom. A long text comes a piece at a time, in bounded memory, with the same result however it is cut. Pure; one
// thread.
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
    bool after_space_ = false;
};

// A short text at once.
[[nodiscard]] std::string fold(std::string_view utf8);
// The rest of it, of what is casemapped.
[[nodiscard]] std::string fold_spaces(std::string_view casemapped);

} // namespace postern::message
