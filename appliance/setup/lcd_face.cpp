#include "setup/lcd_face.h"

#include "setup/box_state.h"
#include "setup/layout.h"
#include "setup/lcd_connection.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace postern::setup {

namespace {

using namespace std::chrono_literals;

constexpr auto rest_turn = 5s;  // how long a page of what it shows at rest stands
constexpr auto key_limit = 60s; // without a key, until it rests
constexpr auto look_again = 3s; // for an LCDd that is away

class LcdFace {
public:
    explicit LcdFace(Box& box) : desk_{.menu = menu_, .box = box, .display = true} {}

    // Until LCDd is gone.
    void run(LcdConnection& lcd) {
        menu_.on_wait = [this, &lcd] { lcd.show({in_ascii(desk_.words().wait)}); };
        for (std::size_t turn = 0;; ++turn) {
            take_language();
            auto const lines = display_at_rest(lines_at_rest(desk_), turn, lcd.size());
            lcd.show(lines);
            auto const key = lcd.wait(std::max<std::chrono::milliseconds>(
                rest_turn, LcdConnection::step * ticks_to_read(lines, lcd.size().width)));
            if (!key) return;
            if (*key && !run_menu(lcd)) return;
        }
    }

private:
    // In which the office is; before there is one, that of whoever sets it up.
    void take_language() {
        auto const language = desk_.box.ask("settings.get", {{"name", "office.language"}});
        if (language && language->is_string()) desk_.language = language->get_string();
    }

    // False: LCDd is gone.
    bool run_menu(LcdConnection& lcd) {
        if (menu_.over()) open_first_screen(desk_);
        std::size_t depth = 0;
        while (!menu_.over()) {
            if (menu_.depth() != depth) wheel_ = CharacterWheel(!menu_.typed().empty());
            depth = menu_.depth();
            lcd.show(display_menu(menu_, wheel_, lcd.size()));
            auto const key = await_key(lcd);
            if (!key) return false;
            if (menu_.over() || menu_.depth() != depth) continue;
            bool const leaves = !*key || (*key == LcdKey::back && depth == 1 && !menu_.screen().entry);
            if (leaves && !desk_.first_boot) menu_.end();
            if (leaves) return true;
            press(**key);
        }
        return true;
    }

    // Nothing: none came for a while, or there is another screen. What is only to be waited for is waited for.
    std::expected<std::optional<LcdKey>, std::string> await_key(LcdConnection& lcd) {
        std::chrono::milliseconds const limit = key_limit, interval = watch_interval;
        auto const depth = menu_.depth();
        bool const is_wait = !menu_.screen().entry && menu_.screen().items.empty();
        for (auto waited = 0ms; waited < limit; waited += is_wait && menu_.screen().watch ? 0ms : interval) {
            bool const watched = static_cast<bool>(menu_.screen().watch);
            auto key = lcd.wait(watched ? interval : limit);
            if (!key || *key || !watched) return key;
            menu_.look();
            if (menu_.over() || menu_.depth() != depth) break;
            lcd.show(display_menu(menu_, wheel_, lcd.size()));
        }
        return std::nullopt;
    }

    void press(LcdKey key) {
        bool const types = menu_.screen().entry.has_value();
        switch (key) {
        case LcdKey::up: return types ? wheel_.up() : menu_.up();
        case LcdKey::down: return types ? wheel_.down() : menu_.down();
        case LcdKey::back: return types && !menu_.typed().empty() ? menu_.erase() : menu_.back();
        case LcdKey::enter: return types && !wheel_.at_done() ? menu_.type(wheel_.character()) : menu_.enter();
        }
    }

    Menu menu_;
    Desk desk_;
    CharacterWheel wheel_{false};
};

} // namespace

void run_on_lcd(Box& box, std::string const& place) {
    LcdFace face(box);
    while (true) {
        if (auto const lcd = LcdConnection::open(place)) face.run(**lcd);
        std::this_thread::sleep_for(look_again);
    }
}

} // namespace postern::setup
