// One client's IMAP session (RFC 9051 and RFC 3501, with the extensions that capability.cpp names): input is framed,
// parsed, looked up in the table of commands (command_table.h), acted on, and answered, one command after another.
//
// - Each answer is preceded by what the selected mailbox's other sessions did (RFC 3501 §7, §5.2).
// - A change is answered once it is on flash. Nothing is said of a message that was not read from the store just then.
// - Bad input is answered BAD and the session goes on, until it was bad too often in a row.
#pragma once

#include "imap/answer.h"
#include "imap/enabled.h"
#include "imap/notifications.h"
#include "imap/selected.h"
#include "net/connection.h"
#include "office/capability_mask.h"
#include "office/login.h"
#include "office/mail_events.h"
#include "office/office.h"
#include "wire/imap_framing.h"
#include "wire/imap_parser.h"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace postern::imap {

// Holds the whole conversation and closes the connection.
asio::awaitable<void> serve(net::Connection& connection, office::Office& office);

// RFC 3501 §3; flags, since a command may be allowed in several.
enum class State : std::uint8_t { not_authenticated = 1, authenticated = 2, selected = 4, logout = 8 };

// What the actions of commands work on.
class Session {
public:
    Session(net::Connection& connection, office::Office& office);

    asio::awaitable<void> run();

    [[nodiscard]] net::Connection& connection() { return connection_; }
    [[nodiscard]] office::Office& office() { return office_; }
    [[nodiscard]] office::Storage& storage() { return office_.storage; }
    [[nodiscard]] core::Settings const& settings() const { return *settings_; }

    [[nodiscard]] State state() const;
    [[nodiscard]] std::string const& tag() const { return tag_; } // of the command that is being answered
    // Once authenticated:
    [[nodiscard]] office::Identity const& identity() const { return *identity_; }
    [[nodiscard]] store::AccountId account() const { return identity_->account; }
    [[nodiscard]] std::string const& login() const { return identity_->login; }
    [[nodiscard]] office::MailClient client() const {
        return {identity_->login, connection_.endpoints().peer_address, "imap"};
    }
    [[nodiscard]] Selected& selected() { return *selected_; } // in that state
    // Whether passwords may cross this connection.
    [[nodiscard]] bool confidential() const;
    [[nodiscard]] std::vector<std::string_view> capabilities() const; // valid as long as the session is
    // Whether this client or account is to do without that capability.
    [[nodiscard]] bool hides(std::string_view capability) const { return mask_.hides(capability); }
    // What a client says of itself. True if other capabilities are left for it than before.
    [[nodiscard]] bool introduce(std::string name, std::string version);

    void log_in(office::Identity identity);
    // RFC 8437: as if nobody had logged in yet; TLS stays.
    void log_off();
    // A password was wrong, or an exchange failed: after a few of them the session ends.
    void note_login_failure();
    void select(std::unique_ptr<Selected> mailbox) { selected_ = std::move(mailbox); }
    // RFC 9051 §6.3.2, RFC 7162 §3.2.11: before a SELECT or an EXAMINE, also one that fails. Says that what was told
    // until here was of the mailbox before.
    void leave_selected();
    // False if nothing was selected.
    bool deselect();
    // Says "* BYE reason" and ends the session after the command's answer.
    void log_out(std::string_view reason);

    // From now on, unless a mask hides it. QRESYNC brings CONDSTORE, and that tells HIGHESTMODSEQ if a mailbox is
    // selected (RFC 7162 §3.1).
    void enable(Extension extension);
    [[nodiscard]] bool has(Extension extension) const { return enabled_.has(extension); }
    // Whether mailbox names are UTF-8 on the wire (RFC 6855 §3, RFC 9051 §5.1).
    [[nodiscard]] bool utf8() const { return has(Extension::utf8_accept) || has(Extension::imap4rev2); }

    // Whether FETCH responses that nobody asked for tell the UID as an item (RFC 7162 §3.2.4, RFC 9051 §7.5.2, RFC 5465
    // §5.1): not where they are named by it.
    [[nodiscard]] bool tells_uid() const {
        return (has(Extension::condstore) || has(Extension::imap4rev2) || notifications_) && !has(Extension::uidonly);
    }

    // Whether so much more may be held until the command is answered. If not, no_room() is the answer.
    [[nodiscard]] bool make_room(std::size_t octets) { return memory_.resize(memory_.octets() + octets); }

    // Whether a command, or a piece of one, may be parsed.
    [[nodiscard]] bool make_room_for(wire::imap::Framed const& framed);
    // To sessions that asked for it: these entries of a mailbox ("": the server) of that account changed, or of
    // nobody's.
    void publish_metadata(store::AccountId account, std::string const& mailbox, std::span<std::string const> entries);

    // Untagged responses; they leave together with the answer, or earlier.
    void queue(std::string_view octets) { connection_.queue(octets); }
    void queue_whole(std::string octets) { connection_.queue_whole(std::move(octets)); }
    // "* FLAGS" and PERMANENTFLAGS, if the mailbox has keywords that the client was not told of.
    void announce_keywords(std::vector<std::string> const& keywords);
    // Tells what happened in the selected mailbox, if one is, elsewhere if NOTIFY asked for that, and what others
    // changed of annotations if the client asked for that. Expunges: not where the numbers must stay, unless NOTIFY has
    // them told at once; later, whatever the client wants; as it wants to know of them; or in any case, since they are
    // what it asked for.
    enum class Expunges : std::uint8_t { withheld, later, told, own };
    asio::awaitable<void> announce(Expunges expunges);

