// The log: every event that the daemon reports is a row of one table with its level and what an operator should do
// about it. A line is `event key=value ...`, on standard error with the level prefix that journald reads
// (sd-daemon(3)). Values are quoted and cleaned of control octets, so that no input forges a line. Secrets have no
// formatter. Any thread.
#pragma once

#include <cstdint>
#include <format>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace postern::core {

enum class Level : std::uint8_t { error = 3, warning = 4, notice = 5, info = 6, debug = 7 };

enum class Event : std::uint8_t {
    office_awaited,
    office_made,
    daemon_started,
    daemon_stopped,
    daemon_failed,
    listener_failed,
    session_opened,
    session_closed,
    session_broken, // an invariant failed inside a session; that session was closed
    connection_refused,
    queries_refused,
    internet_away,
    internet_back, // of names, beyond what a client may ask
    tls_failed,
    compression_failed,
    login_accepted,
    login_refused,
    maildrop_in_use, // by another POP3 session
    message_accepted,
    message_refused,
    recipient_refused,
    message_delivered, // for a recipient, into mailboxes of ours
    message_queued,    // for a recipient outside
    message_read,      // its body was fetched, and it was not seen before
    message_moved,
    message_deleted,
    message_held,
    message_released,
    message_recalled,
    notice_made,       // about a message, to its sender
    message_sent,      // a relay has it
    message_deferred,  // for one recipient, for the time being
    message_returned,  // its sender gets a notice
    queue_started,     // a server came for what waits for it
    message_in_doubt,  // a relay may have it, and it is sent again
    message_stubbed,   // its beginning came, the rest is at its provider
    message_completed, // and took its beginning's place
    message_left,      // at its provider, which has a message that we cannot take
    mailbox_renumbered,
    network_unwatched,
    relay_usable,
    relay_unreachable,
    relay_refuses, // it answers, and takes no mail from us
    provider_usable,
    provider_unreachable,
    provider_refuses, // it answers, and gives us no mail
    store_opened,
    store_full,
    store_damaged,
    store_failed,
    reader_slow, // a read transaction lived longer than one second
    certificate_made,
    certificate_shown,    // to clients, from now on
    certificate_unusable, // the administrator's own
    authority_changed,
    acme_failed,
    setting_changed,
    account_changed,
    addresses_unserved,
    unannounced,
    box_asked,
    network_unwritten,
    journal_failed,
    backup_made,
    backup_failed,
    backup_overdue, // the last good one is too old
};

struct EventRow {
    Event event;
    std::string_view name;
    Level level;
    std::string_view advice; // what it means and what to do, for the manual
};

[[nodiscard]] std::span<EventRow const> event_table();

// One key=value of a line.
struct Detail {
    std::string_view key;
    std::string value;

    Detail(std::string_view detail_key, std::string_view detail_value) : key(detail_key), value(detail_value) {}
    Detail(std::string_view detail_key, char const* detail_value) : key(detail_key), value(detail_value) {}
    Detail(std::string_view detail_key, std::string const& detail_value) : key(detail_key), value(detail_value) {}
    template <typename Number>
        requires std::is_arithmetic_v<Number>
    Detail(std::string_view detail_key, Number number) : key(detail_key), value(std::format("{}", number)) {}
};

void log(Event event, std::initializer_list<Detail> details = {});

// Is told of every event, whatever its level, by the thread that logs it; does not log itself.
class LogObserver {
public:
    virtual ~LogObserver() = default;
    virtual void logged(Event event, std::span<Detail const> details) = 0;
};
// From now on; null: nobody. It lives as long as anybody may be in log().
void observe_log(LogObserver* observer);

// Events less urgent than this are dropped; Level::info unless set. Tests set Level::error.
void set_log_level(Level most_verbose);

// The line as it would be written, without prefix and newline: for tests.
[[nodiscard]] std::string log_line(Event event, std::span<Detail const> details);

} // namespace postern::core
