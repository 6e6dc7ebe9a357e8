// A connection to LCDd (LCDproc), which knows every kind of character display: its protocol is lines of words by TCP.
// Blocks.
#pragma once

#include "setup/display.h"

#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace postern::setup {

enum class LcdKey : std::uint8_t { up, down, enter, back };

class LcdConnection {
public:
    // "localhost:13666". The error: a few words.
    static constexpr std::chrono::milliseconds step{350}; // of what scrolls

    static std::expected<std::unique_ptr<LcdConnection>, std::string> open(std::string const& place);
    ~LcdConnection();
    LcdConnection(LcdConnection const&) = delete;
    LcdConnection& operator=(LcdConnection const&) = delete;

    [[nodiscard]] DisplaySize size() const { return size_; }
    void show(DisplayLines lines); // what is there already is not sent again
    // Waits for a key, while what is too long scrolls. Nothing: none came in time. The error: the connection is gone.
    std::expected<std::optional<LcdKey>, std::string> wait(std::chrono::milliseconds time);

private:
    explicit LcdConnection(int descriptor) : descriptor_(descriptor) {}
    void say(std::string_view line);
    void draw();
    std::expected<std::optional<std::string>, std::string> hear(std::chrono::milliseconds time);

    int descriptor_;
    bool gone_ = false;
    DisplaySize size_;
    std::string heard_; // not yet a line
    DisplayLines wanted_, shown_;
    std::size_t tick_ = 0;
};

// "connect LCDproc 0.5.9 protocol 0.3 lcd wid 20 hgt 4 cellwid 5 cellhgt 8"; nothing: it is no such line, or the
// display is too small.
[[nodiscard]] std::optional<DisplaySize> read_display_size(std::string_view greeting);
// A string as the protocol has it, in quotes.
[[nodiscard]] std::string lcd_quoted(std::string_view text);

} // namespace postern::setup
