// What all screens need: the menu that they are in, the box that they are about, and the language.
#pragma once

#include "core/secret.h"
#include "setup/box.h"
#include "setup/menu.h"
#include "setup/words.h"

#include <format>
#include <functional>
#include <string>
#include <string_view>

namespace postern::setup {

struct Desk {
    Menu& menu;
    Box& box;
    std::string language = "en";
    bool display = false;             // a small one with few keys: what is typed is seen there, character by character
    bool first_boot = false;          // there is no office yet, and what was answered is kept here alone
    bool guarded = false;             // by a password, which is asked for again after a while
    std::function<void()> shell = {}; // root's, where the face has room for one

    [[nodiscard]] Words const& words() const { return words_in(language); }

    // "{0}" and "{1}" of a sentence filled in.
    static std::string fill(std::string_view sentence, std::string_view first, std::string_view second = {}) {
        return std::vformat(sentence, std::make_format_args(first, second));
    }

    // Shows something until it was read.
    void tell(std::string_view title, std::string_view text) const;
    // No or yes, and what yes does.
    void confirm(std::string_view title, std::string_view text, std::function<void()> yes) const;
    // What is to be typed; `taken` gets it, and says what is wrong with it.
    void ask(std::string_view title, std::string_view text, std::string value,
             std::function<std::string(std::string)> taken) const;
    // A new password; twice, where it is not seen. `depth`: of the menu when it is taken.
    void ask_password(std::string_view title, std::string_view text, std::function<void(core::Secret)> taken);
    // Asks the box, having said that it may take a moment. What it refuses is told; then it is no answer.
    bool tell_box(std::string_view command, boost::json::object const& arguments);
};

// The screens of whoever opens the menu: first boot, or the box as it is.
void open_first_screen(Desk& desk);

} // namespace postern::setup
