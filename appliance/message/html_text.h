// The text of an HTML body, for searching and for previews: what a reader would see, without markup. It does not
// render, and it is no sanitizer: its result is text. Pure; belongs to one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace postern::message {

// Tags, comments and the content of script and style go; tags that are not within a line of text, and white space of
// any length, count as one space; character references are replaced. Holds back a few dozen octets at most.
class HtmlText {
public:
    // What stands between blocks of text. With lines, those that are quoted (blockquote) begin with "> " as in plain
    // text, and the title, which no body shows, is left out.
    enum class Breaks : std::uint8_t { spaces, lines };

    explicit HtmlText(Breaks breaks = Breaks::spaces) : breaks_(breaks), line_(breaks == Breaks::lines) {}

    // Appends to `out` the text of `utf8`, which may end anywhere.
    void feed(std::string_view utf8, std::string& out);
    void finish(std::string& out);

private:
    enum class State { text, reference, tag_open, tag_name, tag, value, quoted, comment, raw };

    bool take(char c, std::string& out); // false: to be taken again in the new state
    void emit(std::string_view text, std::string& out);
    void emit_reference(std::string& out);
    void end_tag();

    Breaks breaks_;
    State state_ = State::text;
    std::string held_;     // a reference, a tag's name, or the end of a comment or of raw text as far as it matches
    std::string raw_name_; // the element whose content is skipped
    char quote_ = '\0';
    unsigned quoted_ = 0;  // block quotations that are open
    bool line_;            // a line begins with the next text
    bool space_ = false;   // some white space waits for text
    bool at_start_ = true; // no text yet
};

} // namespace postern::message
