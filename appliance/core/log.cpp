#include "core/log.h"

#include <unistd.h>

#include <atomic>
#include <cstddef>

namespace postern::core {

namespace {

constexpr EventRow events[] = {
    {Event::office_awaited, "office_awaited", Level::notice,
     "The box has no office yet and waits to be set up: on its menu, or by `postern setup`."},
    {Event::office_made, "office_made", Level::notice, "The box was set up: this is its office. Nothing to do."},
    {Event::daemon_started, "daemon_started", Level::notice, "The daemon serves. Nothing to do."},
    {Event::daemon_stopped, "daemon_stopped", Level::notice, "The daemon was told to stop and did, in order."},
    {Event::daemon_failed, "daemon_failed", Level::error, "The daemon cannot go on; the reason says what to mend."},
    {Event::listener_failed, "listener_failed", Level::error,
     "A port could not be opened or accepted from. Look for another program on that port."},
    {Event::session_opened, "session_opened", Level::debug, "A client connected."},
    {Event::session_closed, "session_closed", Level::debug, "A client's connection ended."},
    {Event::session_broken, "session_broken", Level::error,
     "A fault in Postern ended one client's session; the others go on. Please report the line."},
    {Event::connection_refused, "connection_refused", Level::warning,
     "A limit on connections was reached, or the name server was asked by somebody who is not near by. If the "
     "clients are wanted, raise the limit in the settings."},
    {Event::queries_refused, "queries_refused", Level::warning,
     "A client asks the name server for more than dns.rate or dns.lookups allow, and some of it was left away. Once: "
     "many "
     "names at a time. Again and again: a device that is broken, or does not ask for itself."},
    {Event::internet_away, "internet_away", Level::notice,
     "No name server outside can be reached, so the internet is taken to be away: what is not known is answered at "
     "once, "
     "with an error. `postern status` shows the servers. Nothing to do if the link is known to be down."},
    {Event::internet_back, "internet_back", Level::notice, "A name server outside answers again."},
    {Event::tls_failed, "tls_failed", Level::info,
     "A client ended its TLS handshake; often it does not trust the office's certificate authority yet."},
    {Event::compression_failed, "compression_failed", Level::warning,
     "A client compressed wrongly, and its connection was closed. Mask COMPRESS=DEFLATE for it if that comes again."},
    {Event::login_accepted, "login_accepted", Level::info, "Somebody logged in."},
    {Event::login_refused, "login_refused", Level::warning,
     "A wrong login or password. Many from one address: a device with an old password, or somebody guessing."},
    {Event::maildrop_in_use, "maildrop_in_use", Level::info,
     "A POP3 client was told to come back later, since another one works in that account's mail. Many for one account: "
     "two devices that never let go of it; let them use IMAP."},
    {Event::message_accepted, "message_accepted", Level::info, "A message is safe on flash."},
    {Event::message_refused, "message_refused", Level::info, "A message was not taken; its sender was told why."},
    {Event::recipient_refused, "recipient_refused", Level::info,
     "A client wanted to send mail to an address that is not here, or that it may not send to; it was told so."},
    {Event::message_delivered, "message_delivered", Level::debug, "A message is in the mailboxes of a recipient."},
    {Event::message_queued, "message_queued", Level::debug, "A message waits to leave for a recipient outside."},
    {Event::message_read, "message_read", Level::debug, "A message that nobody had seen was fetched by a client."},
    {Event::message_moved, "message_moved", Level::debug, "A client moved messages to another mailbox."},
    {Event::message_deleted, "message_deleted", Level::debug, "A client deleted messages for good."},
    {Event::message_held, "message_held", Level::notice, "An administrator keeps a message from being sent."},
    {Event::message_released, "message_released", Level::notice,
     "An administrator lets a message be sent that was held."},
    {Event::message_recalled, "message_recalled", Level::notice,
     "An administrator took a message out of the queue; it is not sent."},
    {Event::notice_made, "notice_made", Level::info, "The sender of a message is told what became of it."},
    {Event::message_sent, "message_sent", Level::info,
     "A relay took responsibility for a message to a recipient outside."},
    {Event::message_deferred, "message_deferred", Level::info,
     "A relay refused a message for the time being. It is tried again by itself."},
    {Event::message_returned, "message_returned", Level::notice,
     "A message for a recipient outside was refused, or given up. Its sender is told, with the reason."},
    {Event::queue_started, "queue_started", Level::info,
     "A server came for the mail that waits for it (ETRN), which is tried at once."},
    {Event::message_in_doubt, "message_in_doubt", Level::notice,
     "The connection or the power was cut before a relay's answer to a message was kept. It is sent again, and its "
     "recipient may get it twice."},
    {Event::message_stubbed, "message_stubbed", Level::info,
     "Of a large message only the beginning was fetched; it comes whole when somebody asks for it."},
    {Event::message_completed, "message_completed", Level::info,
     "A large message that somebody asked for took the place of its beginning."},
    {Event::message_left, "message_left", Level::warning,
     "A message could not be taken and stays at its provider, for the reason told; it is tried again by itself. "
     "`postern fetch list` tells of how many."},
    {Event::mailbox_renumbered, "mailbox_renumbered", Level::notice,
     "A provider gave all messages of a mailbox new numbers. Those that were fetched before are recognised by their "
     "headers."},
    {Event::network_unwatched, "network_unwatched", Level::warning,
     "The system does not say when a cable is plugged in or an address comes; that the link is back is found out by "
     "trying, some minutes later."},
    {Event::relay_usable, "relay_usable", Level::notice, "A relay takes mail. Nothing to do."},
    {Event::relay_unreachable, "relay_unreachable", Level::notice,
     "A relay cannot be reached; mail for it waits, and nothing expires meanwhile. The reason says what was tried."},
    {Event::relay_refuses, "relay_refuses", Level::error,
     "A relay answers, but takes no mail from us: its login, its certificate or its settings are to be mended. Mail "
     "for it "
     "waits. `postern relay test NAME` tries it."},
    {Event::provider_usable, "provider_usable", Level::notice, "Mail is fetched from a provider. Nothing to do."},
    {Event::provider_unreachable, "provider_unreachable", Level::notice,
     "Mail cannot be fetched at the moment; it waits at its provider. The reason says what was tried."},
    {Event::provider_refuses, "provider_refuses", Level::error,
     "A provider answers, but gives us no mail: the login, the mailbox or the settings are to be mended. "
     "`postern fetch test NAME` tries it."},
    {Event::store_opened, "store_opened", Level::info, "The store is open."},
    {Event::store_full, "store_full", Level::error,
     "The disk is nearly full: new mail is refused until mail is deleted or the disk is enlarged."},
    {Event::store_damaged, "store_damaged", Level::error,
     "A record or message does not match its checksum. Run `postern check` and think of a new card or disk."},
    {Event::store_failed, "store_failed", Level::error,
     "The disk reported an error; what was being written was not acknowledged. Check the disk."},
    {Event::reader_slow, "reader_slow", Level::warning,
     "A look into the store took over a second, which makes its file grow. The disk may be slow or worn."},
    {Event::certificate_made, "certificate_made", Level::notice, "The box made itself a new certificate."},
    {Event::certificate_shown, "certificate_shown", Level::notice,
     "Clients are shown another certificate from now on: whose it is, and by which name they are told to know the "
     "box."},
    {Event::certificate_unusable, "certificate_unusable", Level::error,
     "The administrator's own certificate, own.crt and own.key, cannot be shown to clients; they are shown the one "
     "that "
     "was there before as long as it is good, else that of the office's authority. Replace both files, or remove them; "
     "then `postern certificate reload`."},
    {Event::authority_changed, "authority_changed", Level::warning,
     "The office's certificate authority is being replaced, or was; what every device has to do is on the set-up "
     "page."},
    {Event::acme_failed, "acme_failed", Level::warning,
     "No certificate was to be had from the public authority; it is tried again, less and less often. Look at the "
     "settings that begin with acme."},
    {Event::setting_changed, "setting_changed", Level::notice, "An administrator changed a setting."},
    {Event::account_changed, "account_changed", Level::notice,
     "An administrator changed an account, an alias or a mailbox of the office."},
    {Event::addresses_unserved, "addresses_unserved", Level::warning,
     "The box is to hand out addresses (dhcp.serve) and does not; the reason says why. If another server does so on "
     "that "
     "network, either that one or this one has to be switched off."},
    {Event::unannounced, "unannounced", Level::warning,
     "What is to be announced of the box by multicast (mDNS) could not be written into the data directory. Devices "
     "that have "
     "it for a name server find it all the same."},
    {Event::box_asked, "box_asked", Level::notice,
     "The box was asked to do what the daemon may not; `postern box results` tells what came of it."},
    {Event::network_unwritten, "network_unwritten", Level::warning,
     "What the box's own address is to be (network.address) could not be written into the data directory; it keeps the "
     "one "
     "that it has."},
    {Event::journal_failed, "journal_failed", Level::warning,
     "What becomes of mail cannot be written down for `postern trace`; nothing else suffers. Check the disk."},
    {Event::backup_made, "backup_made", Level::notice, "A backup was made and read back."},
    {Event::backup_failed, "backup_failed", Level::warning,
     "No backup was made, for the reason given; those that are there are as they were."},
    {Event::backup_overdue, "backup_overdue", Level::error,
     "The last good backup is older than three times backup.interval: put the stick in, see `postern status` for why "
     "none was made, and try `postern backup --scheduled`."},
};

// Sorted as the enumeration is, so that an event is its row's number.
constexpr bool rows_in_order() {
    std::size_t position = 0;
    for (EventRow const& row : events)
        if (static_cast<std::size_t>(row.event) != position++) return false;
    return true;
}
static_assert(rows_in_order());

std::atomic<Level> most_verbose_level{Level::info};
std::atomic<LogObserver*> log_observer{nullptr};

// Plain where it can be; else quoted, with what could forge or hide something escaped.
void put_value(std::string& line, std::string_view value) {
    constexpr std::size_t longest = 512;
    bool plain = !value.empty();
    for (char const octet : value)
        plain = plain && octet > ' ' && octet < 0x7F && octet != '"' && octet != '\\' && octet != '=';
    if (plain && value.size() <= longest) {
        line += value;
        return;
    }
    line += '"';
    for (char const octet : value.substr(0, longest)) {
        auto const code = static_cast<unsigned char>(octet);
        if (octet == '"' || octet == '\\')
            line += {'\\', octet};
        else if (code < ' ' || code == 0x7F)
            line += std::format("\\x{:02x}", code);
        else
            line += octet;
    }
    if (value.size() > longest) line += "...";
    line += '"';
}

} // namespace

std::span<EventRow const> event_table() { return events; }

void set_log_level(Level most_verbose) { most_verbose_level = most_verbose; }

std::string log_line(Event event, std::span<Detail const> details) {
    std::string line(events[static_cast<std::size_t>(event)].name);
    for (Detail const& detail : details) {
        line += ' ';
        line += detail.key;
        line += '=';
        put_value(line, detail.value);
    }
    return line;
}

void observe_log(LogObserver* observer) { log_observer = observer; }

void log(Event event, std::initializer_list<Detail> details) {
    if (LogObserver* const observer = log_observer) observer->logged(event, std::span(details.begin(), details.size()));
    Level const level = events[static_cast<std::size_t>(event)].level;
    if (level > most_verbose_level) return;
    std::string const line =
        std::format("<{}>{}\n", static_cast<int>(level), log_line(event, std::span(details.begin(), details.size())));
    // One write a line, so that lines of several threads do not mix. Where the log is gone there is nobody to tell.
    [[maybe_unused]] ssize_t const written = ::write(STDERR_FILENO, line.data(), line.size());
}

} // namespace postern::core
