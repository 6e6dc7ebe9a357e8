// Reads a framed command from left to right in the terms of RFC 3501 §9. The first failure stays: from then on nothing
// is accepted, every reader returns an empty value at once, and loops of the form do ... while (in.accept(' ')) end; so
// a grammar reads straight down and is asked once, at its end, whether all went well. For the parser's own files.
#pragma once

#include "wire/imap_framing.h"
#include "wire/imap_response.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::wire::imap {

class Cursor {
public:
    // `framed` outlives the cursor. `utf8`: mailbox names are UTF-8, not modified UTF-7.
    Cursor(Framed const& framed, bool utf8) : framed_(framed), utf8_(utf8) {}

    // Bad syntax: what is wrong, and the word that is, shown if it is fit to print.
    void fail(std::string_view what, std::string_view word = {});
    // Good syntax that cannot be done; with a response code.
    void refuse(std::string_view code_and_text);
    [[nodiscard]] bool failed() const { return !error_.empty(); }
    [[nodiscard]] std::string const& error() const { return error_; }
    [[nodiscard]] Condition condition() const { return condition_; }

    [[nodiscard]] Framed const& framed() const { return framed_; }
    [[nodiscard]] bool at_end() const;
    // The next character; NUL at a literal, at the end and after a failure.
    [[nodiscard]] char peek() const;
    [[nodiscard]] bool at_literal() const;

    bool accept(char c);
    void expect(char c);
    void space() { expect(' '); }
    // Takes `word`, of any case, if it stands here and no atom character follows it.
    bool accept_word(std::string_view word);

    // As many characters as fulfil the predicate, perhaps none.
    template <typename Predicate> std::string_view take_while(Predicate&& fits) {
        std::string_view const rest = this->rest();
        std::size_t length = 0;
        while (length < rest.size() && fits(rest[length])) ++length;
        position_ += length;
        return rest.substr(0, length);
    }

    std::string_view atom(std::string_view what = "an atom");
    std::string string();
    std::string astring();
    std::optional<std::string> nstring();
    // 1*DIGIT, at most `most`
    std::uint64_t number(std::uint64_t most, std::string_view what = "a number");

    // A mailbox name in UTF-8; INBOX in capitals.
    std::string mailbox();
    // A name with wildcards (RFC 3501 §9 list-mailbox).
    std::string list_mailbox();

private:
    [[nodiscard]] std::string_view rest() const;
    std::string literal();
    std::string quoted();
    std::string mailbox_name(std::string const& wire);

    Framed const& framed_;
    bool utf8_;
    std::size_t segment_ = 0;  // in framed_.texts
    std::size_t position_ = 0; // in that text
    std::string error_;
    Condition condition_ = Condition::bad;
};

} // namespace postern::wire::imap
