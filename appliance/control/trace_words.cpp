#include "control/trace_words.h"

#include "control/print.h"
#include "text/ascii.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstddef>
#include <format>
#include <span>
#include <string_view>

namespace postern::control {

namespace {

namespace json = boost::json;

// What there is under that name, as words; nothing there: empty.
std::string word(json::object const& from, std::string_view key) {
    json::value const* value = from.if_contains(key);
    if (value == nullptr || value->is_null()) return {};
    if (value->is_string()) {
        std::string text(value->get_string());
        std::ranges::replace_if(text, text::is_control, '?');
        return text;
    }
    json::array const* several = value->if_array();
    if (several == nullptr) return json::serialize(*value);
    std::string joined;
    for (json::value const& one : *several) joined += (joined.empty() ? "" : ", ") + word({{"one", one}}, "one");
    return joined;
}

bool is_true(json::object const& from, std::string_view key) {
    json::value const* value = from.if_contains(key);
    return value != nullptr && value->is_bool() && value->get_bool();
}

std::span<json::value const> list(json::object const& from, std::string_view key) {
    json::value const* value = from.if_contains(key);
    json::array const* several = value == nullptr ? nullptr : value->if_array();
    return several == nullptr ? std::span<json::value const>() : std::span<json::value const>(*several);
}

// " before the word", or nothing where there is none.
std::string after(std::string_view before, std::string const& word) {
    return word.empty() ? std::string() : std::format("{}{}", before, word);
}

// "2026-01-05T10:00:00+01:00" as it is read.
std::string time(json::object const& from, std::string_view key = "time") {
    std::string written = word(from, key).substr(0, 19);
    std::ranges::replace(written, 'T', ' ');
    return written;
}

std::string who(json::object const& event) {
    return after(" by ", word(event, "login")) + after(" from ", word(event, "peer"));
}

std::string sender(json::object const& event) {
    std::string const from = word(event, "from");
    return from.empty() ? std::string("nobody (a notice)") : from;
}

std::string accepted(json::object const& event) {
    std::string const login = word(event, "login");
    return std::format("accepted from {}{}, {} octets, sender {}", word(event, "peer"),
                       login.empty() ? std::string() : std::format(" (login {})", login), word(event, "octets"),
                       sender(event));
}
std::string refused(json::object const& event) {
    return std::format("not accepted from {}{}, sender {}{}: {} {}", word(event, "peer"),
                       after(", login ", word(event, "login")), sender(event), after(", for ", word(event, "to")),
                       word(event, "code"), word(event, "reason"));
}
std::string delivered(json::object const& event) {
    if (word(event, "mailboxes").empty()) return std::format("for {}, which leads elsewhere", word(event, "to"));
    return std::format("delivered for {}: {}", word(event, "to"), word(event, "mailboxes"));
}
std::string queued(json::object const& event) { return std::format("queued for {}", word(event, "to")); }
std::string read(json::object const& event) {
    return std::format("fetched{}{}{}", who(event), after(", in ", word(event, "mailbox")),
                       after(", by ", word(event, "service")));
}
std::string moved(json::object const& event) {
    return std::format("moved to {}{}{}", word(event, "into"), after(", out of ", word(event, "mailbox")), who(event));
}
std::string deleted(json::object const& event) {
    return std::format("deleted{}{}{}", after(" from ", word(event, "mailbox")), who(event),
                       after(", by ", word(event, "service")));
}
std::string held(json::object const& event) {
    return std::format("held back from {} by {}", word(event, "to"), word(event, "by"));
}
std::string released(json::object const& event) {
    return std::format("released for {} by {}", word(event, "to"), word(event, "by"));
}
std::string recalled(json::object const& event) {
    return std::format("recalled by {}, and not sent to {}", word(event, "by"), word(event, "to"));
}
std::string told(json::object const& event) {
    if (event.contains("about"))
        return std::format("made here: a notice about message {}, for {}{}", word(event, "about"), word(event, "to"),
                           after(": ", word(event, "mailboxes")));
    return std::format("a notice about it went to {} (message {})", word(event, "to"), word(event, "notice"));
}
std::string sent(json::object const& event) {
    return std::format("sent to {} by {}{}", word(event, "to"), word(event, "relay"),
                       after(": ", word(event, "reply")));
}
std::string deferred(json::object const& event) {
    return std::format("put off for {} by {}{}", word(event, "to"), word(event, "relay"),
                       after(": ", word(event, "reply")));
}
std::string returned(json::object const& event) {
    return std::format("given up for {}{}{}", word(event, "to"), after(", as said by ", word(event, "relay")),
                       after(": ", word(event, "reply")));
}
std::string in_doubt(json::object const& event) {
    return std::format("cut off on its way to {}; it may arrive twice", word(event, "to"));
}

std::string stubbed(json::object const& event) {
    return std::format("only its beginning came; the message has {} octets and waits at its provider",
                       word(event, "octets"));
}
std::string completed(json::object const& event) {
    if (event.contains("about"))
        return std::format("whole, in place of its beginning (message {})", word(event, "about"));
    return std::format("the whole message came, and took its place (message {})", word(event, "original"));
}

struct Words {
    std::string_view event;
    std::string (*say)(json::object const&);
};
constexpr Words all_words[] = {
    {"message_accepted", accepted},   {"message_refused", refused},   {"recipient_refused", refused},
    {"message_delivered", delivered}, {"message_queued", queued},     {"message_read", read},
    {"message_moved", moved},         {"message_deleted", deleted},   {"message_held", held},
    {"message_released", released},   {"message_recalled", recalled}, {"notice_made", told},
    {"message_sent", sent},           {"message_deferred", deferred}, {"message_returned", returned},
    {"message_in_doubt", in_doubt},   {"message_stubbed", stubbed},   {"message_completed", completed},
};

std::string say(json::object const& event) {
    auto const words = std::ranges::find(all_words, word(event, "event"), &Words::event);
    return words == std::end(all_words) ? word(event, "event") : words->say(event);
}

std::string say_now(json::object const& now) {
    if (now.contains("mailbox"))
        return std::format("in {}, {}{}", word(now, "mailbox"), is_true(now, "seen") ? "seen" : "not seen yet",
                           is_true(now, "marked_deleted") ? ", marked as deleted" : "");
    std::string const because = word(now, "because");
    return std::format("waits to leave for {} (item {}){}", word(now, "waits_for"), word(now, "item"),
                       is_true(now, "being_sent") ? std::string(", and is being sent") : after(": ", because));
}

// Under each other: times, then words.
void put_line(std::string& out, std::string_view left, std::string_view right) {
    out += std::format("  {:<19}  {}\n", left, right);
}

void put_message(std::string& out, json::object const& message) {
    auto const events = list(message, "events");
    std::string id = word(message, "message_id");
    for (json::value const& event : events)
        if (event.is_object() && id.empty()) id = word(event.get_object(), "message_id");
    if (message.contains("message"))
        out += std::format("message {}{}\n", word(message, "message"), after(" ", id));
    else
        out += "refused\n";
    bool knows_beginning = !message.contains("message");
    for (json::value const& one : events) {
        json::object const* event = one.if_object();
        if (event == nullptr) continue;
        std::string const name = word(*event, "event");
        knows_beginning = knows_beginning || name == "message_accepted" || name == "notice_made";
        put_line(out, time(*event), say(*event));
    }
    if (!knows_beginning) put_line(out, "", "how it came here is not recorded");
    if (message.contains("left_out")) put_line(out, "", std::format("and {} more events", word(message, "left_out")));
    if (!message.contains("now")) return;
    auto const places = list(message, "now");
    for (json::value const& place : places)
        if (place.is_object()) put_line(out, "now", say_now(place.get_object()));
    if (places.empty())
        put_line(out, "now",
                 message.contains("octets") ? "in a mailbox that was not looked at" : "it is not here any more");
}

} // namespace

std::string print_trace(json::value const& result) {
    json::object const* trace = result.if_object();
    if (trace == nullptr) return print(result);
    std::string out;
    for (json::value const& message : list(*trace, "messages")) {
        if (!message.is_object()) continue;
        if (!out.empty()) out += '\n';
        put_message(out, message.get_object());
    }
    std::string const since = time(*trace, "recorded_since");
    if (out.empty())
        out = std::format("Nothing is known of mail of {}; {}.\n", word(*trace, "of"),
                          since.empty() ? std::string("nothing is recorded yet")
                                        : "what happened is recorded since " + since);
    if (!is_true(*trace, "looked_everywhere"))
        out += "Not all mailboxes were looked at for where it is now: they hold too much.\n";
    for (json::value const& one : list(*trace, "gaps"))
        if (json::object const* gap = one.if_object())
            out += std::format("The power was cut, or the box stopped hard, between {} and {}: what happened shortly "
                               "before may not be recorded.\n",
                               time(*gap, "from"), time(*gap, "to"));
    return out;
}

} // namespace postern::control