    // Raised when there may be something to tell, by whoever was asked to (listen).
    [[nodiscard]] std::shared_ptr<net::Event> const& news() const { return news_; }

    // RFC 5465: what the client is told unasked from now on; null as long as it never said.
    void notify(std::unique_ptr<Notifications> notifications);
    [[nodiscard]] Notifications* notifications() { return notifications_.get(); }
    [[nodiscard]] WatchedMailboxes::Client watching_client() const;
    // As the write of `writer`, Storage or LongWork, which outlives it: a change of mailboxes as such, or of the
    // messages of that one. With NOTIFY, the client is not told of what it did itself (RFC 5465 §5).
    template <typename Writer, typename Change>
    asio::awaitable<std::invoke_result_t<Change&, store::WriteTransaction&>> write_own(Writer& writer, Change change,
                                                                                       std::string name = {}) {
        using R = std::invoke_result_t<Change&, store::WriteTransaction&>;
        if (!notifications_ || !notifications_->watched) co_return co_await writer.write(std::move(change));
        struct Done {
            R result;
            Listing before;
            Listing after;
        };
        auto done = co_await writer.write(
            [scope = notifications_->watched->scope(), change = std::move(change),
             name = std::move(name)](store::WriteTransaction& transaction) mutable -> store::Result<Done> {
                Listing before = read_listing(transaction, scope, name);
                R result = change(transaction);
                if (!result) return std::unexpected(result.error());
                return Done{std::move(result), std::move(before), read_listing(transaction, scope, name)};
            });
        if (!done) co_return std::unexpected(done.error());
        notifications_->watched->take_own_change(done->before, done->after);
        co_return std::move(done->result);
    }
    // The client put these messages there itself: if that mailbox is selected, NOTIFY tells no more than that they
    // exist.
    void note_own_arrivals(store::UidValidity uid_validity, store::UidSet const& uids);

    // Input within a command. Nothing: the conversation is over, or there was no room for an APPEND's next piece, and
    // it was answered.
    asio::awaitable<std::optional<wire::imap::LineEvent>> next_line();
    // The same, and MoreNeeded when announce() may have something to say.
    asio::awaitable<std::optional<wire::imap::LineEvent>> next_line_or_news();
    asio::awaitable<std::optional<wire::imap::FrameEvent>> next_event();
    // Within a command that takes long: waits until the event is raised, and clears it; what the client says meanwhile
    // is kept for later. False: the client is gone, or the daemon stops, and the conversation is over.
    asio::awaitable<bool> wait_for(net::Event& event);
    // APPEND: asks for the message's octets that were announced, and has next_event hand them out.
    void accept_message();
    // Whatever was read of further commands is forgotten: for STARTTLS.
    void begin_again();
    // Answers the command with `answer` and compresses from there on; false if there is no memory for that.
    asio::awaitable<bool> start_compression(Answer answer);
    // The peer is gone, or cannot be told anything any more: no goodbye and no answer.
    void hang_up();

private:
    // What a wait for input came to: whether there is some. Otherwise the session ends, with a goodbye where one can
    // be said.
    bool take_input(net::Input input);
    [[nodiscard]] wire::imap::LineEvent feed_line();
    [[nodiscard]] bool hold_input();
    // From now on news() is raised for what the client wants to know at once.
    void listen();
    asio::awaitable<void> announce_selected(Expunges expunges);
    // The answer to a command that could not even be read.
    [[nodiscard]] Answer refusal(wire::imap::Refused const& refused) const;
    void greet();
    void mask();
    // RFC 4314 §5.1.1: which flags can be changed now, if the rights are others than the client was told of.
    void announce_rights();
    asio::awaitable<Answer> perform(wire::imap::Framed const& framed);
    asio::awaitable<void> finish(Answer answer);
    void listen_to_annotations();

    net::Connection& connection_;
    office::Office& office_;
    std::shared_ptr<core::Settings const> settings_;
    wire::imap::CommandFramer framer_;
    net::MemoryShare memory_; // of the command that is read or answered
    std::size_t taken_ = 0;   // of the input: what the last event's view lies in
    std::string tag_;
    bool numbers_stay_ = false; // nothing may be expunged for the client before the answer
    std::optional<office::Identity> identity_;
    office::SignIns::SignIn sign_in_; // while there is one
    office::MaskedClient client_;
    office::CapabilityMask mask_;
    std::shared_ptr<net::Event> const news_; // with the bells that raise it
    std::unique_ptr<Selected> selected_;
    std::unique_ptr<Notifications> notifications_;
    bool between_commands_ = false; // the next one is waited for
    Enabled enabled_;
    std::unique_ptr<office::MetadataNews::Listener> metadata_news_; // of who enabled METADATA, or wants it by NOTIFY
    std::string append_limit_;                                      // its capability (RFC 7889)
    bool over_ = false;
    bool hung_up_ = false;
    bool message_waits_ = false; // a message's octets were announced, and neither accepted nor refused yet
    bool message_synchronising_ = false;
    bool receiving_ = false; // the command under way had octets of a message accepted
    unsigned bad_in_a_row_ = 0;
    unsigned login_failures_ = 0;
};

} // namespace postern::imap
